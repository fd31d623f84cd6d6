/// What the round trips of an account came to, all and by kind.
package struct TradeStatistics: Hashable, Sendable {
    package struct ExitReason: Hashable, Sendable {
        package let reason: String
        package let group: TradeGroup
    }

    package let all: TradeGroup
    package let long: TradeGroup
    package let short: TradeGroup
    /// Most trades first; of equals by name.
    package let byExitReason: [ExitReason]
    /// sqrt(n) mean / deviation (n - 1) of the net results; nil without deviation. Tharp's system
    /// quality number, which is the t statistic of the mean.
    package let systemQuality: Double?
    package let excursions: ExcursionSummary
    /// The deepest fall below a high of the equity, in money, and as a fraction of that high. The
    /// two need not be the same fall.
    package let drawdownMoney: Double
    package let drawdownFraction: Double
    /// Bars from entry to exit, both included, counted once however many trades were open.
    package let barsInMarket: Int
    package let bars: Int

    /// `equity` has a mark for each bar; `openSince` are the entry bars of positions open at the
    /// end.
    package init(_ outcomes: [TradeOutcome], equity: [Double], openSince: [Int] = []) {
        let trades = TradeStatistics.inOrderOfExit(outcomes)
        var (all, long, short) = (TradeGroup(), TradeGroup(), TradeGroup())
        var moments = Moments()
        for trade in trades {
            all.add(trade)
            switch trade.side {
            case .long: long.add(trade)
            case .short: short.add(trade)
            }
            moments.add(trade.net)
        }
        self.all = all
        self.long = long
        self.short = short
        byExitReason = TradeStatistics.groups(trades)
        systemQuality = perRisk(all.expectancy, moments.deviation(ddof: 1))
            .map { $0 * Double(trades.count).squareRoot() }
        excursions = ExcursionSummary(trades)
        (drawdownMoney, drawdownFraction) = TradeStatistics.drawdown(equity)
        let open = openSince.map { $0...max($0, equity.count - 1) }
        barsInMarket = union(trades.map { $0.entryIndex...max($0.entryIndex, $0.exitIndex) } + open)
        bars = equity.count
    }

    /// Net profit of closed trades over the deepest fall in money.
    package var recoveryFactor: Double? {
        all.trades > 0 ? quotient(all.net, drawdownMoney) : nil
    }

    package var exposure: Double? { quotient(Double(barsInMarket), Double(bars)) }

    /// By exit, then entry, then as given.
    private static func inOrderOfExit(_ outcomes: [TradeOutcome]) -> [TradeOutcome] {
        // As they are from one account.
        let isOrdered = outcomes.indices.dropFirst().allSatisfy { place in
            (outcomes[place - 1].exitIndex, outcomes[place - 1].entryIndex)
                <= (outcomes[place].exitIndex, outcomes[place].entryIndex)
        }
        if isOrdered { return outcomes }
        return outcomes.enumerated().sorted { a, b in
            (a.element.exitIndex, a.element.entryIndex, a.offset)
                < (b.element.exitIndex, b.element.entryIndex, b.offset)
        }.map(\.element)
    }

    private static func groups(_ trades: [TradeOutcome]) -> [ExitReason] {
        // Reasons are few.
        var reasons: [String] = []
        var groups: [TradeGroup] = []
        for trade in trades {
            var place = 0
            while place < reasons.count, reasons[place] != trade.exitReason { place += 1 }
            if place == reasons.count {
                reasons.append(trade.exitReason)
                groups.append(TradeGroup())
            }
            groups[place].add(trade)
        }
        return zip(reasons, groups).map { ExitReason(reason: $0, group: $1) }
            .sorted { ($1.group.trades, $0.reason) < ($0.group.trades, $1.reason) }
    }

    private static func drawdown(_ equity: [Double]) -> (money: Double, fraction: Double) {
        var (peak, money, fraction) = (-Double.infinity, 0.0, 0.0)
        for mark in equity {
            peak = max(peak, mark)
            money = max(money, peak - mark)
            if peak > 0 { fraction = max(fraction, (peak - mark) / peak) }
        }
        return (money, fraction)
    }
}

/// How far trades went against and for their owner before they ended. Money, unrealised.
package struct ExcursionSummary: Hashable, Sendable {
    /// Mean of the worst moments of all trades, and of those that won in the end: at most zero.
    package let averageWorst: Double?
    package let averageWorstOfWins: Double?
    package let deepestWorst: Double?
    /// Mean of the best moments of all trades, and of those that lost in the end: at least zero.
    package let averageBest: Double?
    package let averageBestOfLosses: Double?
    package let highestBest: Double?

    init(_ trades: [TradeOutcome]) {
        func mean(_ values: [Double]) -> Double? {
            quotient(values.reduce(0, +), Double(values.count))
        }
        averageWorst = mean(trades.map(\.worstExcursion))
        averageWorstOfWins = mean(trades.filter { $0.net > 0 }.map(\.worstExcursion))
        deepestWorst = trades.map(\.worstExcursion).min()
        averageBest = mean(trades.map(\.bestExcursion))
        averageBestOfLosses = mean(trades.filter { $0.net < 0 }.map(\.bestExcursion))
        highestBest = trades.map(\.bestExcursion).max()
    }

    /// Average best over average worst moment: above one, trades went further for than against.
    package var edgeRatio: Double? { quotient(averageBest, averageWorst.map { -$0 }) }
}

/// How many integers lie in at least one of the ranges.
private func union(_ ranges: [ClosedRange<Int>]) -> Int {
    var count = 0
    var next = Int.min
    let isOrdered = ranges.indices.dropFirst().allSatisfy { ranges[$0 - 1].lowerBound <= ranges[$0].lowerBound }
    for range in isOrdered ? ranges : ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        let first = max(next, range.lowerBound)
        if range.upperBound >= first {
            count += range.upperBound - first + 1
            next = range.upperBound + 1
        }
    }
    return count
}
