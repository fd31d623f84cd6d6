package import Market

/// A limit that was broken, and what its settings want done.
package struct RiskBreach: Hashable, Sendable {
    package var rule: RiskSettings.Rule
    package var action: RiskSettings.Action
    /// What orders that it refuses or sends carry.
    package var reason: Reason
    /// `InstrumentID.max` where the rule is about the whole portfolio.
    package var instrument: InstrumentID
    /// In the rule's own unit: a share, a number, a ratio, or money and quantities in their units.
    package var measured: Double
    package var allowed: Double

    package func record(sequence: UInt64, time: Timestamp) -> BreachRecord {
        BreachRecord(
            sequence: sequence, time: time, rule: rule, action: action, instrument: instrument,
            measured: measured, allowed: allowed)
    }
}
