/// Takes trades in the order in which they end, and keeps of them what their statistics need:
/// memory does not grow with their number.
package struct TradeAccumulator: Sendable {
    private var all = TradeGroup()
    private var long = TradeGroup()
    private var short = TradeGroup()
    private var moments = Moments()
    private var excursions = ExcursionSums()
    private var reasons: [String] = []
    private var groups: [TradeGroup] = []
    /// Trades that ended in the newest bar: which of them counts first is known when it is over.
    private var newest: [TradeOutcome] = []
    /// One bit a bar: some trade was open.
    private var inMarket: [UInt64] = []

    package init() {}

    /// Exit indices never become less. Of equal ones the entry counts, then the order as given.
    package mutating func add(_ trade: consuming TradeOutcome) {
        // Most bars end one trade at most.
        if newest.count == 1, trade.exitIndex != newest[0].exitIndex {
            swap(&newest[0], &trade)
            return count(trade)
        }
        if !newest.isEmpty, trade.exitIndex != newest[0].exitIndex { count() }
        newest.append(trade)
        // They nearly always come in order.
        var place = newest.count - 1
        while place > 0, newest[place - 1].entryIndex > newest[place].entryIndex {
            newest.swapAt(place - 1, place)
            place -= 1
        }
    }

    private mutating func count() {
        for place in newest.indices { count(newest[place]) }
        newest.removeAll(keepingCapacity: true)
    }

    private mutating func count(_ trade: TradeOutcome) {
        all.add(trade)
        switch trade.side {
        case .long: long.add(trade)
        case .short: short.add(trade)
        }
        moments.add(trade.net)
        excursions.add(trade)
        // Reasons are few.
        var place = 0
        while place < reasons.count, reasons[place] != trade.exitReason { place += 1 }
        if place == reasons.count {
            reasons.append(trade.exitReason)
            groups.append(TradeGroup())
        }
        groups[place].add(trade)
        mark(from: trade.entryIndex, through: max(trade.entryIndex, trade.exitIndex))
    }

    private mutating func mark(from first: Int, through last: Int) {
        while inMarket.count <= last >> 6 { inMarket.append(0) }
        var bar = first
        while bar <= last {
            let end = min(last, bar | 63)
            let width = UInt64(end - bar + 1)
            inMarket[bar >> 6] |= (width == 64 ? .max : (1 << width) - 1) << UInt64(bar & 63)
            bar = end + 1
        }
    }

    /// What they came to. `equity` has a mark for each bar; what ended after the last counts for
    /// it. `openSince` are the entry bars of positions open at the end.
    package func statistics(equity: [Double], openSince: [Int] = []) -> TradeStatistics {
        var whole = self
        whole.count()
        for entry in openSince { whole.mark(from: entry, through: max(entry, equity.count - 1)) }
        return TradeStatistics(
            all: whole.all, long: whole.long, short: whole.short, byExitReason: whole.byExitReason,
            deviation: whole.moments.deviation(ddof: 1), excursions: whole.excursions.summary,
            barsInMarket: whole.barsInMarket(of: equity.count), equity: equity)
    }

    private var byExitReason: [TradeStatistics.ExitReason] {
        zip(reasons, groups).map { TradeStatistics.ExitReason(reason: $0, group: $1) }
            .sorted { ($1.group.trades, $0.reason) < ($0.group.trades, $1.reason) }
    }

    /// Bars up to the last of `count`, for which all that came after it counts; without any, all.
    private func barsInMarket(of count: Int) -> Int {
        let all = inMarket.reduce(0) { $0 + $1.nonzeroBitCount }
        guard count > 0, count < inMarket.count * 64 else { return all }
        var before = 0
        for place in 0..<count >> 6 { before += inMarket[place].nonzeroBitCount }
        before += (inMarket[count >> 6] & ((1 << UInt64(count & 63)) - 1)).nonzeroBitCount
        let last = count - 1
        let hasLast = inMarket[last >> 6] & (1 << UInt64(last & 63)) != 0
        return before + (all > before && !hasLast ? 1 : 0)
    }
}

/// Sums and extremes of excursions, in the order in which trades count.
private struct ExcursionSums: Sendable {
    private var worst = 0.0
    private var worstOfWins = 0.0
    private var best = 0.0
    private var bestOfLosses = 0.0
    private var deepest: Double?
    private var highest: Double?
    private var trades = 0
    private var wins = 0
    private var losses = 0

    mutating func add(_ trade: TradeOutcome) {
        trades += 1
        worst += trade.worstExcursion
        best += trade.bestExcursion
        deepest = min(deepest ?? trade.worstExcursion, trade.worstExcursion)
        highest = max(highest ?? trade.bestExcursion, trade.bestExcursion)
        if trade.net > 0 {
            wins += 1
            worstOfWins += trade.worstExcursion
        } else if trade.net < 0 {
            losses += 1
            bestOfLosses += trade.bestExcursion
        }
    }

    var summary: ExcursionSummary {
        ExcursionSummary(
            averageWorst: quotient(worst, Double(trades)),
            averageWorstOfWins: quotient(worstOfWins, Double(wins)),
            deepestWorst: deepest, averageBest: quotient(best, Double(trades)),
            averageBestOfLosses: quotient(bestOfLosses, Double(losses)), highestBest: highest)
    }
}
