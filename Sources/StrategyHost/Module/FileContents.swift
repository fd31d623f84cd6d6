import Glibc

/// The bytes of a plug-in file, read once and only when nobody is writing it.
struct FileContents {
    /// Larger than any honest plug-in (ordinary Swift with Foundation inside has 70 MB).
    static let largest = 256 * 1024 * 1024

    let bytes: [UInt8]

    /// - Throws: `PluginRefusal`: not there, not readable, no regular file, empty, too large,
    ///   changing.
    static func read(_ path: String) throws(PluginRefusal) -> FileContents {
        func refusal(
            _ cause: PluginRefusal.Cause, _ what: String, _ advice: String = ""
        ) -> PluginRefusal {
            PluginRefusal(file: path, cause: cause, what: what, advice: advice)
        }
        // Without O_NONBLOCK opening a named pipe would wait for a writer for ever.
        let descriptor =
            path.utf8.contains(0) ? -1 : unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = errno
            throw reason == ENOENT || reason == ENOTDIR || path.utf8.contains(0)
                ? refusal(.notFound, "there is no such file", "check the path, or build it first")
                : refusal(
                    .unreadable, "cannot be read: \(systemError(reason))", "check its permissions")
        }
        defer { close(descriptor) }
        guard let before = status(descriptor) else {
            throw refusal(.unreadable, "cannot be examined: \(systemError(errno))")
        }
        guard before.st_mode & S_IFMT == S_IFREG else {
            let isFolder = before.st_mode & S_IFMT == S_IFDIR
            throw refusal(
                .notRegularFile, isFolder ? "is a folder" : "is not a regular file",
                "name the .so file itself")
        }
        guard before.st_size > 0 else { throw refusal(.empty, "is empty", "build it again") }
        guard before.st_size <= largest else {
            throw refusal(
                .tooLarge, "has \(before.st_size) bytes; the most is \(largest)",
                "strip it, or link less into it")
        }
        let bytes = try read(descriptor, count: before.st_size, refusal: refusal)
        let after = status(descriptor)
        guard let after, after.st_size == before.st_size,
            after.st_mtim.tv_sec == before.st_mtim.tv_sec,
            after.st_mtim.tv_nsec == before.st_mtim.tv_nsec, bytes.count == before.st_size
        else { throw refusal(.changing, "is being written to", "try again when it is complete") }
        return FileContents(bytes: bytes)
    }

    private static func status(_ descriptor: Int32) -> stat? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? status : nil
    }

    private static func read(
        _ descriptor: Int32, count: Int,
        refusal: (PluginRefusal.Cause, String, String) -> PluginRefusal
    ) throws(PluginRefusal) -> [UInt8] {
        var reason: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                // Inside the buffer: `filled` is below `count`, its capacity.
                let got = unsafe Glibc.read(
                    descriptor, buffer.baseAddress! + filled, count - filled)
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    reason = errno
                    return
                }
            }
        }
        guard reason == 0 else {
            throw refusal(.unreadable, "cannot be read: \(systemError(reason))", "")
        }
        return bytes
    }
}

/// The C library's words for an error number.
func systemError(_ number: Int32) -> String {
    // strerror_r answers with a pointer into the buffer or to a constant; both outlive this copy.
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
        unsafe buffer.initialize(repeating: 0)
        unsafe strerror_r(number, buffer.baseAddress!, buffer.count)
        return unsafe String(cString: buffer.baseAddress!)
    }
}
