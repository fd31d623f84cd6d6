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
        var trades = TradeAccumulator()
        for trade in TradeStatistics.inOrderOfExit(outcomes) { trades.add(trade) }
        self = trades.statistics(equity: equity, openSince: openSince)
    }

    init(
        all: TradeGroup, long: TradeGroup, short: TradeGroup, byExitReason: [ExitReason],
        deviation: Double?,
        excursions: ExcursionSummary, barsInMarket: Int, equity: [Double]
    ) {
        self.all = all
        self.long = long
        self.short = short
        self.byExitReason = byExitReason
        systemQuality = perRisk(all.expectancy, deviation).map {
            $0 * Double(all.trades).squareRoot()
        }
        self.excursions = excursions
        (drawdownMoney, drawdownFraction) = TradeStatistics.drawdown(equity)
        self.barsInMarket = barsInMarket
        bars = equity.count
    }

    /// Net profit of closed trades over the deepest fall in money.
    package var recoveryFactor: Double? {
        all.trades > 0 ? quotient(all.net, drawdownMoney) : nil
    }

    package var exposure: Double? { quotient(Double(barsInMarket), Double(bars)) }

    /// By exit, then entry, then as given.
    private static func inOrderOfExit(_ outcomes: [TradeOutcome]) -> [TradeOutcome] {
        outcomes.enumerated().sorted { a, b in
            (a.element.exitIndex, a.element.entryIndex, a.offset)
                < (b.element.exitIndex, b.element.entryIndex, b.offset)
        }.map(\.element)
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

    /// Average best over average worst moment: above one, trades went further for than against.
    package var edgeRatio: Double? { quotient(averageBest, averageWorst.map { -$0 }) }
}
