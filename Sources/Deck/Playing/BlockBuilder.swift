import CTapedeck
import Feeds
import Market

/// Cuts a tape into blocks and puts between its events what slots want beside them: sessions, and bars of
/// longer time frames. What it adds bears the number of the tape's event before it, so that nothing depends on
/// what other slots want.
@safe final class BlockBuilder {
    /// Events of the tape in one block.
    let blockSize: Int
    /// The most events that a block can have.
    var largestBlock: Int { composer == nil ? blockSize : composedCapacity }
    private let tape: TapeFile
    private let range: Range<Int>
    private var sessions: SessionCursor?
    private var composer: BarComposer?
    private let scales: PriceScales
    private let symbols: [String]

    /// The tape's next event.
    private(set) var position: Int
    private var lastSequence: UInt64
    private var isAtEnd = false

    /// Events with sessions between them, of which those before `taken` are in blocks.
    private let merged: UnsafeMutablePointer<Event>
    private var mergedCount = 0
    private var taken = 0
    private let composed: UnsafeMutablePointer<Event>
    private let composedCapacity: Int
    private let prices: UnsafeMutablePointer<ExactPrices>

    init(
        tape: TapeFile, range: Range<Int>, instruments: [Instrument], sessions: SessionCursor?,
        builders: [BarBuilder], blockSize: Int
    ) throws(DeckFailure) {
        self.tape = tape
        self.range = range
        self.blockSize = blockSize
        self.sessions = sessions
        scales = PriceScales(instruments)
        symbols = instruments.map(\.symbol)
        position = range.lowerBound
        let before = max(0, range.lowerBound - 1)
        lastSequence = unsafe before < tape.count ? tape.events[before].sequence : 0
        if !builders.isEmpty {
            do {
                composer = try BarComposer(builders)
            } catch {
                throw DeckFailure("instrument \(error.instrument) has two builders of bars")
            }
        }
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

    /// The next block, valid until the next call; nil at the end. At most `limit` of the tape's events.
    func next(limit: Int = .max) throws(DeckFailure) -> EventRun? {
        if sessions == nil, composer == nil { return try unsafe nextOfTape(limit) }
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
        return try unsafe run(events, count)
    }

    /// Fills `merged` with the tape's next events and the sessions before them.
    private func merge(_ limit: Int) {
        taken = 0
        mergedCount = 0
        let end = limit < range.upperBound - position ? position + limit : range.upperBound
        while mergedCount < blockSize {
            let event = unsafe position < range.upperBound ? tape.events[position] : nil
            if let session = sessions?.take(before: event) {
                unsafe merged[mergedCount] = session
            } else if let event, position < end {
                unsafe merged[mergedCount] = event
                position += 1
            } else {
                return
            }
            mergedCount += 1
        }
    }

    /// Fills `composed` with merged events and the bars that they complete.
    private func compose() -> Int {
        guard !isAtEnd else { return 0 }
        let buffer = unsafe UnsafeMutableBufferPointer(start: composed, count: composedCapacity)
        var out = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
        let events = unsafe Span(_unsafeStart: merged, count: mergedCount)
        if taken < mergedCount { taken = composer?.compose(events, from: taken, into: &out) ?? mergedCount }
        if taken == mergedCount, position == range.upperBound, sessions?.isEmpty ?? true,
            out.freeCapacity >= composer?.largestBurst ?? 0
        {
            isAtEnd = true
            let last = unsafe range.isEmpty ? 0 : tape.events[range.upperBound - 1].time
            composer?.advance(to: Timestamp(nanoseconds: last), into: &out)
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
        if let bad = ExactPrices.count(span, in: scales, into: &counted) {
            let event = unsafe events[bad]
            let name = Int(event.instrument) < symbols.count ? symbols[Int(event.instrument)] : "an unknown instrument"
            throw DeckFailure("event \(event.sequence) of \(name) has a price that is no number of its unit")
        }
        return unsafe EventRun(events: events, prices: prices, count: count)
    }
}
