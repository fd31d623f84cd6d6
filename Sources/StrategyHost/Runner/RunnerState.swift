import CTapedeck
import Kernel
import Market

/// All that a slot's strategy and the functions of the host table work on, behind one pointer. It
/// never moves.
@safe struct RunnerState: ~Copyable {
    var portfolio: Portfolio
    /// By instrument of the run: whether it is wired to this instance.
    var isWired: [Bool]
    /// It is shown the past: what it asks of its portfolio is refused.
    var isMuted = false
    /// Updates of what was refused meanwhile, to be handed over next.
    var refusals: [Event] = []

    // The call that the strategy is in.

    /// The run that is being played; its events are borrowed until `play` returns.
    var run = unsafe EventRun(events: Self.noEvents, prices: Self.noPrices, count: 0)
    /// What the strategy was handed, and how many.
    var slice: UnsafePointer<Event> = unsafe Self.noEvents
    var sliceCount: UInt64 = 0
    /// Place in `run` of the slice's first event, when its marks are still to be committed; else
    /// -1.
    var sliceStart = -1
    /// Events of `run` whose marks are committed.
    var committed = 0
    /// The strategy's own count of what it handled; it writes here. Behind it the number of calls,
    /// and the place in the run of what it was handed, for whoever watches that it goes on; see
    /// `place`.
    let consumed: UnsafeMutablePointer<UInt64>
    private let ownsConsumed: Bool
    /// Where a worker tells what is done here; nil in the host.
    var outbox: UnsafeMutablePointer<WorkerOutbox>?
    /// The largest count seen at a call of the host.
    var seen: UInt64 = 0
    /// The count at which it acted; zero when it did not.
    var actedAt: UInt64 = 0
    /// Acts at the present event of the tape.
    var acts = 0
    var breach: StrategyFault.Breach?

    /// What `now` answers before the first event.
    var startTime = Timestamp(nanoseconds: 0)

    // What is kept for it.

    var queue = EventQueue()
    var history: BarHistory
    /// Events of `run` that are in `history`, and how many may be.
    var remembered = 0
    var memorable = 0
    var warmUp: WarmUp
    var output = StrategyOutput()
    var plotNames: [[UInt8]] = []

    /// Acts that a strategy may do at one event of the tape: an endless answer to its own refusals
    /// ends here.
    static let mostActs = 1024

    // Never read: a run without events has none.
    private static var noEvents: UnsafePointer<Event> { unsafe UnsafePointer(bitPattern: 64)! }
    private static var noPrices: UnsafePointer<ExactPrices> {
        unsafe UnsafePointer(bitPattern: 64)!
    }

    /// - Parameter consumed: where the strategy's count of events is kept, and behind it the calls;
    ///   owned by the caller. Nil for a place of its own.
    init(
        portfolio: consuming Portfolio, setup: StrategySetup, warmUpBars: Int,
        warmUpUntil: Timestamp,
        historyBars: Int, consumed: UnsafeMutablePointer<UInt64>? = nil
    ) {
        isWired = (0..<portfolio.instruments.count).map {
            setup.instruments.contains(InstrumentID($0))
        }
        self.portfolio = portfolio
        ownsConsumed = unsafe consumed == nil
        unsafe self.consumed = consumed ?? .allocate(capacity: 3)
        unsafe self.consumed.initialize(repeating: 0, count: 3)
        history = BarHistory(
            depth: historyBars, instruments: setup.instruments, timeFrames: setup.timeFrames)
        warmUp = WarmUp(
            bars: warmUpBars, instruments: setup.instruments, timeFrames: setup.timeFrames,
            until: warmUpUntil)
    }

    deinit { if ownsConsumed { unsafe consumed.deallocate() } }

    /// The event that the strategy says it is at; nil, and a breach noted, when that cannot be.
    @inline(__always)
    mutating func presentEvent() -> UnsafePointer<Event>? {
        let count = unsafe consumed.pointee
        guard count > 0, count <= sliceCount, count >= seen, actedAt == 0 || count == actedAt else {
            breach =
                count == 0 && seen == 0
                ? .calledBeforeEvent
                : count < seen
                    ? .consumedBackwards : count > sliceCount ? .consumedTooMany : .wentOn
            return nil
        }
        seen = count
        return unsafe slice + Int(count - 1)
    }

    /// Brings the portfolio to the event that the strategy is at.
    @inline(__always)
    mutating func commitMarks() {
        guard sliceStart >= 0 else { return }
        commitMarks(to: sliceStart + Int(unsafe consumed.pointee))
    }

    @inline(__always)
    mutating func commitMarks(to place: Int) {
        guard place > committed else { return }
        unsafe portfolio.mark(run, from: committed, to: place)
        committed = place
    }

    /// Where it is in the run: twice the place of its slice's first event, and one; or, of an event
    /// that was handed over alone, twice the place behind it.
    @inline(__always)
    var place: UInt64 {
        sliceStart >= 0
            ? UInt64(truncatingIfNeeded: sliceStart) << 1 | 1
            : UInt64(truncatingIfNeeded: committed) << 1
    }

    /// Whether it may act at its present event once more; noted, because it must return then.
    mutating func mayAct() -> Bool {
        guard acts < Self.mostActs else { return false }
        acts += 1
        actedAt = unsafe consumed.pointee
        return true
    }

    /// Its strategy is another one's, and knows these.
    mutating func wire(_ instruments: [InstrumentID]) {
        for place in isWired.indices { isWired[place] = instruments.contains(InstrumentID(place)) }
    }

    /// Gives `history` the bars before the event that the strategy is at.
    mutating func remember() {
        let end =
            sliceStart >= 0 ? sliceStart + max(0, Int(unsafe consumed.pointee) - 1) : memorable
        remember(to: end)
    }

    mutating func remember(to end: Int) {
        guard end > remembered else { return }
        unsafe history.append(run.events + remembered, count: end - remembered)
        remembered = end
    }
}
