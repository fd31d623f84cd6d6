/// What limits over all slots have seen and done. Shares are of the sum of all slots' equity.
package struct OverallResult: Hashable, Sendable, Codable {
    package struct Breach: Hashable, Sendable, Codable {
        package var time: Moment
        package var rule: OverallLimits.Rule
        package var action: OverallLimits.Action
        package var measured: Double
        package var allowed: Double
    }

    package struct Correlation: Hashable, Sendable, Codable {
        /// Returns in the window, and how long one is.
        package var window: Int
        package var every: String
        /// Of all pairs, in the last window.
        package var average: Double
        /// The largest such average, and the end of its window.
        package var largestAverage: Double
        package var largestAt: Moment
        /// Of the first strategies: their correlations in the last window; null for one that does
        /// not move.
        package var names: [String]
        package var matrix: [[Double?]]

        private enum CodingKeys: String, CodingKey {
            case window, every, average, names, matrix
            case largestAverage = "largest_average"
            case largestAt = "largest_at"
        }
    }

    static let breachesKept = 20

    package var checks = 0
    /// Of them, those at which a strategy was late and counted with its last known figures; nil
    /// without one.
    package var lateChecks: Int?
    package var largestGross = 0.0
    package var largestNet = 0.0
    /// The deepest, from a peak seen at a check.
    package var drawdown = 0.0
    package var breachCount = 0
    /// The first of them, and the one that ended all trading.
    package var breaches: [Breach] = []
    package var correlation: Correlation?

    init() {}

    private enum CodingKeys: String, CodingKey {
        case checks, drawdown, breaches, correlation
        case largestGross = "largest_gross"
        case largestNet = "largest_net"
        case breachCount = "breach_count"
        case lateChecks = "late_checks"
    }
}
