import CTapedeck
import Kernel
import Market
import StrategyHost

/// What one slot must be played, worked out of its plan.
struct SlotDemand {
    let plan: SlotPlan
    /// Its own, with the calendar that counts for it.
    let instruments: [Instrument]
    /// Without calendars, which only the run can number.
    var subscription: Subscription
    /// Nil where the run begins with the tape.
    var history: SlotHistory?
    /// By the slot's instruments: what orders meet, as a portfolio wants it told.
    private let matched: [UInt32]
    /// By the slot's instruments: the longer bars that stand in where those are missing; zero for
    /// none.
    private let standIns: [UInt32]
    /// What its strategy does not trade: pairs that give the rates of its currencies, and what its
    /// positions may become.
    private let pairs: [InstrumentID]
    /// Nil where the strategy is shown all that it is played.
    let filter: EventFilter?

    init(_ plan: SlotPlan, _ outline: FeedOutline) {
        self.plan = plan
        instruments = plan.instruments.map { id in
            var instrument = outline.instruments[Int(id)]
            if let calendar = plan.calendar { instrument.calendar = calendar }
            return instrument
        }
        let manifest = plan.plugin.manifest
        var series: [Subscription.Series] = []
        var matched: [UInt32] = []
        var standIns: [UInt32] = []
        var isShownAll = true
        for id in plan.instruments {
            let shown =
                plan.ensemble.map { $0.series.filter { $0.instrument == id } }
                ?? Self.shown(id, plan, manifest)
            let finest = outline.frames[Int(id)].first
            series += shown
            let bars = shown.filter { $0.type == UInt8(TD_EVENT_BAR) }
            var matching = bars.map(\.timeframe).min() ?? 0
            let wantsDetail = plan.settings.execution.intrabar == .detail && matching > 0
            let ticks = Self.ticks(id, outline)
            if !ticks.isEmpty, wantsDetail || Self.tradesTicks(shown, id, outline) {
                series += ticks
                isShownAll = isShownAll && Set(ticks).isSubset(of: shown)
                matched.append(matching | Portfolio.ticks)
                standIns.append(0)
                continue
            }
            // Something must match and mark, whatever the strategy looks at.
            if let finest, wantsDetail ? finest < matching : shown.isEmpty {
                series.append(
                    Subscription.Series(
                        instrument: id, type: UInt8(TD_EVENT_BAR), timeframe: finest))
                standIns.append(wantsDetail ? matching : 0)
                matching = finest
                isShownAll = false
            } else {
                standIns.append(0)
            }
            matched.append(matching)
        }
        pairs = Self.pairs(plan, outline)
        for id in pairs {
            let finest = outline.frames[Int(id)].first
            series +=
                finest.map {
                    [
                        Subscription.Series(
                            instrument: id, type: EventKind.bar.rawValue, timeframe: $0)
                    ]
                }
                ?? Self.ticks(id, outline)
            matched.append(finest ?? 0)
            isShownAll = false
        }
        self.matched = matched
        self.standIns = standIns
        subscription = Subscription(series: series, calendars: [])
        filter =
            isShownAll
            ? nil : EventFilter(manifest.subscribes, timeFrames: plan.timeFrames, hidden: pairs)
    }

    /// Ascending.
    private static func pairs(_ plan: SlotPlan, _ outline: FeedOutline) -> [InstrumentID] {
        let base = plan.settings.currency
        let heirs = outline.heirs(of: plan.instruments)
        let all = (plan.instruments + heirs).flatMap { id in
            Books.pairs(from: outline.instruments[Int(id)].currency, to: base, outline.instruments)
        }
        return Set(all + heirs).subtracting(plan.instruments).sorted()
    }

    /// Trades, quotes and levels of an instrument that the tape has.
    private static func ticks(_ id: InstrumentID, _ outline: FeedOutline) -> [Subscription.Series] {
        outline.ticks[Int(id)].map { Subscription.Series(instrument: id, type: $0) }
    }

    /// Whether the strategy looks at the instrument's ticks, or at bars that are built from them.
    private static func tradesTicks(
        _ shown: [Subscription.Series], _ id: InstrumentID, _ outline: FeedOutline
    ) -> Bool {
        shown.contains { series in
            series.type == UInt8(TD_EVENT_BAR)
                ? outline.source(ofBars: series.timeframe, id) == nil
                : outline.ticks[Int(id)].contains(series.type)
        }
    }

    /// What of an instrument a strategy is shown.
    static func shown(
        _ id: InstrumentID, _ plan: SlotPlan, _ manifest: Manifest
    ) -> [Subscription.Series] {
        var series = plan.timeFrames.map {
            Subscription.Series(instrument: id, type: UInt8(TD_EVENT_BAR), timeframe: $0)
        }
        let kinds: [(Manifest.Subscription, Int32)] = [
            (.trades, Int32(TD_EVENT_TRADE)), (.quotes, Int32(TD_EVENT_QUOTE)),
            (.depth, Int32(TD_EVENT_DEPTH)),
        ]
        for (kind, type) in kinds where manifest.subscribes.contains(kind) {
            series.append(Subscription.Series(instrument: id, type: UInt8(type)))
        }
        return series
    }

    /// What a runner of this slot is made with.
    var settings: StrategyRunner.Settings {
        var settings = StrategyRunner.Settings(
            setup: StrategySetup(
                parameters: plan.parameters, instruments: plan.instruments,
                timeFrames: plan.timeFrames,
                seed: plan.settings.seed),
            warmUpBars: plan.warmUpBars,
            historyBars: plan.plugin.manifest.historyBars(plan.parameters))
        settings.setup.label = plan.name
        settings.filter = filter
        return settings
    }

    /// All instruments of the run, as this slot sees them.
    func allInstruments(_ all: [Instrument]) -> [Instrument] {
        var all = all
        for instrument in instruments { all[Int(instrument.id)] = instrument }
        return all
    }

    /// By instrument of the run.
    func matching(count: Int) -> [UInt32] { byInstrument(matched, count) }

    /// By instrument of the run.
    func coarse(count: Int) -> [UInt32] { byInstrument(standIns, count) }

    private func byInstrument(_ own: [UInt32], _ count: Int) -> [UInt32] {
        var frames = [UInt32](repeating: 0, count: count)
        for (id, frame) in zip(plan.instruments + pairs, own) { frames[Int(id)] = frame }
        return frames
    }
}
