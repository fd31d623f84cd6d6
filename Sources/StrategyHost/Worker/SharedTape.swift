package import CTapedeck
package import Market

/// Where the parts of a shared tape lie. One writer's memory, mapped read-only by all who play from
/// it.
enum SharedTapeLayout {
    /// Blocks that have been published, and the events of the last one that may be read.
    static let published = 0, visible = 8
    /// The capacities, written once.
    static let blockCapacity = 128, eventCapacity = 136
    static let directory = 4096
    static let directoryEntry = 16

    static func events(blocks: Int) -> Int { directory + blocks * directoryEntry }
    static func prices(blocks: Int, events: Int) -> Int {
        Self.events(blocks: blocks) + events * MemoryLayout<Event>.stride
    }
    static func size(blocks: Int, events: Int) -> Int {
        prices(blocks: blocks, events: events) + events * MemoryLayout<ExactPrices>.stride
    }
}

/// Blocks of events in memory that others can read while they are written: one writer, any number
/// of readers, nothing is copied.
///
/// A block stays where it is until every reader that is attached has let it go. Readers are the
/// host's own slots: what a worker says of its progress frees nothing.
@safe package final class SharedTape: @unchecked Sendable {
    /// One slot's place on the tape.
    package final class Reader {
        /// Blocks that it does not need any more. Written by its lane, between two blocks of the
        /// writer.
        package var released: Int
        /// Of the worker that plays for it; nil when none does.
        let bell: WorkerBell?

        init(released: Int, bell: WorkerBell?) {
            self.released = released
            self.bell = bell
        }
    }

    /// Where a block is to be written.
    @unsafe package struct Room {
        package let events: UnsafeMutablePointer<Event>
        package let prices: UnsafeMutablePointer<ExactPrices>

        package init(
            events: UnsafeMutablePointer<Event>, prices: UnsafeMutablePointer<ExactPrices>
        ) {
            unsafe self.events = events
            unsafe self.prices = prices
        }
    }

    package let memory: SharedMemory
    private let eventCapacity: Int
    private let blockCapacity: Int
    private let events: UnsafeMutablePointer<Event>
    private let prices: UnsafeMutablePointer<ExactPrices>
    private var readers: [Reader] = []
    /// Where each kept block begins and ends, by its number modulo the capacity.
    private var places: [(start: Int, count: Int)]
    package private(set) var published = 0
    /// The next free place.
    private var head = 0

    /// - Parameter events: room for this many; a block may have at most a third of it.
    package init(events capacity: Int, blocks: Int = 4096) throws(WorkerFailure) {
        eventCapacity = max(64, capacity)
        blockCapacity = blocks
        memory = try SharedMemory(
            size: SharedTapeLayout.size(blocks: blocks, events: eventCapacity),
            name: "tapedeck-tape",
            isClosedToWriters: true)
        unsafe events = (memory.base + SharedTapeLayout.events(blocks: blocks)).assumingMemoryBound(
            to: Event.self)
        unsafe prices =
            (memory.base + SharedTapeLayout.prices(blocks: blocks, events: eventCapacity))
            .assumingMemoryBound(to: ExactPrices.self)
        places = Array(repeating: (0, 0), count: blocks)
        unsafe SharedWord64(memory.base + SharedTapeLayout.blockCapacity).set(UInt64(blocks))
        unsafe SharedWord64(memory.base + SharedTapeLayout.eventCapacity).set(UInt64(eventCapacity))
    }

    /// - Parameter block: the first that it needs; the next one if nil.
    func attach(_ bell: WorkerBell?, from block: Int? = nil) -> Reader {
        let reader = Reader(released: block ?? published, bell: bell)
        readers.append(reader)
        return reader
    }

    /// Has all of it in memory before the first event comes.
    package func prepare() { memory.prepare(memory.size) }

    /// A place for whoever plays in this process, from this block on; from the next one if nil.
    package func attach(from block: Int? = nil) -> Reader { attach(nil, from: block) }

    package func detach(_ reader: Reader) { readers.removeAll { $0 === reader } }

    /// Whether everything that was published has been let go.
    package var isReleased: Bool { readers.allSatisfy { $0.released >= published } }

    /// Room for a block of at most `count` events, in one piece; nil while readers hold what would
    /// be written over.
    package func reserve(_ count: Int) -> Room? {
        let oldest = readers.reduce(published) { min($0, $1.released) }
        guard published - oldest < blockCapacity, count <= eventCapacity else { return nil }
        if oldest == published {
            if head + count > eventCapacity { head = 0 }
        } else {
            let tail = places[oldest % blockCapacity].start
            if head > tail {
                if head + count > eventCapacity {
                    guard count < tail else { return nil }
                    head = 0
                }
            } else if head + count >= tail {
                return nil
            }
        }
        return unsafe Room(events: events + head, prices: prices + head)
    }

    /// Publishes what was written to the reserved place, at least one event.
    /// - Parameter first: events at the beginning that are left out.
    package func publish(from first: Int = 0, count: Int) {
        place(count, at: head + first)
        head += first + count
        announce(visible: count)
    }

    /// Publishes a block of which nobody may see anything yet; `reveal` shows it.
    func publishHidden(_ count: Int) {
        place(count, at: head)
        head += count
        announce(visible: 0)
    }

    /// Lets the first `count` events of the last block be seen.
    @inline(__always) func reveal(_ count: Int) {
        unsafe SharedWord64(memory.base + SharedTapeLayout.visible).announce(UInt64(count))
        wakeSleepers()
    }

    private func place(_ count: Int, at start: Int) {
        places[published % blockCapacity] = (start, count)
        let entry =
            unsafe memory.base + SharedTapeLayout.directory
            + published % blockCapacity * SharedTapeLayout.directoryEntry
        unsafe SharedWord64(entry).set(UInt64(start))
        unsafe SharedWord64(entry + 8).set(UInt64(count))
    }

    private func announce(visible: Int) {
        unsafe SharedWord64(memory.base + SharedTapeLayout.visible).set(UInt64(visible))
        published += 1
        unsafe SharedWord64(memory.base + SharedTapeLayout.published).announce(UInt64(published))
        wakeSleepers()
    }

    /// No call of the kernel when nobody sleeps.
    private func wakeSleepers() {
        for reader in readers { reader.bell?.ringIfAsleep() }
    }

    /// Whether a run lies on it.
    func holds(_ run: EventRun) -> Bool {
        unsafe run.events >= UnsafePointer(events)
            && run.events < UnsafePointer(events + eventCapacity)
    }

    /// The newest block that a run is; nil for one that lies elsewhere.
    func number(of run: EventRun) -> Int? {
        guard unsafe holds(run) else { return nil }
        return (max(0, published - blockCapacity)..<published).reversed().first {
            unsafe block($0).events == run.events
        }
    }

    /// A published block that a reader has not released.
    package func block(_ number: Int) -> EventRun {
        let (start, count) = places[number % blockCapacity]
        return unsafe EventRun(events: events + start, prices: prices + start, count: count)
    }
}

