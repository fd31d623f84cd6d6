import CLinux
import Glibc
import Synchronization

/// A copy of a plug-in's bytes in memory that nobody can change any more, as a file that the loader
/// can open.
///
/// The descriptor stays open as long as an image may be loaded from it, to the process's end if
/// need be: the loader matches by path, and a number that is used again would give it the old
/// image.
final class SealedFile: Sendable {
    let descriptor: Int32
    /// How its mappings are called in `/proc/self/maps`.
    let mappedName: String
    /// Whether an image of it is, or may be, in this process: then the descriptor is never given
    /// back.
    private let isLoaded = Atomic<Bool>(false)

    /// Tells the copies of one process apart in its memory map.
    private static let serial = Atomic<Int>(0)

    /// - Throws: `PluginRefusal` of `file`, with cause `system`.
    init(bytes: [UInt8], name: String, file: String) throws(PluginRefusal) {
        let name = "\(name)-\(Self.serial.wrappingAdd(1, ordering: .relaxed).newValue)"
        let descriptor = unsafe memfd_create(
            name, UInt32(LINUX_MFD_CLOEXEC | LINUX_MFD_ALLOW_SEALING))
        guard descriptor >= 0 else { throw Self.refusal(file, "cannot make a copy in memory") }
        self.descriptor = descriptor
        mappedName = "/memfd:\(name)"
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                // `written` is below the count.
                unsafe write(descriptor, buffer.baseAddress! + written, buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.refusal(file, "cannot copy it into memory") }
            written += count
        }
        guard fcntl(descriptor, Int32(LINUX_F_ADD_SEALS), Int32(LINUX_SEALS_ALL)) == 0 else {
            throw Self.refusal(file, "cannot seal its copy")
        }
    }

    /// A sealed copy that another process made, and whose descriptor this one was given for good.
    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        mappedName = "/memfd:tapedeck"
        isLoaded.store(true, ordering: .relaxed)
    }

    deinit {
        if !isLoaded.load(ordering: .relaxed) { close(descriptor) }
    }

    func setLoaded(_ loaded: Bool) { isLoaded.store(loaded, ordering: .relaxed) }

    /// As long as this lives, the path means these bytes and no others.
    var path: String { "/proc/self/fd/\(descriptor)" }

    private static func refusal(_ file: String, _ what: String) -> PluginRefusal {
        PluginRefusal(file: file, cause: .system, what: "\(what): \(systemError(errno))")
    }
}
