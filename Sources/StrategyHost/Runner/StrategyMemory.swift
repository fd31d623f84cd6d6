import CTapedeck
import Market

/// What is remembered of a strategy, so that it can be started again where it was lost: what it
/// last left, and the events that it was shown since.
///
/// It is saved before the first event of each span of the tape's numbers: what a strategy that
/// failed does afterwards depends on the tape alone.
struct StrategyMemory {
    /// Numbers of the tape between two states.
    static let span: UInt64 = 1 << 15

    /// Remembering costs; nobody does it for a strategy that will not be started again.
    let isWanted: Bool
    let hasState: Bool
    private(set) var saved: StrategyLegacy?
    /// Oldest first.
    private var past = ContiguousArray<Event>()
    /// Events of the present run that what was left covers.
    private var covered = 0

    /// Of one that keeps no state: bars of each series that it is shown again.
    private let bars: Int
    private let series: Int

    init(_ manifest: Manifest, _ settings: StrategyRunner.Settings) {
        hasState = manifest.state != nil
        bars = max(settings.warmUpBars, settings.historyBars)
        series = settings.setup.instruments.count * settings.setup.timeFrames.count
        isWanted = settings.isRemembered && (hasState || bars > 0)
    }

    /// What it is shown again: what came since its state; without one, the past that its warm-up
    /// and `history` need.
    var events: [Event] {
        if hasState { return Array(past) }
        var missing: [(instrument: InstrumentID, frame: UInt32, bars: Int)] = []
        var full = 0
        for place in past.indices.reversed() where past[place].type == UInt8(TD_EVENT_BAR) {
            let event = past[place]
            guard
                let known = missing.firstIndex(where: {
                    $0.instrument == event.instrument && $0.frame == event.timeframe
                })
            else {
                missing.append((event.instrument, event.timeframe, bars - 1))
                if bars == 1 { full += 1 }
                if full == series { return Array(past[place...]) }
                continue
            }
            missing[known].bars -= 1
            if missing[known].bars == 0 { full += 1 }
            if full == series { return Array(past[place...]) }
        }
        return Array(past)
    }

    /// The place of the first event, from `place` on, before which its state is saved; `end` when
    /// there is none.
    /// - Parameter last: the number of the event before `place`.
    func savePlace(in run: EventRun, from place: Int, to end: Int, after last: UInt64) -> Int {
        guard isWanted, hasState, place < end,
            unsafe run.events[end - 1].sequence / Self.span > last / Self.span
        else {
            return end
        }
        var (low, high) = (place, end - 1)
        while low < high {
            let middle = (low + high) / 2
            let isAfter = unsafe run.events[middle].sequence / Self.span > last / Self.span
            if isAfter { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Remembers a part of a run that it was shown.
    mutating func remember(_ run: EventRun, _ places: Range<Int>, shownBy filter: EventFilter?) {
        guard isWanted else { return }
        for place in places.dropFirst(max(0, covered - places.lowerBound)) {
            let event = unsafe run.events[place]
            if filter?.shows(event) ?? true { past.append(event) }
        }
        covered = 0
        // With a state there are never more than a span of the tape's numbers.
        let most = max(Int(Self.span), 2 * (bars + 1) * series)
        if !hasState, past.count > 2 * most { past.removeFirst(past.count - most) }
    }

    /// Remembers events that it was shown outside of a run.
    mutating func remember(_ events: some Sequence<Event>) {
        if isWanted { past.append(contentsOf: events) }
    }

    /// What came before it is not needed any more.
    /// - Parameter place: in the present run, where that is not remembered yet.
    mutating func keep(_ legacy: StrategyLegacy, before place: Int = 0) {
        saved = legacy
        past = []
        covered = place
    }
}
