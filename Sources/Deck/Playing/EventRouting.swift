import CTapedeck
import Market
import StrategyHost

/// Sorts the events of a block into the views that want them: each event is looked at once, however
/// many views there are.
struct EventRouting {
    private let views: [EventView]
    /// Views that take a part, by the place of a key in `starts`.
    private var targets: [Int32] = []
    /// Where the targets of key k begin; those of k end where those of k + 1 begin.
    private var starts: [Int32] = []
    /// Seconds, ascending: bars of other time frames are wanted by nobody.
    private let frames: [UInt32]
    /// Keys of one instrument: its bars by time frame, trades, quotes, depth, and what comes
    /// unasked.
    private let stride: Int
    private let instrumentCount: Int
    private let calendarCount: Int
    /// The key of events that nobody wants.
    private let nobody: Int
    private let partial: [Int32]

    init(_ views: [EventView], instrumentCount: Int, calendarCount: Int) {
        self.views = views
        self.instrumentCount = instrumentCount
        self.calendarCount = calendarCount
        let bars = views.flatMap { $0.subscription.series.map(\.timeframe) }
        frames = Set(bars).subtracting([0]).sorted()
        stride = frames.count + 4
        partial = views.indices.filter { !views[$0].isWhole }.map(Int32.init)
        nobody = instrumentCount * stride + calendarCount
        var byKey = [[Int32]](repeating: [], count: nobody + 1)
        for view in partial {
            let subscription = views[Int(view)].subscription
            for series in subscription.series { byKey[key(series)].append(view) }
            for instrument in subscription.instruments {
                byKey[unaskedKey(instrument)].append(view)
            }
            for calendar in subscription.calendars {
                byKey[instrumentCount * stride + Int(calendar)].append(view)
            }
        }
        for targets in byKey {
            starts.append(Int32(self.targets.count))
            self.targets += targets
        }
        starts.append(Int32(targets.count))
    }

    /// Gives every view its part of a block.
    /// - Returns: false where a view has no room for it: then nobody has been given anything.
    func route(_ block: EventRun) -> Bool {
        for view in views where !view.beginBlock(events: unsafe block.count) { return false }
        if !partial.isEmpty {
            for index in unsafe 0..<block.count { unsafe route(block, index) }
        }
        for view in views { unsafe view.endBlock(block) }
        return true
    }

    @inline(__always) private func route(_ block: EventRun, _ index: Int) {
        let event = unsafe block.events[index]
        guard let key = key(event) else {
            // Commands and what else is for everybody.
            for view in partial { unsafe views[Int(view)].append(block, index) }
            return
        }
        for place in Int(starts[key])..<Int(starts[key + 1]) {
            unsafe views[Int(targets[place])].append(block, index)
        }
    }

    /// Nil for what everybody gets.
    private func key(_ event: Event) -> Int? {
        let instrument = Int(event.instrument) * stride
        guard Int(event.instrument) < instrumentCount else { return nil }
        switch Int(event.type) {
        case Int(TD_EVENT_BAR):
            var frame = 0
            while frame < frames.count, frames[frame] != event.timeframe { frame += 1 }
            return frame < frames.count ? instrument + frame : nobody
        case Int(TD_EVENT_TRADE): return instrument + frames.count
        case Int(TD_EVENT_QUOTE): return instrument + frames.count + 1
        case Int(TD_EVENT_DEPTH): return instrument + frames.count + 2
        case Int(TD_EVENT_SPLIT), Int(TD_EVENT_DIVIDEND), Int(TD_EVENT_GAP), Int(TD_EVENT_FUNDING),
            Int(TD_EVENT_STANDING):
            return instrument + frames.count + 3
        case Int(TD_EVENT_SESSION_OPEN), Int(TD_EVENT_SESSION_CLOSE):
            let calendar = Int(event.session.calendar)
            return calendar < calendarCount ? instrumentCount * stride + calendar : nobody
        default: return nil
        }
    }

    private func key(_ series: Subscription.Series) -> Int {
        var event = Event()
        event.type = series.type
        event.instrument = series.instrument
        event.timeframe = series.timeframe
        return key(event) ?? 0
    }

    private func unaskedKey(_ instrument: InstrumentID) -> Int {
        Int(instrument) * stride + frames.count + 3
    }
}
