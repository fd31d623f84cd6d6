import Analysis
import Kernel
import Market

/// The metrics of one slot, made of what its tally kept.
struct SlotFigures {
    let metrics: Metrics
    let trades: TradeStatistics
    let exitReasons: [SlotResult.ExitReason]
    let months: CalendarReturns
    let falls: [SlotResult.Fall]
    let bestPeriods: [SlotResult.Period]
    let worstPeriods: [SlotResult.Period]
    let distribution: ReturnDistribution
    let benchmark: SlotResult.Benchmark?
    let curve: [SlotResult.Point]

    /// Bins of the distribution, and points of the curve.
    private static let binCount = 21
    private static let pointCount = 240
    private static let extremeCount = 5

    init(_ slot: Slot, _ configuration: DeckConfiguration) {
        let tally = slot.tally
        let scale = DecimalScale(exponent: -slot.plan.settings.currency.exponent)
        let equity =
            [scale.value(of: slot.plan.settings.cash.rawValue)]
            + tally.samples.map { scale.value(of: $0.equity) }
        let hasBenchmark = tally.benchmark?.first != nil
        let days = tally.samples.map { Int(Timestamp(nanoseconds: $0.time - 1).date.dayNumber) }
        let returns = zip(equity, equity.dropFirst()).map { $0 > 0 ? $1 / $0 - 1 : 0 }
        metrics = Metrics(
            equity: equity, benchmark: hasBenchmark ? Self.benchmarkReturns(tally) : nil,
            Self.conventions(slot, configuration), elapsedDays: Self.elapsedDays(slot),
            activity: MarketActivity(
                periodsInMarket: tally.periodsInMarket,
                tradedValue: tally.traded * scale.value(of: 1)))
        trades = tally.trades.statistics(equity: Array(equity.dropFirst()))
        exitReasons = trades.byExitReason.map { found in
            SlotResult.ExitReason(
                reason: found.reason, trades: found.group.trades, net: found.group.net,
                winRate: found.group.winRate)
        }
        months = CalendarReturns(returns: returns, days: days) { day in
            let date = CivilDate(dayNumber: Int32(day)).components
            return (date.year, date.month)
        }
        falls = Self.falls(metrics, slot)
        let extremes = ExtremePeriods(returns: returns, count: Self.extremeCount)
        bestPeriods = extremes.best.map { Self.period($0, tally) }
        worstPeriods = extremes.worst.map { Self.period($0, tally) }
        distribution = ReturnDistribution(returns: returns, bins: Self.binCount)
        benchmark = hasBenchmark ? Self.benchmark(tally, configuration) : nil
        curve = Self.curve(tally, scale)
    }

    private static func benchmark(
        _ tally: SlotTally, _ configuration: DeckConfiguration
    ) -> SlotResult.Benchmark? {
        guard let track = tally.benchmark else { return nil }
        return SlotResult.Benchmark(
            symbol: configuration.outline.instruments[Int(track.instrument)].symbol,
            totalReturn: (tally.samples.last?.benchmark ?? 1) - 1)
    }

    private static func benchmarkReturns(_ tally: SlotTally) -> [Double] {
        var last = 1.0
        return tally.samples.map { sample in
            defer { last = sample.benchmark }
            return last > 0 ? sample.benchmark / last - 1 : 0
        }
    }

    /// By the calendar that counts for the slot, or for its first instrument.
    private static func conventions(
        _ slot: Slot, _ configuration: DeckConfiguration
    ) -> MetricConventions {
        let first = slot.plan.instruments.first.map {
            configuration.outline.instruments[Int($0)].calendar
        }
        let name = slot.plan.calendar ?? first ?? "24/7"
        let calendar: TradingCalendar
        do {
            calendar = try TradingCalendar.named(name)
        } catch {
            calendar = .always
        }
        var periods = calendar.sessionsPerYear
        if slot.plan.settings.equitySampling == .bar, let frame = slot.plan.timeFrames.first {
            periods = calendar.periodsPerYear(TimeFrame(rawValue: frame))
        }
        return MetricConventions(
            periodsPerYear: periods, riskFreeAnnual: configuration.metrics.riskFreeRate)
    }

    private static func elapsedDays(_ slot: Slot) -> Double? {
        guard let first = slot.firstTime, let last = slot.tally.samples.last else { return nil }
        return Double(last.time - first.rawValue) / 86_400e9
    }

    private static func falls(_ metrics: Metrics, _ slot: Slot) -> [SlotResult.Fall] {
        let samples = slot.tally.samples
        // Place 0 is the start capital, place i the sample i - 1.
        func moment(_ place: Int) -> Moment {
            let start = slot.firstTime ?? Timestamp(nanoseconds: samples.first?.time ?? 0)
            return Moment(place == 0 ? start : Timestamp(nanoseconds: samples[place - 1].time))
        }
        return metrics.drawdowns.filter { $0.depth < 0 }.map { fall in
            SlotResult.Fall(
                depth: fall.depth, peak: moment(fall.peakIndex), trough: moment(fall.troughIndex),
                recovery: fall.recoveryIndex.map(moment),
                periods: (fall.recoveryIndex ?? samples.count) - fall.peakIndex)
        }
    }

    private static func period(
        _ period: ExtremePeriods.Period, _ tally: SlotTally
    ) -> SlotResult.Period {
        SlotResult.Period(
            time: Moment(Timestamp(nanoseconds: tally.samples[period.index].time)),
            value: period.value)
    }

    /// Evenly spaced by sample; the first and the last are always there.
    private static func curve(_ tally: SlotTally, _ scale: DecimalScale) -> [SlotResult.Point] {
        let count = min(pointCount, tally.samples.count)
        return (0..<count).map { index in
            let place = count > 1 ? index * (tally.samples.count - 1) / (count - 1) : 0
            let sample = tally.samples[place]
            return SlotResult.Point(
                time: Moment(Timestamp(nanoseconds: sample.time)),
                equity: scale.value(of: sample.equity))
        }
    }
}
