import FoundationEssentials
import Glibc

/// Speaks with a running deck.
package final class ControlClient {
    private let descriptor: Int32
    private var lines: LineReader

    /// - Throws: when nobody listens there.
    package init(_ path: String) throws(DeckFailure) {
        descriptor = UnixSocket.make()
        lines = LineReader(descriptor)
        let result = try unsafe UnixSocket.withAddress(path) { (address, size) in
            unsafe connect(descriptor, address, size)
        }
        guard result == 0 else {
            let reason = errno
            throw DeckFailure(
                reason == ENOENT || reason == ECONNREFUSED
                    ? "no deck is commanded at \(path); start one with `tapedeck run`, or name its socket with "
                        + "--control"
                    : "\(path): \(UnixSocket.reason(reason))")
        }
    }

    deinit { close(descriptor) }

    package func ask(_ request: ControlRequest) throws(DeckFailure) -> ControlAnswer {
        do {
            let line = Array(try JSONEncoder().encode(request)) + [UInt8(ascii: "\n")]
            if UnixSocket.write(line, to: descriptor), let answer = lines.next(longest: 1 << 26) {
                return try JSONDecoder().decode(ControlAnswer.self, from: Data(answer))
            }
        } catch {
            throw DeckFailure(
                "the deck's answer is not understood; is it another version of Tapedeck?")
        }
        throw DeckFailure("the deck has ended")
    }

    /// Whether a deck listens there.
    static func isAnswered(_ path: String) -> Bool {
        let descriptor = UnixSocket.make()
        defer { close(descriptor) }
        do {
            return try unsafe UnixSocket.withAddress(path) { (address, size) in
                unsafe connect(descriptor, address, size)
            } == 0
        } catch {
            return false
        }
    }
}

/// Where decks are commanded.
package enum ControlPlace {
    /// `$XDG_RUNTIME_DIR/tapedeck`, else a folder of the user's own under `/tmp`.
    package static var folder: String {
        if let runtime = DeckConfiguration.environmentVariable("XDG_RUNTIME_DIR"), !runtime.isEmpty
        {
            return "\(runtime)/tapedeck"
        }
        return "/tmp/tapedeck-\(getuid())"
    }

    /// The usual socket of a configuration: by its file's name.
    package static func standard(_ configuration: String) -> String {
        let file = configuration.split(separator: "/").last.map(String.init) ?? "deck"
        let name = file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file
        return "\(folder)/\(name).sock"
    }

    /// Makes the folder, for its user alone.
    package static func makeFolder() throws(DeckFailure) {
        guard unsafe mkdir(folder, 0o700) != 0, errno != EEXIST else {
            // A folder of somebody else's would let them answer in our place.
            var status = stat()
            guard unsafe lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
                status.st_uid == getuid()
            else {
                throw DeckFailure("\(folder) belongs to somebody else; name a socket with control:")
            }
            return
        }
        throw DeckFailure("\(folder): \(UnixSocket.reason(errno))")
    }

    /// Sockets in the usual folder, by name.
    package static var sockets: [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // The name is a C string inside the entry, valid until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name.hasSuffix(".sock") { names.append("\(folder)/\(name)") }
        }
        return names.sorted().filter { ControlClient.isAnswered($0) }
    }
}
