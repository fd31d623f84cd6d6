import Glibc

/// Room for bytes that no folder shows and that is gone with its last descriptor.
enum UnnamedFile {
    private typealias MemoryFile = @convention(c) (UnsafePointer<CChar>, UInt32) -> Int32
    private static let closeOnExec: UInt32 = 1

    /// In memory; where the system has no such files, in the folder for temporary ones.
    static func open(_ name: String) throws(FeedError) -> Int32 {
        // The Glibc module hides this function behind a GNU macro, so it is looked up.
        if let symbol = unsafe dlsym(nil, "memfd_create") {
            let create = unsafe unsafeBitCast(symbol, to: MemoryFile.self)
            let descriptor = unsafe create("tapedeck", closeOnExec)
            if descriptor >= 0 { return descriptor }
        }
        let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        return try open(name, in: folder)
    }

    /// On the disk of `folder`.
    static func open(_ name: String, in folder: String) throws(FeedError) -> Int32 {
        var template = Array((folder + "/tapedeck.XXXXXX").utf8CString)
        let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return Int32(-1) }
            let descriptor = unsafe mkstemp(base)
            if descriptor >= 0 {
                unsafe unlink(base)
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            }
            return descriptor
        }
        guard descriptor >= 0 else { throw OutputFile.failure(name, errno) }
        return descriptor
    }
}
