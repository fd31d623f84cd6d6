import Glibc
package import Market
import Synchronization

/// Watches folders for files of interest, and tells of each that has become another one: once it is
/// quiet and whole.
///
/// What the system says of a file is only a reason to look: whether it has changed is decided by
/// its content, so that it does not matter how it was written (in pieces, in place, by a rename),
/// how often, or with which time stamps. Events that were lost lead to a look at everything.
package final class FolderWatch: Sendable {
    /// What became of a file.
    package enum Change: Hashable, Sendable {
        case appeared(SHA256.Digest)
        case changed(SHA256.Digest)
        case gone
    }

    private struct Known {
        var digests: [String: SHA256.Digest] = [:]
        /// Files to be looked at, and what was last read of each.
        var restless: [String: SHA256.Digest?] = [:]
    }

    /// How long nothing may have been heard of a file before it is taken for finished.
    private let quietMilliseconds: Int32
    private let notices: Int32
    private let folders: [(descriptor: Int32, path: String)]
    private let isOfInterest: @Sendable (String) -> Bool
    private let tell: @Sendable (String, Change) -> Void
    private let known: Mutex<Known>
    private let isStopped = Atomic(false)
    private let bell: [Int32]

    /// Everything that is there now is known.
    /// - Parameters:
    ///   - isOfInterest: by path.
    ///   - tell: called on the watch's own thread.
    /// - Throws: when the system has no more watches to give.
    package init(
        _ folders: [String], quietMilliseconds: Int32 = 60,
        isOfInterest: @escaping @Sendable (String) -> Bool,
        tell: @escaping @Sendable (String, Change) -> Void
    ) throws(DeckFailure) {
        self.quietMilliseconds = quietMilliseconds
        self.isOfInterest = isOfInterest
        self.tell = tell
        notices = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard notices >= 0 else { throw DeckFailure("folders cannot be watched: \(Self.reason)") }
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw DeckFailure("folders cannot be watched: \(Self.reason)")
        }
        bell = ends
        var watched: [(Int32, String)] = []
        for folder in folders where !watched.contains(where: { $0.1 == folder }) {
            let descriptor = unsafe inotify_add_watch(notices, folder, Self.mask)
            guard descriptor >= 0 else {
                close(notices)
                throw DeckFailure("\(folder) cannot be watched: \(Self.reason)")
            }
            watched.append((descriptor, folder))
        }
        self.folders = watched
        known = Mutex(Known())
        let there = all()
        known.withLock { $0.digests = there }
    }

    private static var mask: UInt32 {
        UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_MODIFY) | UInt32(IN_CREATE)
            | UInt32(IN_DELETE)
            | UInt32(IN_MOVED_FROM)
    }

    private static var reason: String { unsafe String(cString: strerror(errno)) }

    package func start() { ControlServer.thread { [self] in watch() } }

    package func stop() {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        var byte: UInt8 = 1
        _ = unsafe write(bell[1], &byte, 1)
    }

    private func watch() {
        var room = [UInt8](repeating: 0, count: 1 << 16)
        while !isStopped.load(ordering: .relaxed) {
            let isRestless = known.withLock { !$0.restless.isEmpty }
            var entries = [
                pollfd(fd: notices, events: Int16(POLLIN), revents: 0),
                pollfd(fd: bell[0], events: Int16(POLLIN), revents: 0),
            ]
            let ready = unsafe poll(&entries, 2, isRestless ? quietMilliseconds : -1)
            if ready < 0, errno != EINTR { break }
            if ready > 0, entries[0].revents != 0 { take(&room) } else if ready == 0 { settle() }
        }
        close(notices)
        close(bell[0])
        close(bell[1])
    }

    /// Reads what has come: which files to look at.
    private func take(_ room: inout [UInt8]) {
        let count = unsafe read(notices, &room, room.count)
        guard count > 0 else { return }
        var place = 0
        // The kernel's layout: watch, mask, cookie, length, each of four bytes, and a name of that
        // length.
        func word(_ at: Int) -> UInt32 {
            room[at..<at + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        while place + 16 <= count {
            let length = Int(word(place + 12))
            let name = room[place + 16..<min(count, place + 16 + length)].prefix { $0 != 0 }
            note(
                watch: Int32(bitPattern: word(place)), mask: word(place + 4),
                String(decoding: name, as: UTF8.self))
            place += 16 + length
        }
    }

    private func note(watch: Int32, mask: UInt32, _ name: String) {
        if mask & UInt32(IN_Q_OVERFLOW) != 0 {
            // Some were lost: look at everything, known and there.
            let there = Array(all().keys)
            known.withLock { known in
                for path in there + known.digests.keys {
                    known.restless.updateValue(nil, forKey: path)
                }
            }
            return
        }
        guard let folder = folders.first(where: { $0.descriptor == watch })?.path, !name.isEmpty
        else { return }
        let path = folder == "." ? name : "\(folder)/\(name)"
        guard isOfInterest(path) else { return }
        known.withLock { _ = $0.restless.updateValue(nil, forKey: path) }
    }

    /// Nothing was heard for a while: what reads twice the same has come to rest.
    private func settle() {
        for path in known.withLock({ $0.restless.keys.sorted() }) {
            let now = Self.digest(path)
            let change: Change? = known.withLock { known in
                guard let now else {
                    known.restless[path] = nil
                    return known.digests.removeValue(forKey: path) == nil ? nil : .gone
                }
                // Read once, and not yet twice: another look when it is quiet again.
                guard let seen = known.restless[path] ?? nil, seen == now else {
                    known.restless.updateValue(now, forKey: path)
                    return nil
                }
                known.restless[path] = nil
                let before = known.digests.updateValue(now, forKey: path)
                if before == now { return nil }
                return before == nil ? .appeared(now) : .changed(now)
            }
            if let change { tell(path, change) }
        }
    }

    private func all() -> [String: SHA256.Digest] {
        var found: [String: SHA256.Digest] = [:]
        for folder in folders.map(\.path) {
            guard let directory = unsafe opendir(folder) else { continue }
            while let entry = unsafe readdir(directory) {
                // The name is a C string inside the entry, valid until the next call.
                let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                        unsafe String(cString: $0)
                    }
                }
                let path = folder == "." ? name : "\(folder)/\(name)"
                if isOfInterest(path), let digest = Self.digest(path) { found[path] = digest }
            }
            unsafe closedir(directory)
        }
        return found
    }

    /// Of what the file holds; nil when it cannot be read, or is none.
    private static func digest(_ path: String) -> SHA256.Digest? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        var hash = SHA256()
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return hash.finished() }
            hash.update(chunk.span.extracting(0..<count))
        }
    }
}
