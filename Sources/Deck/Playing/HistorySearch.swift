import CTapedeck
import Feeds
import Market

/// What a slot is played before `feed.from`, so that its strategy is warm when the run begins.
struct SlotHistory: Hashable {
    /// Of its first event.
    var from: Timestamp
    /// By instrument and time frame: bars that the tape does not have, where some are missing.
    var missing: [Missing] = []

    struct Missing: Hashable {
        var instrument: InstrumentID
        var timeframe: UInt32
        var bars: Int
    }
}

/// Looks back from `feed.from` for the bars that warm-ups want: once over the tape for all slots.
struct HistorySearch {
    private struct Wanted {
        let instrument: InstrumentID
        let timeframe: UInt32
        var bars: Int
        /// What these are on the tape, or are built from.
        let type: UInt8
        let source: UInt32
        var grid: BarGrid
        /// The spans of the bars found, the last one first.
        var found: [BarSpan] = []

        var isBuilt: Bool { source != timeframe }
    }

    private let tape: TapeFile
    private let outline: FeedOutline
    private let from: Timestamp
    private var wanted: [Wanted] = []

    /// Searches for what these slots want before `from`.
    init(
        _ demands: [SlotDemand], from: Timestamp, tape: TapeFile, _ outline: FeedOutline
    ) throws(DeckFailure) {
        self.tape = tape
        self.outline = outline
        self.from = from
        for demand in demands where demand.plan.warmUpBars > 0 {
            for id in demand.plan.instruments {
                for frame in demand.plan.timeFrames { try want(id, frame, demand.plan.warmUpBars) }
            }
        }
        search()
    }

    private mutating func want(_ id: InstrumentID, _ frame: UInt32, _ bars: Int) throws(DeckFailure)
    {
        if let place = wanted.firstIndex(where: { $0.instrument == id && $0.timeframe == frame }) {
            wanted[place].bars = max(wanted[place].bars, bars)
            return
        }
        wanted.append(
            Wanted(
                instrument: id, timeframe: frame, bars: bars,
                type: outline.typeOfSource(ofBars: frame, id),
                source: outline.source(ofBars: frame, id) ?? 0,
                grid: try Self.grid(outline.instruments[Int(id)])))
    }

    static func grid(_ instrument: Instrument) throws(DeckFailure) -> BarGrid {
        guard !RunCalendars.isAlwaysOpen(instrument.calendar) else { return BarGrid(.epoch) }
        do {
            return BarGrid(.sessions(try TradingCalendar.named(instrument.calendar)))
        } catch {
            throw DeckFailure(error.description)
        }
    }

    private mutating func search() {
        var place = tape.place(at: from.rawValue)
        var open = wanted.count
        while open > 0, place > 0 {
            place -= 1
            let event = unsafe tape.events[place]
            let source = event.type == TD_EVENT_BAR ? event.timeframe : 0
            for index in wanted.indices
            where wanted[index].instrument == event.instrument && wanted[index].type == event.type
                && wanted[index].source == source && wanted[index].found.count < wanted[index].bars
            {
                take(event, index)
                if wanted[index].found.count == wanted[index].bars { open -= 1 }
            }
        }
    }

    private mutating func take(_ event: Event, _ index: Int) {
        let time = Timestamp(nanoseconds: event.time)
        guard wanted[index].isBuilt else {
            wanted[index].found.append(BarSpan(opens: time, closes: time))
            return
        }
        let frame = TimeFrame(rawValue: wanted[index].timeframe)
        let span =
            event.type == TD_EVENT_BAR
            ? wanted[index].grid.span(closing: time, frame)
            : wanted[index].grid.span(of: time, frame)
        guard let span, span.closes < from, wanted[index].found.last != span else { return }
        wanted[index].found.append(span)
    }

    /// What one slot is played before `from`.
    func history(of demand: SlotDemand) -> SlotHistory {
        var history = SlotHistory(from: from)
        let bars = demand.plan.warmUpBars
        guard bars > 0 else { return history }
        for series in wanted
        where demand.plan.instruments.contains(series.instrument)
            && demand.plan.timeFrames.contains(series.timeframe)
        {
            let found = series.found.prefix(bars)
            if let first = found.last { history.from = min(history.from, first.closes) }
            if found.count < bars {
                history.missing.append(
                    SlotHistory.Missing(
                        instrument: series.instrument, timeframe: series.timeframe,
                        bars: bars - found.count))
            }
        }
        return history
    }

    /// From where on the tape must be read, so that a slot whose first event is at `start` gets
    /// whole bars, and knows that its session is open, whatever other slots want.
    static func beginning(
        of demand: SlotDemand, at start: Timestamp, _ outline: FeedOutline
    ) throws(DeckFailure) -> Timestamp {
        var beginning = start
        for (instrument, id) in zip(demand.instruments, demand.plan.instruments) {
            for frame in demand.plan.timeFrames where !outline.frames[Int(id)].contains(frame) {
                var grid = try grid(outline.instruments[Int(id)])
                if let span = grid.span(closing: start, TimeFrame(rawValue: frame)) {
                    beginning = min(beginning, span.opens)
                }
            }
            guard !RunCalendars.isAlwaysOpen(instrument.calendar) else { continue }
            do {
                let session = try TradingCalendar.named(instrument.calendar).session(
                    containing: start)
                beginning = min(beginning, session?.opens ?? start)
            } catch {
                throw DeckFailure(error.description)
            }
        }
        return beginning
    }
}

extension FeedOutline {
    /// The kind of events that bars of this length are, or are built from.
    fileprivate func typeOfSource(ofBars frame: UInt32, _ id: InstrumentID) -> UInt8 {
        if source(ofBars: frame, id) != nil { return EventKind.bar.rawValue }
        return barSource(id) == .trades ? EventKind.trade.rawValue : EventKind.quote.rawValue
    }
}
