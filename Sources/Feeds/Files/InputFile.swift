import Glibc

/// A regular file that is read by position. Reading never maps, so a file that shrinks meanwhile
/// gives fewer bytes, not a signal.
package final class InputFile: Sendable {
    package let path: String
    /// Bytes at the time of opening.
    package let size: Int
    private let descriptor: Int32

    package init(_ path: String) throws(FeedError) {
        let (descriptor, size) = try Self.open(path)
        self.path = path
        self.descriptor = descriptor
        self.size = size
    }

    deinit { close(descriptor) }

    /// Fills `buffer` from `offset` on; fewer bytes only at the end of the file.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(FeedError) -> Int {
        var filled = 0
        while filled < buffer.count, let base = buffer.baseAddress {
            let count = unsafe pread(
                descriptor, base + filled, buffer.count - filled, off_t(offset + filled))
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw FeedError(.notReadable, path, "reading failed: \(SystemFailure.text(errno))")
            }
            filled += count
        }
        return filled
    }

    /// The first `limit` bytes, or fewer.
    package func prefix(_ limit: Int) throws(FeedError) -> [UInt8] {
        try bytes(at: 0, count: min(limit, size))
    }

    /// `count` bytes from `offset` on, or fewer at the end of the file.
    package func bytes(at offset: Int, count: Int) throws(FeedError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: FeedError?
        var filled = 0
        unsafe bytes.withUnsafeMutableBytes { buffer in
            do throws(FeedError) { filled = try unsafe read(into: buffer, at: offset) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Opens for reading and looks at what it is.
    static func open(_ path: String) throws(FeedError) -> (descriptor: Int32, size: Int) {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0 { throw failure(path, errno) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            defer { close(descriptor) }
            throw failure(path, errno)
        }
        let type = status.st_mode & S_IFMT
        guard type == S_IFREG else {
            close(descriptor)
            throw type == S_IFDIR
                ? FeedError(.isDirectory, path, "this is a folder", hint: "name one file in it")
                : FeedError(.notRegularFile, path, "this is not a regular file")
        }
        return (descriptor, Int(status.st_size))
    }

    private static func failure(_ path: String, _ code: Int32) -> FeedError {
        switch code {
        case ENOENT: FeedError(.notFound, path, "no such file")
        case EACCES:
            FeedError(.notReadable, path, "not allowed to read it", hint: "see its permissions")
        default: FeedError(.notReadable, path, "cannot be opened: \(SystemFailure.text(code))")
        }
    }
}

/// What the operating system says about a failure.
enum SystemFailure {
    static func text(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
