/// One member's word about one instrument, with what it weighs.
struct Ballot: Hashable {
    /// -1...1.
    var forecast: Double
    /// 0...1.
    var confidence = 1.0
    /// Nil where the rule has no measure of the member yet.
    var weight: Double? = 1

    /// +1, -1, or 0.
    fileprivate var side: Int { forecast > 0 ? 1 : forecast < 0 ? -1 : 0 }
}

/// The rules that make one signal in -1...1 of several. In each of them opposite words take from
/// each other, so that a conflict makes the position smaller. Sums are taken in the order of the
/// members.
enum Combining {
    /// (those for - those against) / all who vote.
    static func vote(_ ballots: [Ballot]) -> Double {
        ballots.isEmpty ? 0 : Double(ballots.reduce(0) { $0 + $1.side }) / Double(ballots.count)
    }

    /// Nothing while fewer than `least` want the stronger side; else (those for - those against) /
    /// those for, with the side's sign.
    static func vote(_ ballots: [Ballot], atLeast least: Int) -> Double {
        let up = ballots.count { $0.side > 0 }
        let down = ballots.count { $0.side < 0 }
        let most = max(up, down)
        guard most >= max(1, least) else { return 0 }
        return Double(up - down) / Double(most)
    }

    /// Sum(c f) / sum(c): every forecast by its confidence.
    static func confidence(_ ballots: [Ballot]) -> Double {
        mean(ballots.map { ($0.forecast, $0.confidence) })
    }

    /// Sum(w f) / sum(w). While a member has no measure, every member weighs the same.
    static func weighted(_ ballots: [Ballot]) -> Double {
        let isMeasured = ballots.allSatisfy { $0.weight != nil }
        return mean(ballots.map { ($0.forecast, isMeasured ? $0.weight ?? 0 : 1) })
    }

    private static func mean(_ terms: [(value: Double, weight: Double)]) -> Double {
        let total = terms.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return 0 }
        return terms.reduce(0) { $0 + $1.weight * $1.value } / total
    }
}
