import CTapedeck
import Market
import StrategyHost

/// What a slot has still to play of a feed that keeps time and does not wait for it: on a tape of
/// its own, and what that has no room for behind it.
///
/// Blocks keep the order in which they came. Memory is that of the tape, however late a slot is.
final class SlotQueue {
    let tape: SharedTape
    /// Nothing is on the tape but the one time step that is played: nobody can read ahead.
    private let isStepwise: Bool
    /// Events of each block behind the tape, oldest first.
    private var spilled = CountedQueue()
    /// Of every block that has not been released: the turn of the deck in which it came.
    private var turns = CountedQueue()
    /// Events of all these blocks.
    private(set) var events = 0
    let spill = BlockSpill()

    /// The most events of one block, so that what is said of it fits into memory.
    private static let mostEvents = 512

    /// - Parameter tape: one that nobody has played from.
    init(tape: SharedTape, isStepwise: Bool = false) {
        self.tape = tape
        self.isStepwise = isStepwise
    }

    /// Blocks that have come.
    var count: Int { tape.published + spilled.count }

    /// The turn of the oldest block that has not been played; nil without one.
    var turn: Int? { turns.first }

    /// Its oldest block has been played.
    func passBlock(of count: Int) {
        turns.removeFirst()
        events -= count
    }

    /// Takes a block of the deck, which is copied.
    func offer(_ run: EventRun, turn: Int) throws(DeckFailure) {
        var start = 0
        while unsafe start < run.count {
            let end = unsafe end(of: run, from: start)
            try unsafe put(
                EventRun(events: run.events + start, prices: run.prices + start, count: end - start)
            )
            turns.append(turn)
            events += end - start
            start = end
        }
    }

    /// Where the part of a run ends that is one block here.
    private func end(of run: EventRun, from start: Int) -> Int {
        guard isStepwise else { return unsafe min(run.count, start + Self.mostEvents) }
        var end = start + 1
        while unsafe end < run.count, unsafe run.events[end].time == run.events[start].time {
            end += 1
        }
        return end
    }

    /// Leaves what has not been played to another queue, block by block.
    /// - Parameter first: the block that would be played next.
    /// - Returns: how many blocks the other had before each of these, and has before the next that
    ///   will come.
    func pass(from first: Int, to next: SlotQueue) throws(DeckFailure) -> [Int] {
        var numbers: [Int] = []
        for number in first..<tape.published {
            numbers.append(next.count)
            try unsafe pass(tape.block(number), to: next)
        }
        while let count = spilled.first {
            numbers.append(next.count)
            let events = UnsafeMutablePointer<Event>.allocate(capacity: count)
            let prices = UnsafeMutablePointer<ExactPrices>.allocate(capacity: count)
            defer {
                unsafe events.deallocate()
                unsafe prices.deallocate()
            }
            try unsafe spill.take(count, into: SharedTape.Room(events: events, prices: prices))
            spilled.removeFirst()
            try unsafe pass(EventRun(events: events, prices: prices, count: count), to: next)
        }
        return numbers + [next.count]
    }

    private func pass(_ run: EventRun, to next: SlotQueue) throws(DeckFailure) {
        try unsafe next.offer(run, turn: turn ?? 0)
        passBlock(of: unsafe run.count)
    }

    private func put(_ run: EventRun) throws(DeckFailure) {
        try pump()
        if spilled.isEmpty, let room = unsafe room(run.count) {
            unsafe room.events.update(from: run.events, count: run.count)
            unsafe room.prices.update(from: run.prices, count: run.count)
            return tape.publish(count: unsafe run.count)
        }
        unsafe spill.put(run)
        spilled.append(unsafe run.count)
    }

    private func room(_ count: Int) -> SharedTape.Room? {
        if isStepwise, !tape.isReleased { return nil }
        return unsafe tape.reserve(count)
    }

    /// Moves what lies behind the tape onto it, as far as there is room.
    /// - Throws: when it cannot be read any more.
    func pump() throws(DeckFailure) {
        while let count = spilled.first, let room = unsafe room(count) {
            try unsafe spill.take(count, into: room)
            spilled.removeFirst()
            tape.publish(count: count)
        }
        if spilled.isEmpty { spill.clear() }
    }
}

/// Numbers, first in, first out.
private struct CountedQueue {
    private var numbers: ContiguousArray<Int> = []
    private var next = 0

    var count: Int { numbers.count - next }
    var isEmpty: Bool { next == numbers.count }
    var first: Int? { isEmpty ? nil : numbers[next] }

    mutating func append(_ number: Int) { numbers.append(number) }

    mutating func removeFirst() {
        guard !isEmpty else { return }
        next += 1
        if isEmpty {
            numbers.removeAll(keepingCapacity: true)
            next = 0
        } else if next > 4_096, next * 2 > numbers.count {
            numbers.removeFirst(next)
            next = 0
        }
    }
}
