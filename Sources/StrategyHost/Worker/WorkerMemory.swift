import CTapedeck
import Market

/// What the host remembers of a strategy in a worker, so that another worker can go on where it was lost: its last
/// saved state, and the newest events that it was shown.
struct WorkerMemory {
    /// Events between two states, and the most that are kept for a strategy that keeps none.
    static let span = 1 << 16

    let hasState: Bool
    private(set) var saved: StrategyState?
    /// Oldest first.
    private(set) var past = ContiguousArray<Event>()
    /// Remembering costs; nobody does it for a strategy that will not be started again.
    let isWanted: Bool
    private var sinceSaved = 0

    init(manifest: Manifest, isWanted: Bool) {
        hasState = manifest.state != nil
        self.isWanted = isWanted
    }

    var wantsState: Bool { isWanted && hasState && sinceSaved >= Self.span / 2 }

    mutating func remember(_ run: EventRun, _ places: Range<Int>, shownBy filter: EventFilter?) {
        guard isWanted else { return }
        for place in places.suffix(Self.span) {
            let event = unsafe run.events[place]
            if filter?.shows(event) ?? true { past.append(event) }
        }
        sinceSaved += places.count
        if past.count > 2 * Self.span { past.removeFirst(past.count - Self.span) }
    }

    /// What came before it is not needed any more.
    mutating func keep(_ state: StrategyState) {
        saved = state
        sinceSaved = 0
        past.removeAll { $0.sequence <= state.sequence }
    }
}
