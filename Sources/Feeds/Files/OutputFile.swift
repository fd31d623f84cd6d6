import Glibc
import Synchronization

/// A file that appears whole or not at all: written beside its name and renamed when it is
/// finished. With no path it lives in memory only.
package final class OutputFile: Sendable {
    /// As the user named it.
    package let path: String
    let descriptor: Int32
    /// The same file past the system's cache; -1 where there is no such way.
    private let direct: Int32
    /// A write that makes the file longer keeps others out; whoever waits for that in the system
    /// may wait busily.
    private let turn = Mutex(())
    /// Used by who has the turn.
    private let room = PageRoom()
    private let temporary: String?
    private let isKept: Kept

    /// A file at `path`, replacing what is there when it is finished. `isLarge` opens a way past
    /// the cache for `writePages`.
    package init(replacing path: String, isLarge: Bool = false) throws(FeedError) {
        let temporary = path + ".\(getpid()).\(Self.nonce()).partial"
        let descriptor = unsafe open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        self.path = path
        self.temporary = temporary
        self.descriptor = descriptor
        // Not every file system has it; then all is written as usual.
        direct = isLarge ? unsafe open(temporary, O_WRONLY | O_CLOEXEC | Self.pastCache) : -1
        isKept = Kept()
    }

    /// A file without a name on a disk; `name` is for messages.
    package init(inMemory name: String) throws(FeedError) {
        let descriptor = try UnnamedFile.open(name)
        path = name
        temporary = nil
        direct = -1
        self.descriptor = descriptor
        isKept = Kept()
    }

    /// A file without a name, on the disk where `path` is to be.
    package init(besides path: String) throws(FeedError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        descriptor = try UnnamedFile.open(path, in: folder.isEmpty ? "/" : folder)
        self.path = path
        temporary = nil
        direct = -1
        isKept = Kept()
    }

    deinit {
        close(descriptor)
        if direct >= 0 { close(direct) }
        if let temporary, !isKept.value { unsafe unlink(temporary) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FeedError) {
        var written = 0
        while written < bytes.count, let base = bytes.baseAddress {
            let count = unsafe pwrite(
                descriptor, base + written, bytes.count - written, off_t(offset + written))
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(path, errno)
            }
            written += count
        }
    }

    /// Writes whole pages past the system's cache where the file was opened for it, and the rest as
    /// usual.
    package func writePages(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FeedError) {
        guard direct >= 0, let base = bytes.baseAddress, bytes.count >= 4 * PageRoom.page else {
            return try unsafe write(bytes, at: offset)
        }
        let head = (PageRoom.page - offset % PageRoom.page) % PageRoom.page
        let whole = (bytes.count - head) / PageRoom.page * PageRoom.page
        try turn.withLock { _ throws(FeedError) in
            let pages = unsafe room.copy(base + head, whole)
            let end = unsafe head + writePastCache(pages, whole, at: offset + head)
            try unsafe write(UnsafeRawBufferPointer(start: base, count: head), at: offset)
            // The last bytes; and what a device with larger blocks, or a full disk, has not taken:
            // the usual way says which of the two it is.
            let rest = unsafe UnsafeRawBufferPointer(start: base + end, count: bytes.count - end)
            try unsafe write(rest, at: offset + end)
        }
    }

    /// How far it came.
    private func writePastCache(
        _ base: UnsafeMutableRawPointer, _ count: Int, at offset: Int
    ) -> Int {
        var written = 0
        while written < count {
            let step = unsafe pwrite(
                direct, base + written, count - written, off_t(offset + written))
            if step < 0 && errno == EINTR { continue }
            if step <= 0 { break }
            written += step
        }
        return written
    }

    package func write(_ bytes: [UInt8], at offset: Int) throws(FeedError) {
        var failure: FeedError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(FeedError) { try unsafe write(buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Gives it its name. `isDurable` waits until the disk has it.
    package func finish(size: Int, isDurable: Bool) throws(FeedError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw Self.failure(path, errno) }
        guard let temporary else { return }
        if isDurable, fsync(descriptor) != 0 { throw Self.failure(path, errno) }
        guard unsafe rename(temporary, path) == 0 else { throw Self.failure(path, errno) }
        isKept.set()
        if isDurable { syncFolder() }
    }

    /// A rename is only on the disk when its folder is. Some file systems refuse; the file itself
    /// is safe.
    private func syncFolder() {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        if descriptor >= 0 {
            fsync(descriptor)
            close(descriptor)
        }
    }

    /// `O_DIRECT`, which the Glibc module hides behind a GNU macro.
    private static var pastCache: Int32 {
        #if arch(x86_64)
        0o40000
        #else
        0o200000
        #endif
    }

    private static func nonce() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(truncatingIfNeeded: time.tv_sec &* 1_000_000_000 &+ time.tv_nsec)
    }

    static func failure(_ path: String, _ code: Int32) -> FeedError {
        let hint =
            switch code {
            case ENOSPC, EDQUOT: "free some space or write elsewhere"
            case ENOENT: "make its folder first"
            case EACCES, EPERM, EROFS: "write elsewhere, or see the folder's permissions"
            default: ""
            }
        return FeedError(
            .notWritable, path, "cannot be written: \(SystemFailure.text(code))", hint: hint)
    }
}

/// Memory that begins with a page, as writing past the cache wants it. What the disk takes is
/// copied here first: lines that a device has read are slow to write to again.
@safe private final class PageRoom: @unchecked Sendable {
    static let page = 4096
    private var base: UnsafeMutableRawPointer?
    private var size = 0

    deinit { unsafe base?.deallocate() }

    /// Valid until the next call.
    func copy(_ bytes: UnsafeRawPointer, _ count: Int) -> UnsafeMutableRawPointer {
        if let base = unsafe base, size >= count {
            unsafe base.copyMemory(from: bytes, byteCount: count)
            return unsafe base
        }
        unsafe base?.deallocate()
        size = count
        let room = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: Self.page)
        unsafe room.copyMemory(from: bytes, byteCount: count)
        unsafe base = room
        return unsafe room
    }
}
