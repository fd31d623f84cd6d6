/// How a slot makes one signal of other slots' signals.
package struct EnsemblePlan: Hashable, Sendable {
    package enum Rule: String, Hashable, Sendable, Codable, CaseIterable {
        case vote, confidence
        case inverseVolatility = "inverse_volatility"
        case performance, regime

        /// Whether it measures its members over a window.
        var isMeasured: Bool {
            self == .inverseVolatility || self == .performance || self == .regime
        }
    }

    /// Names of slots, in the order of the configuration.
    package var members: [String]
    package var rule = Rule.vote
    /// Of a vote: how many members must want the same side; nil for a plain vote.
    package var atLeast: Int?
    /// The slot whose signal names the regime.
    package var regime: String?
    /// Nanoseconds of one return, and how many of them are looked at.
    package var every: Int64 = 86_400_000_000_000
    package var window = 60
    /// The position is changed when the combined signal moved by as much, or changed its side.
    package var leastChange = 0.05
    /// What its members are shown of its instruments.
    package var series: [Subscription.Series] = []

    package init(members: [String]) { self.members = members }

    /// All that it listens to; the slot of the regime comes last.
    var heard: [String] { members + (regime.map { [$0] } ?? []) }
}
