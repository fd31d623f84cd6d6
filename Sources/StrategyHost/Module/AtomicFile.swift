import Glibc

/// Writes a file so that everybody sees the old one or the new one, whole, also after a power cut.
package enum AtomicFile {
    /// - Throws: `PluginRefusal` of `path`; the old file is then untouched.
    package static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o644
    ) throws(PluginRefusal) {
        let place = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let folder = place == path.startIndex ? "." : String(path[..<place])
        // Hidden and without the suffix: whoever watches the folder takes it for nothing.
        let draft = "\(path[..<place]).\(path[place...]).\(getpid()).new"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(path, "cannot be written", errno) }
        do throws(PluginRefusal) {
            defer { close(descriptor) }
            try put(bytes, descriptor, path)
            guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
                throw failure(path, "cannot be written to the disk", errno)
            }
        } catch {
            unsafe unlink(draft)
            throw error
        }
        guard unsafe rename(draft, path) == 0 else {
            let reason = errno
            unsafe unlink(draft)
            throw failure(path, "cannot be put in its place", reason)
        }
        let directory = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure(folder, "cannot be opened", errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else {
            throw failure(folder, "cannot be written to the disk", errno)
        }
    }

    private static func put(
        _ bytes: [UInt8], _ descriptor: Int32, _ path: String
    ) throws(PluginRefusal) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                // `written` is below the count.
                unsafe Glibc.write(
                    descriptor, buffer.baseAddress! + written, buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "cannot be written", errno) }
            written += count
        }
    }

    private static func failure(_ path: String, _ what: String, _ number: Int32) -> PluginRefusal {
        PluginRefusal(
            file: path, cause: .system, what: "\(what): \(systemError(number))",
            advice: "check permissions and space")
    }
}
