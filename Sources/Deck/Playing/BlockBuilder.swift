import CTapedeck
import Feeds
import Market

/// Cuts a tape into blocks and puts between its events what slots want beside them: sessions, and
/// bars of longer time frames. What it adds bears the number of the tape's event before it, so that
/// nothing depends on what other slots want.
///
/// Operators' commands on a tape are in no block: they are taken where the tape has them, between
/// two blocks, and events are numbered as if there were none. So a recording plays like the run
/// that it was made of.
@safe final class BlockBuilder {
    /// Events of the tape in one block.
    let blockSize: Int
    /// The most events that a block can have.
    var largestBlock: Int { composedCapacity }
    private let tape: TapeFile
    private let range: Range<Int>
    /// The end of what is no command.
    private let dataEnd: Int
    private let hasCommands: Bool
    /// Commands of the tape before `position`.
    private var commandsPassed: UInt64 = 0
    private var sessions: SessionCursor?
    private var composer: BarComposer?
    private let scales: PriceScales
    private let symbols: [String]

    /// The tape's next event.
    private(set) var position: Int
    /// Of the last event of the tape that is in a block.
    private(set) var lastSequence: UInt64
    /// The bars that the tape's end completes are written.
    private var isFlushed = false
    /// Nothing that stands before `position` is still to come.
    private var isClean = true
    /// Completes bars at the end of the range.
    private let flushes: Bool

    /// Events with sessions between them, of which those before `taken` are in blocks.
    private let merged: UnsafeMutablePointer<Event>
    private var mergedCount = 0
    private var taken = 0
    private var composed: UnsafeMutablePointer<Event>
    private var composedCapacity: Int
    private var prices: UnsafeMutablePointer<ExactPrices>

    init(
        tape: TapeFile, range: Range<Int>, instruments: [Instrument], sessions: SessionCursor?,
        builders: [BarBuilder], blockSize: Int, flushes: Bool = true
    ) throws(DeckFailure) {
        self.tape = tape
        self.range = range
        self.blockSize = blockSize
        self.sessions = sessions
        self.flushes = flushes
        scales = PriceScales(instruments)
        symbols = instruments.map(\.symbol)
        position = range.lowerBound
        let before = max(0, range.lowerBound - 1)
        hasCommands = tape.header.series.contains { $0.type == UInt8(TD_EVENT_COMMAND) }
        (dataEnd, commandsPassed) = Self.commands(on: tape, range, hasCommands)
        let number = unsafe before < tape.count ? tape.events[before].sequence : 0
        lastSequence = number &- min(commandsPassed, UInt64(before))
        composer = try Self.composer(builders)
        composedCapacity = 2 * blockSize + (composer?.largestBurst ?? 0)
        unsafe merged = .allocate(capacity: blockSize)
        unsafe composed = .allocate(capacity: composedCapacity)
        unsafe prices = .allocate(capacity: composedCapacity)
    }

    deinit {
        unsafe merged.deallocate()
        unsafe composed.deallocate()
        unsafe prices.deallocate()
    }

    private static func composer(_ builders: [BarBuilder]) throws(DeckFailure) -> BarComposer? {
        guard !builders.isEmpty else { return nil }
        do {
            return try BarComposer(builders)
        } catch {
            throw DeckFailure("instrument \(error.instrument) has two builders of bars")
        }
    }

    /// Where the last event of a range that is no command ends, and how many commands stand before
    /// the range.
    private static func commands(
        on tape: TapeFile, _ range: Range<Int>, _ hasCommands: Bool
    ) -> (end: Int, before: UInt64) {
        guard hasCommands else { return (range.upperBound, 0) }
        var end = range.upperBound
        while end > range.lowerBound, unsafe tape.events[end - 1].type == UInt8(TD_EVENT_COMMAND) {
            end -= 1
        }
        var before: UInt64 = 0
        for place in 0..<range.lowerBound
        where unsafe tape.events[place].type == UInt8(TD_EVENT_COMMAND) {
            before += 1
        }
        return (end, before)
    }

    /// The next block, valid until the next call; nil at the end, or where a command comes. At most
    /// `limit` of the tape's events.
    func next(limit: Int = .max) throws(DeckFailure) -> EventRun? {
        if sessions == nil, composer == nil, !hasCommands { return try unsafe nextOfTape(limit) }
        if taken == mergedCount { merge(limit) }
        guard composer != nil else {
            guard mergedCount > 0 else { return nil }
            taken = mergedCount
            unsafe number(merged, mergedCount)
            return try unsafe run(merged, mergedCount)
        }
        let count = compose()
        guard count > 0 else { return nil }
        unsafe number(composed, count)
        return try unsafe run(composed, count)
    }

    /// Nothing is added: the events are played where they lie.
    private func nextOfTape(_ limit: Int) throws(DeckFailure) -> EventRun? {
        let count = min(blockSize, limit, range.upperBound - position)
        guard count > 0, let base = unsafe tape.events.baseAddress else { return nil }
        let events = unsafe base + position
        position += count
        lastSequence = unsafe events[count - 1].sequence
        return try unsafe run(events, count)
    }

