import Glibc

/// A file that appears whole or not at all: written beside its name and renamed when it is finished. With no
/// path it lives in memory only.
package final class OutputFile: Sendable {
    /// As the user named it.
    package let path: String
    let descriptor: Int32
    private let temporary: String?
    private let isKept: Kept

    /// A file at `path`, replacing what is there when it is finished.
    package init(replacing path: String) throws(FeedError) {
        let temporary = path + ".\(getpid()).\(Self.nonce()).partial"
        let descriptor = unsafe open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        self.path = path
        self.temporary = temporary
        self.descriptor = descriptor
        isKept = Kept()
    }

    /// A file without a name on a disk; `name` is for messages.
    package init(inMemory name: String) throws(FeedError) {
        let descriptor = try UnnamedFile.open(name)
        path = name
        temporary = nil
        self.descriptor = descriptor
        isKept = Kept()
    }

    /// A file without a name, on the disk where `path` is to be.
    package init(besides path: String) throws(FeedError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        descriptor = try UnnamedFile.open(path, in: folder.isEmpty ? "/" : folder)
        self.path = path
        temporary = nil
        isKept = Kept()
    }

    deinit {
        close(descriptor)
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

    /// A rename is only on the disk when its folder is. Some file systems refuse; the file itself is safe.
    private func syncFolder() {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        if descriptor >= 0 {
            fsync(descriptor)
            close(descriptor)
        }
    }

    private static func nonce() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(truncatingIfNeeded: time.tv_sec &* 1_000_000_000 &+ time.tv_nsec)
    }

    static func failure(_ path: String, _ code: Int32) -> FeedError {
        let hint = switch code {
        case ENOSPC, EDQUOT: "free some space or write elsewhere"
        case ENOENT: "make its folder first"
        case EACCES, EPERM, EROFS: "write elsewhere, or see the folder's permissions"
        default: ""
        }
        return FeedError(
            .notWritable, path, "cannot be written: \(SystemFailure.text(code))", hint: hint)
    }
}
