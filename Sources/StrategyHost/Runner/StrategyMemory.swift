import CTapedeck
import Market

/// What is remembered of a strategy, so that it can be started again where it was lost: what it last left, and the
/// events that it was shown since.
///
/// It is saved before the first event of each span of the tape's numbers: what a strategy that failed does afterwards
/// depends on the tape alone.
struct StrategyMemory {
    /// Numbers of the tape between two states; of one that keeps none, the most events that it is shown again.
    static let span: UInt64 = 1 << 15

    /// Remembering costs; nobody does it for a strategy that will not be started again.
    let isWanted: Bool
    let hasState: Bool
    private(set) var saved: StrategyLegacy?
    /// Oldest first.
    private var past = ContiguousArray<Event>()
    /// Events of the present run that what was left covers.
    private var covered = 0

    init(_ manifest: Manifest, _ settings: StrategyRunner.Settings) {
        isWanted = settings.isRemembered
        hasState = manifest.state != nil
    }

    /// What it is shown again.
    var events: [Event] { past.suffix(Int(Self.span)) }

    /// The place of the first event, from `place` on, before which its state is saved; `end` when there is none.
    /// - Parameter last: the number of the event before `place`.
    func savePlace(in run: EventRun, from place: Int, to end: Int, after last: UInt64) -> Int {
        guard isWanted, hasState, place < end, unsafe run.events[end - 1].sequence / Self.span > last / Self.span else {
            return end
        }
        var (low, high) = (place, end - 1)
        while low < high {
            let middle = (low + high) / 2
            if unsafe run.events[middle].sequence / Self.span > last / Self.span { high = middle } else { low = middle + 1 }
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
        if past.count > 4 * Int(Self.span) { past.removeFirst(past.count - Int(Self.span)) }
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