    /// Fills `merged` with the tape's next events and the sessions before them.
    private func merge(_ limit: Int) {
        taken = 0
        mergedCount = 0
        let end = limit < dataEnd - position ? position + limit : dataEnd
        while mergedCount < blockSize {
            if position < end {
                let event = unsafe tape.events[position]
                if hasCommands, event.type == UInt8(TD_EVENT_COMMAND) { return }
                if let session = sessions?.take(before: event) {
                    unsafe merged[mergedCount] = session
                    isClean = false
                } else {
                    unsafe merged[mergedCount] = event
                    unsafe merged[mergedCount].sequence &-= commandsPassed
                    position += 1
                    isClean = true
                }
            } else if position == dataEnd, let session = sessions?.take(before: nil) {
                unsafe merged[mergedCount] = session
            } else {
                return
            }
            mergedCount += 1
        }
    }

    /// Fills `composed` with merged events and the bars that they complete.
    private func compose() -> Int {
        guard !isFlushed else { return 0 }
        let buffer = unsafe UnsafeMutableBufferPointer(start: composed, count: composedCapacity)
        var out = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
        let events = unsafe Span(_unsafeStart: merged, count: mergedCount)
        if taken < mergedCount {
            taken = composer?.compose(events, from: taken, into: &out) ?? mergedCount
        }
        if taken == mergedCount, position == dataEnd, sessions?.isEmpty ?? true,
            out.freeCapacity >= composer?.largestBurst ?? 0
        {
            isFlushed = true
            let last = unsafe range.lowerBound == dataEnd ? 0 : tape.events[dataEnd - 1].time
            if flushes { composer?.advance(to: Timestamp(nanoseconds: last), into: &out) }
        }
        return unsafe out.finalize(for: buffer)
    }

    private func number(_ events: UnsafeMutablePointer<Event>, _ count: Int) {
        for index in 0..<count {
            if unsafe events[index].sequence == 0 {
                unsafe events[index].sequence = lastSequence
            } else {
                lastSequence = unsafe events[index].sequence
            }
        }
    }

    /// Counts prices in exact units, once for all slots.
    private func run(_ events: UnsafePointer<Event>, _ count: Int) throws(DeckFailure) -> EventRun {
        let span = unsafe Span(_unsafeStart: events, count: count)
        var counted = unsafe MutableSpan(_unsafeStart: prices, count: count)
        var header = RunHeader.unknown
        if let bad = ExactPrices.count(span, in: scales, into: &counted, &header) {
            let event = unsafe events[bad]
            let name =
                Int(event.instrument) < symbols.count
                ? symbols[Int(event.instrument)] : "an unknown instrument"
            throw DeckFailure(
                "event \(event.sequence) of \(name) has a price that is no number of its unit")
        }
        return unsafe EventRun(events: events, prices: prices, count: count, header: header)
    }
}

extension BlockBuilder {
    /// Whether a command can be done now so that a recording does it at the same place.
    var isAtBoundary: Bool {
        guard taken == mergedCount else { return false }
        if position < dataEnd { return isClean }
        return (sessions?.isEmpty ?? true) && (composer == nil || isFlushed)
    }

    /// All but trailing commands has been in a block.
    var isAtEnd: Bool { position >= dataEnd && isAtBoundary }

    /// The tape's next event where it is a command whose time to be done has come.
    func takeCommand() -> Event? {
        guard hasCommands, position < range.upperBound, isAtBoundary else { return nil }
        var event = unsafe tape.events[position]
        guard event.type == UInt8(TD_EVENT_COMMAND) else { return nil }
        position += 1
        commandsPassed += 1
        event.sequence = lastSequence
        return event
    }

    /// The time on the tape of the last event that is in a block, or else of the first that will
    /// be.
    var presentTime: Timestamp {
        guard !range.isEmpty else { return Timestamp(nanoseconds: 0) }
        let place = min(max(position - 1, range.lowerBound), range.upperBound - 1)
        return unsafe Timestamp(nanoseconds: tape.events[place].time)
    }

    /// Adds other sessions and bars from now on. Builders are shown as much of the past as they
    /// need, so that bars go on as if they had been built from the beginning. Only at a boundary.
    func rebuild(sessions: SessionCursor?, builders: [BarBuilder]) throws(DeckFailure) {
        var sessions = sessions
        var composer = try Self.composer(builders)
        let last = unsafe position > range.lowerBound ? tape.events[position - 1] : nil
        if let last { while sessions?.take(before: last) != nil {} }
        // Blocks stay as large as they were wherever that will do: others have room for no more.
        let burst = composer?.largestBurst ?? 0
        if 2 * burst > composedCapacity {
            let room = 2 * blockSize + burst
            unsafe composed.deallocate()
            unsafe prices.deallocate()
            unsafe composed = .allocate(capacity: room)
            unsafe prices = .allocate(capacity: room)
            composedCapacity = room
        }
        if last != nil { catchUp(&composer) }
        self.sessions = sessions
        self.composer = composer
    }

    private func catchUp(_ composer: inout BarComposer?) {
        guard let longest = composer?.longestFrame, let base = unsafe tape.events.baseAddress else {
            return
        }
        let span = Int64(2 * longest.seconds + 10 * 86_400) * 1_000_000_000
        let first = max(range.lowerBound, tape.place(at: presentTime.rawValue - span))
        var from = first
        let past = unsafe Span(_unsafeStart: base, count: position)
        let buffer = unsafe UnsafeMutableBufferPointer(start: composed, count: composedCapacity)
        while from < position {
            var out = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
            from = composer?.compose(past, from: from, into: &out) ?? position
            _ = unsafe out.finalize(for: buffer)
        }
    }
}

extension BarComposer {
    fileprivate var longestFrame: TimeFrame? { builders.compactMap(\.longestFrame).max() }
}
