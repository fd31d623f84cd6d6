import CLinux
import Glibc

/// A Unix socket's address, and bytes through it.
enum UnixSocket {
    /// The system's bound, its final zero included.
    static let longestPath = 108

    static func withAddress<R>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) throws(DeckFailure) -> R {
        let bytes = Array(path.utf8)
        guard bytes.count < longestPath, !bytes.contains(0) else {
            throw DeckFailure(
                "\(path): the path of a socket may have \(longestPath - 1) bytes; name a shorter one with control:"
            )
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The array of characters in `address`, which is longer than the path.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    static func make() -> Int32 {
        socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    /// Writes all of it; false when the other side is gone.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                // Within the buffer: `written` is below its count.
                unsafe send(
                    descriptor, buffer.baseAddress! + written, buffer.count - written,
                    Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    /// Who is at the other end; nil when the system does not say.
    static func peer(_ descriptor: Int32) -> linux_peer? {
        var peer = linux_peer()
        var size = socklen_t(MemoryLayout<linux_peer>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, Int32(LINUX_PEER), &peer, &size) == 0
            ? peer : nil
    }

    static func reason(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}

/// Lines that come through a descriptor.
struct LineReader {
    static let longest = 1 << 16
    let descriptor: Int32
    private var bytes: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next line without its end; nil at the end, or for a line that is too long.
    mutating func next(longest: Int = LineReader.longest) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                defer { bytes.removeFirst(end + 1) }
                return Array(bytes[..<end])
            }
            guard bytes.count < longest else { return nil }
            let count = unsafe read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
        }
    }
}
