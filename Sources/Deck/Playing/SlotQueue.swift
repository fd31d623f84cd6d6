import CTapedeck
import Glibc
import Market
import StrategyHost

/// What a strategy in a worker has still to play of a feed that keeps time, and that does not wait
/// for it: on a tape of its own, and what that has no room for in a file that no folder shows.
///
/// Blocks keep the numbers and the order in which they came. Memory is that of the tape, however
/// late a worker is.
final class SlotQueue {
    let tape: SharedTape
    /// Events of each block that lies in the file, oldest first, and where the first of them begins
    /// there.
    private var spilled: [Int] = []
    private var start: off_t = 0
    private var end: off_t = 0
    /// Below zero until it is needed.
    private var file: Int32 = -1

    /// - Parameter largestBlock: the most events that one block has.
    init(largestBlock: Int) throws(DeckFailure) { tape = try SlotPlacing.tape(largestBlock) }

    /// On a tape that nobody has played from.
    init(tape: SharedTape) { self.tape = tape }

    deinit { if file >= 0 { close(file) } }

    /// Blocks that have come.
    var count: Int { tape.published + spilled.count }

    /// Takes a block, which is copied.
    /// - Returns: whether there was room for it.
    func offer(_ run: EventRun) -> Bool {
        guard unsafe run.count > 0 else { return true }
        pump()
        if spilled.isEmpty, let room = unsafe tape.reserve(run.count) {
            unsafe room.events.update(from: run.events, count: run.count)
            unsafe room.prices.update(from: run.prices, count: run.count)
            tape.publish(count: unsafe run.count)
            return true
        }
        return unsafe spill(run)
    }

    /// Moves what lies in the file to the tape, as far as there is room.
    func pump() {
        while let count = spilled.first, let room = unsafe tape.reserve(count) {
            let size = count * MemoryLayout<Event>.stride
            guard unsafe move(UnsafeMutableRawPointer(room.events), size, at: start, pread),
                unsafe move(
                    UnsafeMutableRawPointer(room.prices), count * MemoryLayout<ExactPrices>.stride,
                    at: start + off_t(size), pread)
            else { preconditionFailure("a file that was written can be read") }
            start += off_t(count * Self.stride)
            spilled.removeFirst()
            tape.publish(count: count)
        }
        if spilled.isEmpty, end > 0 {
            (start, end) = (0, 0)
            ftruncate(file, 0)
        }
    }

    private static let stride = MemoryLayout<Event>.stride + MemoryLayout<ExactPrices>.stride

    private func spill(_ run: EventRun) -> Bool {
        if file < 0 { file = Self.unnamedFile() }
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
        spilled.append(count)
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
        while done < count {
            let moved = unsafe call(file, bytes + done, count - done, place + off_t(done))
            if moved < 0, errno == EINTR { continue }
            guard moved > 0 else { return false }
            done += moved
        }
        return true
    }

    private static func unnamedFile() -> Int32 {
        let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var path = Array((folder + "/tapedeck.XXXXXX").utf8CString)
        let file = unsafe mkstemp(&path)
        if file >= 0 {
            unsafe unlink(path)
            _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        }
        return file
    }
}
