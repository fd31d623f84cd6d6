package import Market

/// Limits over all slots together, looked at on fixed points of the tape.
package struct OverallLimits: Hashable, Sendable {
    package enum Rule: String, Hashable, Sendable, Codable, CaseIterable {
        case maxGrossExposure = "max_gross_exposure"
        case maxNetExposure = "max_net_exposure"
        case maxDrawdown = "max_drawdown"
    }

    /// What a breach does, to every slot.
    package enum Action: String, Hashable, Sendable, Codable, CaseIterable {
        /// No slot opens anything until the limit is kept again; what reduces a position is
        /// accepted.
        case hold
        /// Every order is cancelled and every position closed; trading goes on.
        case flatten
        /// The kill switch: the same, and trading is over.
        case kill
    }

    package struct Limit: Hashable, Sendable {
        package var rule: Rule
        /// Of the sum of all slots' equity; of a drawdown, of its peak.
        package var rate: Rate
        package var action: Action
    }

    /// Correlations of the slots' returns are reported.
    package struct Correlation: Hashable, Sendable {
        /// Nanoseconds of one return.
        package var every: Int64 = 86_400_000_000_000
        /// Returns that are looked at together.
        package var window = 60
    }

    /// Nanoseconds: what is looked at after everything up to each multiple since 1970.
    package var check: Int64 = 60_000_000_000
    package var limits: [Limit] = []
    package var correlation: Correlation?

    package init() {}
}

extension OverallLimits.Rule {
    /// What a breach does where nothing is written.
    var usualAction: OverallLimits.Action { self == .maxDrawdown ? .kill : .hold }
}
