import CTapedeck
import Glibc
import Market
import StrategyHost

/// Blocks that wait in a file that no folder shows; in memory, where there is no disk for them.
final class BlockSpill {
    /// Where the oldest block begins in the file, and where the newest one ends.
    private var start: off_t = 0
    private var end: off_t = 0
    /// Below zero until it is needed.
    private(set) var file: Int32 = -1
    /// What came after the file could take no more, oldest first.
    private var kept: [(events: [Event], prices: [ExactPrices])] = []
    private var nextKept = 0
    private let folder: String

    /// - Parameter folder: where the file is made.
    init(folder: String = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp") {
        self.folder = folder
    }

    deinit { if file >= 0 { close(file) } }

    private static let stride = MemoryLayout<Event>.stride + MemoryLayout<ExactPrices>.stride

    func put(_ run: EventRun) {
        if nextKept == kept.count, unsafe write(run) { return }
        kept.append(
            unsafe (
                Array(UnsafeBufferPointer(start: run.events, count: run.count)),
                Array(UnsafeBufferPointer(start: run.prices, count: run.count))
            ))
    }

    /// The oldest block, of so many events.
    func take(_ count: Int, into room: SharedTape.Room) throws(DeckFailure) {
        guard start == end else { return try unsafe read(count, into: room) }
        for place in 0..<count {
            unsafe room.events[place] = kept[nextKept].events[place]
            unsafe room.prices[place] = kept[nextKept].prices[place]
        }
        kept[nextKept] = ([], [])
        nextKept += 1
    }

    /// Everything has been taken.
    func clear() {
        if nextKept > 0 { (kept, nextKept) = ([], 0) }
        guard end > 0 else { return }
        (start, end) = (0, 0)
        ftruncate(file, 0)
    }

    private func read(_ count: Int, into room: SharedTape.Room) throws(DeckFailure) {
        let size = count * MemoryLayout<Event>.stride
        guard unsafe move(UnsafeMutableRawPointer(room.events), size, at: start, pread),
            unsafe move(
                UnsafeMutableRawPointer(room.prices), count * MemoryLayout<ExactPrices>.stride,
                at: start + off_t(size), pread)
        else {
            let reason =
                unsafe errno == 0 ? "it is shorter than it was" : String(cString: strerror(errno))
            throw DeckFailure(
                "what a late strategy has still to play cannot be read back from its file in \(folder): \(reason); "
                    + "give it another folder with TMPDIR")
        }
        start += off_t(count * Self.stride)
    }

    private func write(_ run: EventRun) -> Bool {
        if file < 0 { file = unnamedFile() }
        guard file >= 0 else { return false }
        let count = unsafe run.count
        let size = count * MemoryLayout<Event>.stride
        guard unsafe move(UnsafeMutableRawPointer(mutating: run.events), size, at: end, Self.write),
            unsafe move(
                UnsafeMutableRawPointer(mutating: run.prices),
                count * MemoryLayout<ExactPrices>.stride,
                at: end + off_t(size), Self.write)
        else { return false }
        end += off_t(count * Self.stride)
        return true
    }

    private static func write(
        _ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int, _ place: off_t
    ) -> Int { unsafe pwrite(file, bytes, count, place) }

    /// All of it, in as many calls as the system likes.
    private func move(
        _ bytes: UnsafeMutableRawPointer, _ count: Int, at place: off_t,
        _ call: (Int32, UnsafeMutableRawPointer?, Int, off_t) -> Int
    ) -> Bool {
        var done = 0
        errno = 0
        while done < count {
            let moved = unsafe call(file, bytes + done, count - done, place + off_t(done))
            if moved < 0, errno == EINTR { continue }
            guard moved > 0 else { return false }
            done += moved
        }
        return true
    }

    private func unnamedFile() -> Int32 {
        var path = Array((folder + "/tapedeck.XXXXXX").utf8CString)
        let file = unsafe mkstemp(&path)
        if file >= 0 {
            unsafe unlink(path)
            _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        }
        return file
    }
}
