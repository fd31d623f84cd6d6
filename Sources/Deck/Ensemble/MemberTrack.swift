/// How an ensemble's members did over the last periods, by the equity of their own portfolios; and
/// what that makes them weigh.
struct MemberTrack {
    /// Which member was best.
    enum Best: Hashable {
        /// There is too little to tell.
        case unknown
        /// None gained.
        case none
        case member(Int)
    }

    /// One period: each member's return, nil where it was not there; and the regimes at its
    /// beginning.
    private struct Row {
        var returns: [Double?]
        var labels: [Int?]
    }

    /// Periods of a regime that it takes to rank members.
    static let leastOfRegime = 5

    private let rule: EnsemblePlan.Rule
    private let window: Int
    private var last: [Int64?]
    private var labels: [Int?] = []
    private var rows: [Row] = []
    private(set) var weights: [Double?]

    init(_ plan: EnsemblePlan) {
        rule = plan.rule
        window = plan.window
        last = plan.members.map { _ in nil }
        weights = plan.members.map { _ in nil }
    }

    var periods: Int { rows.count }

    /// Of those rules that weigh; nil while there is no measure.
    func weight(_ member: Int) -> Double? {
        rule == .inverseVolatility || rule == .performance ? weights[member] : 1
    }

    /// The same where the rule measures at all.
    func measuredWeight(_ member: Int) -> Double? {
        rule == .inverseVolatility || rule == .performance ? weights[member] : nil
    }

    /// The end of a period, and the beginning of the next.
    mutating func measure(_ equity: [Int64?], _ labels: [Int?]) {
        if last.contains(where: { $0 != nil }) {
            let returns = zip(equity, last).map { now, then -> Double? in
                guard let now, let then, then > 0 else { return nil }
                return Double(now) / Double(then) - 1
            }
            rows.append(Row(returns: returns, labels: self.labels))
            if rows.count > window { rows.removeFirst() }
        }
        last = equity
        self.labels = labels
        weights = equity.indices.map(weigh)
    }

    private func weigh(_ member: Int) -> Double? {
        let returns = rows.compactMap { $0.returns[member] }
        guard returns.count == window else { return nil }
        switch rule {
        case .inverseVolatility: return Self.inverseVolatility(returns)
        case .performance: return Self.performance(returns)
        case .vote, .confidence, .regime: return 1
        }
    }

    /// 1 / s, with s the sample's standard deviation; nothing for equity that did not move. Weights
    /// in proportion to it give every member the same risk where all correlations are equal
    /// (Maillard, Roncalli, Teiletche 2010).
    static func inverseVolatility(_ returns: [Double]) -> Double {
        let deviation = moments(returns).deviation
        return deviation > 0 ? 1 / deviation : 0
    }

    /// The larger of 0 and m / s, the Sharpe ratio of one period (Sharpe 1966) without a risk-free
    /// rate.
    static func performance(_ returns: [Double]) -> Double {
        let (mean, deviation) = moments(returns)
        return deviation > 0 ? max(0, mean / deviation) : 0
    }

    private static func moments(_ returns: [Double]) -> (mean: Double, deviation: Double) {
        let mean = returns.reduce(0, +) / Double(returns.count)
        let squares = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(returns.count - 1)).squareRoot())
    }

    /// The member with the highest mean return over those periods of the window that began in a
    /// regime. Of equals the first.
    func best(in label: Int?, _ place: Int) -> Best {
        guard let label else { return .unknown }
        let own = rows.filter { $0.labels.indices.contains(place) && $0.labels[place] == label }
        guard own.count >= Self.leastOfRegime else { return .unknown }
        var best: (member: Int, mean: Double)?
        for member in weights.indices {
            let returns = own.compactMap { $0.returns[member] }
            guard returns.count == own.count else { continue }
            let mean = returns.reduce(0, +) / Double(returns.count)
            if mean > best?.mean ?? 0 { best = (member, mean) }
        }
        return best.map { .member($0.member) } ?? .none
    }
}