/// A shared tape as a worker sees it.
@safe struct SharedTapeView {
    private let memory: SharedMemory
    private let blockCapacity: Int
    private let events: UnsafePointer<Event>
    private let prices: UnsafePointer<ExactPrices>

    init(_ memory: SharedMemory) {
        self.memory = memory
        blockCapacity = Int(unsafe SharedWord64(memory.base + SharedTapeLayout.blockCapacity).value)
        let capacity = Int(unsafe SharedWord64(memory.base + SharedTapeLayout.eventCapacity).value)
        unsafe events = UnsafePointer(
            (memory.base + SharedTapeLayout.events(blocks: blockCapacity))
                .assumingMemoryBound(to: Event.self))
        unsafe prices = UnsafePointer(
            (memory.base
                + SharedTapeLayout.prices(blocks: blockCapacity, events: capacity))
                .assumingMemoryBound(to: ExactPrices.self))
    }

    @inline(__always) var published: Int {
        Int(
            truncatingIfNeeded: unsafe SharedWord64(memory.base + SharedTapeLayout.published).latest
        )
    }
    @inline(__always) var visible: Int {
        Int(truncatingIfNeeded: unsafe SharedWord64(memory.base + SharedTapeLayout.visible).latest)
    }
    func block(_ number: Int) -> EventRun {
        let entry =
            unsafe memory.base + SharedTapeLayout.directory
            + number % blockCapacity * SharedTapeLayout.directoryEntry
        let start = Int(unsafe SharedWord64(entry).value)
        let count = Int(unsafe SharedWord64(entry + 8).value)
        return unsafe EventRun(events: events + start, prices: prices + start, count: count)
    }
}
