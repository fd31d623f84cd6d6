import CSandbox
import CTapedeck

/// The memory that one instance in a worker shares with the host: a ring of entries from the
/// worker, a place for one request of the host, and words by which each wakes the other. The host
/// believes nothing of it.
@safe final class WorkerChannel: Sendable {
    /// One entry. Always 128 bytes.
    struct Entry {
        var kind: UInt16 = 0
        /// Bytes of the payload that count.
        var length: UInt16 = 0
        /// Events of the block that the portfolio had seen.
        var place: UInt32 = 0
        var block: UInt64 = 0
        var number: UInt64 = 0
        var payload: Payload = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

        typealias Payload = (
            UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64,
            UInt64, UInt64
        )
        static let longest = 104
    }

    /// What the host asks of an instance between two blocks.
    enum Request: UInt32 {
        case none, begin, start, stop, setParameter, save, load, event, lookBack
        /// Gives what the one after it begins with.
        case handDown
        /// Takes the portfolio as it is now, and goes on at another place.
        case restore
        case leave
    }

    enum Layout {
        // Written by the worker, its sleep flag excepted, which whoever wakes it lowers.
        static let head = 0, played = 8, steps = 16, answered = 32, answerLength = 40
        static let stage = 48, refusedCall = 52, layers = 56, landlock = 60
        static let sleepFlag = 64
        // Of a worker as a whole, on its board: whose turn it is, and how many there were.
        static let turn = 72, turns = 80
        static let consumed = 96, calls = 104  // and behind them the place in the block
        // Written by the host.
        static let tail = 128, request = 136, requestLength = 140, requestNumber = 144
        static let requestWords = 152  // three words of 64 bits
        static let playsTo = 176, leftTaken = 184
        static let hostFlag = 192, hostWord = 196, sleepWord = 200
        static let offered = 204  // on the board: seats that were handed over
        static let ring = 4096
        static let entries = 4096
        static let text = ring + entries * MemoryLayout<Entry>.stride
    }

    /// How far a worker has come with an instance.
    enum Stage: UInt32 { case starting, walled, opened, created, loaded, started, failed, left }

    let memory: SharedMemory
    /// What a worker has once, however many instances it holds, stands in the channel of its first.
    let board: SharedMemory
    /// Room for the text of a request or its answer.
    let textSize: Int
    /// Within `memory`.
    nonisolated(unsafe) private let ring: UnsafeMutablePointer<Entry>

    init(textSize: Int, board: SharedMemory? = nil) throws(WorkerFailure) {
        memory = try SharedMemory(size: Layout.text + textSize, name: "tapedeck-channel")
        self.board = board ?? memory
        self.textSize = memory.size - Layout.text
        // Many of one worker share what memory there is.
        if board == nil { memory.prepare(Layout.text) }
        unsafe ring = (memory.base + Layout.ring).assumingMemoryBound(to: Entry.self)
    }

    init(_ memory: SharedMemory, board: SharedMemory? = nil) {
        self.memory = memory
        self.board = board ?? memory
        textSize = memory.size - Layout.text
        if board == nil { memory.prepare(Layout.text) }
        unsafe ring = (memory.base + Layout.ring).assumingMemoryBound(to: Entry.self)
    }

    @inline(__always) func word64(_ place: Int) -> SharedWord64 {
        unsafe SharedWord64(memory.base + place)
    }
    @inline(__always) func word32(_ place: Int) -> SharedWord32 {
        unsafe SharedWord32(memory.base + place)
    }
    var consumed: UnsafeMutablePointer<UInt64> {
        unsafe (memory.base + Layout.consumed).assumingMemoryBound(to: UInt64.self)
    }
    /// Wakes the worker.
    var bell: WorkerBell { WorkerBell(board, flag: Layout.sleepFlag, word: Layout.sleepWord) }
    /// Wakes the host, where it waits for this instance.
    var hostBell: WorkerBell { WorkerBell(memory, flag: Layout.hostFlag, word: Layout.hostWord) }
    private var text: UnsafeMutableRawPointer { unsafe memory.base + Layout.text }

    // The ring, from both sides.

    @inline(__always) func slot(_ number: UInt64) -> UnsafeMutablePointer<Entry> {
        unsafe ring + Int(number & UInt64(Layout.entries - 1))
    }

    /// Copies a text in, as much as there is room for; answers how much.
    func putText(_ bytes: [UInt8]) -> Int {
        let count = min(bytes.count, textSize)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe text.copyMemory(from: start, byteCount: count)
            }
        }
        return count
    }

    func takeText(_ count: Int) -> [UInt8] {
        unsafe Array(UnsafeRawBufferPointer(start: text, count: min(max(0, count), textSize)))
    }
}

extension WorkerChannel.Entry {
    /// Its payload's bytes, at most `longest`.
    var bytes: [UInt8] {
        let count = min(Int(length), Self.longest)
        return unsafe withUnsafeBytes(of: payload) { unsafe Array($0.prefix(count)) }
    }

    mutating func setBytes(_ bytes: some Collection<UInt8>) {
        let bytes = bytes.prefix(Self.longest)
        length = UInt16(bytes.count)
        unsafe withUnsafeMutableBytes(of: &payload) { unsafe $0.copyBytes(from: bytes) }
    }

    /// The ticket in it: plain numbers, of which every pattern of bits is a value.
    var ticket: td_order {
        get { unsafe withUnsafeBytes(of: payload) { unsafe $0.loadUnaligned(as: td_order.self) } }
        set {
            length = UInt16(MemoryLayout<td_order>.size)
            unsafe withUnsafeMutableBytes(of: &payload) {
                unsafe $0.storeBytes(of: newValue, as: td_order.self)
            }
        }
    }

    /// What an entry says.
    enum Kind: UInt16 {
        case submit = 1, replace, cancel, timer
        case signal, point, plotName, log, dropped
        /// The strategy is called no more from `place` on; `number` says why.
        case ended
        /// Words that belong to what ended it.
        case words
        /// The block was played to its end; the mirror's digest is in the payload.
        case played
        /// What it leaves to the one that would be started again in its place, before the event at
        /// `place`: `number` bytes of text, which stay until the host has taken them.
        case left
    }
}
