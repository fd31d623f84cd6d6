/// What the account did besides earning; for exposure and turnover.
package struct MarketActivity: Hashable, Sendable {
    /// Periods in which a position was open.
    package var periodsInMarket: Int
    /// Value of all purchases and sales, in the unit of the equity.
    package var tradedValue: Double

    package init(periodsInMarket: Int, tradedValue: Double) {
        self.periodsInMarket = periodsInMarket
        self.tradedValue = tradedValue
    }
}

/// All figures of one return series with what they were made with.
///
/// A figure is nil where it is undefined: 0/0, too few periods, no benchmark. It is never NaN, but
/// it may be infinite (a profit factor without a loss).
package struct Metrics: Hashable, Sendable {
    package let conventions: MetricConventions
    /// The deepest drawdowns, deepest first, at most five.
    package let drawdowns: [DrawdownEpisode]
    var figures: Figures

    package subscript(metric: Metric) -> Double? { figures[metric] }

    /// The deepest drawdown; of depth zero at the start when there was none.
    package var maximumDrawdown: DrawdownEpisode {
        drawdowns.first ?? DrawdownEpisode(peakIndex: 0, troughIndex: 0, recoveryIndex: 0, depth: 0)
    }

    /// Of returns. `benchmark[i]` belongs to `returns[i]`; `elapsedDays` are calendar days from the
    /// start capital to the last period.
    package init(
        returns: [Double], benchmark: [Double]? = nil, _ conventions: MetricConventions,
        elapsedDays: Double? = nil, activity: MarketActivity? = nil
    ) {
        var accumulator = ReturnAccumulator(conventions)
        accumulator.add(returns: returns.span)
        self.init(accumulator, returns, benchmark, elapsedDays, activity)
    }

    /// Of an equity curve, whose first mark is the start capital; `benchmark[i]` is the benchmark's
    /// return to `equity[i + 1]`. Drawdowns are read from the marks themselves.
    package init(
        equity: [Double], benchmark: [Double]? = nil, _ conventions: MetricConventions,
        elapsedDays: Double? = nil, activity: MarketActivity? = nil
    ) {
        var accumulator = ReturnAccumulator(conventions, start: equity.first ?? 1)
        let returns = zip(equity, equity.dropFirst()).map(ReturnAccumulator.growth)
        accumulator.add(equity: equity.span.extracting(droppingFirst: 1), returns: returns.span)
        self.init(accumulator, returns, benchmark, elapsedDays, activity)
    }

    private init(
        _ accumulator: ReturnAccumulator, _ returns: [Double], _ benchmark: [Double]?,
        _ elapsedDays: Double?, _ activity: MarketActivity?
    ) {
        self.init(accumulator, elapsedDays: elapsedDays, activity: activity)
        guard accumulator.isSound else { return }
        let tails = ReturnTails(returns.span, threshold: figures[.valueAtRiskNormal])
        tails.fill(&figures)
        if let benchmark {
            var beside = BenchmarkAccumulator()
            beside.add(returns: returns.span, benchmark: benchmark.span)
            beside.fill(&figures, total: accumulator.total, conventions)
        }
    }

    /// Of what was fed one by one: everything but the quantiles and the benchmark.
    package init(
        _ accumulator: ReturnAccumulator, elapsedDays: Double? = nil,
        activity: MarketActivity? = nil
    ) {
        conventions = accumulator.conventions
        drawdowns = accumulator.isSound ? accumulator.drawdowns.worst : []
        figures = Figures()
        figures[.periods] = Double(accumulator.periods)
        guard accumulator.isSound else { return }
        accumulator.fillReturns(&figures, elapsedDays: elapsedDays)
        accumulator.fillRatios(&figures)
        accumulator.fillDrawdown(&figures)
        accumulator.fillPeriods(&figures)
        accumulator.fillShape(&figures)
        if let activity { accumulator.fillActivity(&figures, activity) }
    }
}
