import CTapedeck
package import Market
import StrategyHost

/// Which events of a run a slot is played: slots that want the same share one view of them.
package struct Subscription: Hashable, Sendable {
    /// One instrument's market data.
    package struct Series: Hashable, Sendable, Comparable {
        package var instrument: InstrumentID
        package var type: UInt8
        /// Of bars, in seconds; else zero.
        package var timeframe: UInt32

        package init(instrument: InstrumentID, type: UInt8, timeframe: UInt32 = 0) {
            self.instrument = instrument
            self.type = type
            self.timeframe = timeframe
        }

        package static func < (a: Series, b: Series) -> Bool {
            (a.instrument, a.type, a.timeframe) < (b.instrument, b.type, b.timeframe)
        }
    }

    /// Ascending. Splits, dividends and gaps of an instrument come with any of its series.
    package var series: [Series]
    /// Calendars by number, ascending: their openings and closings come too.
    package var calendars: [UInt32]
    /// The first event is at or after it, but for the opening of a session that is still open then.
    package var from: Timestamp

    package init(series: [Series], calendars: [UInt32], from: Timestamp = .distantPast) {
        self.series = Set(series).sorted()
        self.calendars = Set(calendars).sorted()
        self.from = from
    }

    package var instruments: [InstrumentID] { Set(series.map(\.instrument)).sorted() }
}

/// The events of each block that one or more slots are played.
@safe final class EventView {
    let subscription: Subscription
    /// Nothing of a block is left out: slots play it where it lies.
    var isWhole: Bool
    private var events: UnsafeMutablePointer<Event>
    private var prices: UnsafeMutablePointer<ExactPrices>
    private var capacity: Int
    /// Where others can read it; nil when nobody else does.
    let tape: SharedTape?
    private(set) var count = 0
    private(set) var hasBegun = false
    /// What an opening before the first event is numbered: it may have been read earlier for other
    /// slots.
    private let numberBefore: UInt64
    /// Of this view, in the present block.
    private(set) var run = unsafe EventRun(
        events: UnsafePointer(bitPattern: 64)!, prices: UnsafePointer(bitPattern: 64)!, count: 0)

    init(
        _ subscription: Subscription, isWhole: Bool, capacity: Int, numberBefore: UInt64,
        tape: SharedTape? = nil
    ) {
        self.subscription = subscription
        self.isWhole = isWhole
        self.numberBefore = numberBefore
        self.tape = tape
        self.capacity = isWhole || tape != nil ? 0 : capacity
        unsafe events = .allocate(capacity: self.capacity)
        unsafe prices = .allocate(capacity: self.capacity)
    }

    deinit {
        guard tape == nil else { return }
        unsafe events.deallocate()
        unsafe prices.deallocate()
    }

    /// - Parameter events: the block has so many; no view of it has more.
    /// - Returns: whether there is room for them; nothing of the block may be written where not.
    func beginBlock(events most: Int) -> Bool {
        count = 0
        guard let tape else { return true }
        guard let room = unsafe tape.reserve(most) else { return false }
        unsafe (events, prices) = (room.events, room.prices)
        capacity = most
        return true
    }

    @inline(__always) func append(_ block: EventRun, _ index: Int) {
        if !hasBegun, unsafe !begins(with: block.events[index]) { return }
        if count == capacity { grow() }
        unsafe (events + count).initialize(to: block.events[index])
        if !hasBegun { unsafe events[count].sequence = numberBefore }
        unsafe (prices + count).initialize(to: block.prices[index])
        count += 1
    }

    /// Blocks with many added events, such as the sessions of a long pause, need more room than
    /// most.
    private func grow() {
        let larger = max(64, capacity * 2)
        let moreEvents = UnsafeMutablePointer<Event>.allocate(capacity: larger)
        let morePrices = UnsafeMutablePointer<ExactPrices>.allocate(capacity: larger)
        unsafe moreEvents.moveInitialize(from: events, count: count)
        unsafe morePrices.moveInitialize(from: prices, count: count)
        unsafe events.deallocate()
        unsafe prices.deallocate()
        unsafe (events, prices) = (moreEvents, morePrices)
        capacity = larger
    }

    func endBlock(_ block: EventRun) {
        if tape != nil, isWhole {
            unsafe events.update(from: block.events, count: block.count)
            unsafe prices.update(from: block.prices, count: block.count)
            count = unsafe block.count
        }
        unsafe run =
            isWhole && tape == nil ? block : EventRun(events: events, prices: prices, count: count)
        if let tape, count > 0 { tape.publish(from: 0, count: count) }
    }

    /// Whether an event is the first one of the slot's time, or belongs there though it came
    /// before.
    private func begins(with event: Event) -> Bool {
        let from = subscription.from.rawValue
        hasBegun = event.time >= from
        return hasBegun || (event.type == TD_EVENT_SESSION_OPEN && event.session.closes > from)
    }
}
