import Glibc
package import Market
import Synchronization

/// Watches folders for files of interest, and tells of each that has become another one: once it is
/// quiet and whole.
///
/// What the system says of a file is only a reason to look: whether it has changed is decided by
/// its content, so that it does not matter how it was written (in pieces, in place, by a rename),
/// how often, or with which time stamps. What the system does not tell (a link whose target
/// changed, a folder that another took the place of, a file of a network, notices that were lost)
/// is found by a look at everything once a second.
package final class FolderWatch: Sendable {
    /// What became of a file.
    package enum Change: Hashable, Sendable {
        case appeared(SHA256.Digest)
        case changed(SHA256.Digest)
        case gone
    }

    /// A file to be looked at.
    private struct Restless {
        /// When something was last heard of it, or it was last found to be another one.
        var since: UInt64
        /// What it held then, once it has been read.
        var read: SHA256.Digest?
    }

    private struct Folder {
        let path: String
        /// Of the system's watch; below zero while the folder is not there.
        var descriptor: Int32
        var place: FileStamp?
    }

    private struct Known {
        var folders: [Folder] = []
        var digests: [String: SHA256.Digest] = [:]
        /// How each file of interest was found at the last look.
        var stamps: [String: FileStamp] = [:]
        var restless: [String: Restless] = [:]
        /// Nothing came of what was told: the same is told again when they are written again.
        var refused: Set<String> = []
        /// When everything is to be looked at.
        var nextLook: UInt64 = 0
    }

    /// How long nothing may have been heard of a file before it is taken for finished.
    private let quiet: UInt64
    private let notices: Int32
    private let isOfInterest: @Sendable (String) -> Bool
    private let tell: @Sendable (String, Change) -> Bool
    private let known = Mutex(Known())
    private let isStopped = Atomic(false)
    private let bell: [Int32]

    /// - Parameters:
    ///   - knowing: what some files are known to hold; what others hold is known from now on.
    ///   - isOfInterest: by path.
    ///   - tell: called on the watch's own thread; answers whether it was followed.
    /// - Throws: when the system has no more watches to give.
    package init(
        _ folders: [String], quietMilliseconds: UInt64 = 60,
        knowing: [String: SHA256.Digest] = [:],
        isOfInterest: @escaping @Sendable (String) -> Bool,
        tell: @escaping @Sendable (String, Change) -> Bool
    ) throws(DeckFailure) {
        quiet = quietMilliseconds * 1_000_000
        self.isOfInterest = isOfInterest
        self.tell = tell
        notices = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard notices >= 0 else { throw DeckFailure("folders cannot be watched: \(Self.reason)") }
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw DeckFailure("folders cannot be watched: \(Self.reason)")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        bell = ends
        known.withLock { $0.digests = knowing }
        try watch(folders)
    }

    deinit {
        close(notices)
        close(bell[0])
        close(bell[1])
    }

    private static let mask = [
        IN_CLOSE_WRITE, IN_MOVED_TO, IN_MODIFY, IN_CREATE, IN_DELETE, IN_MOVED_FROM, IN_DELETE_SELF,
        IN_MOVE_SELF, IN_ATTRIB,
    ].reduce(UInt32(0)) { $0 | UInt32($1) }

    /// A link, or a folder, may mean other files after one of these.
    private static let moves = [
        IN_MOVED_TO, IN_CREATE, IN_DELETE, IN_MOVED_FROM, IN_DELETE_SELF, IN_MOVE_SELF,
        IN_Q_OVERFLOW, IN_IGNORED,
    ].reduce(UInt32(0)) { $0 | UInt32($1) }

    private static let betweenLooks: UInt64 = 1_000_000_000

    private static var reason: String { unsafe String(cString: strerror(errno)) }

    /// Watches more folders.
    package func watch(_ folders: [String]) throws(DeckFailure) {
        for path in folders {
            guard known.withLock({ !$0.folders.contains { $0.path == path } }) else { continue }
            let place = FileStamp(of: path)
            let descriptor = unsafe inotify_add_watch(notices, path, Self.mask)
            guard descriptor >= 0 else {
                throw DeckFailure("\(path) cannot be watched: \(Self.reason)")
            }
            known.withLock {
                $0.folders.append(Folder(path: path, descriptor: descriptor, place: place))
            }
            for path in files(in: path) { meet(path) }
        }
    }

    /// A file that was there before it was watched.
    private func meet(_ path: String) {
        guard let (now, stamp) = Self.read(path) else { return }
        known.withLock { known in
            known.stamps[path] = stamp
            if let before = known.digests[path] {
                if before != now { known.restless[path] = Restless(since: WallClock.nanoseconds) }
            } else {
                known.digests[path] = now
            }
        }
    }

    package func start() { ControlServer.thread { [self] in watch() } }

    package func stop() {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        var byte: UInt8 = 1
        _ = unsafe write(bell[1], &byte, 1)
    }

    private func watch() {
        var room = [UInt8](repeating: 0, count: 1 << 16)
        while !isStopped.load(ordering: .relaxed) {
            var entries = [
                pollfd(fd: notices, events: Int16(POLLIN), revents: 0),
                pollfd(fd: bell[0], events: Int16(POLLIN), revents: 0),
            ]
            let ready = unsafe poll(&entries, 2, milliseconds)
            if ready < 0, errno != EINTR { break }
            if ready > 0, entries[0].revents != 0 { take(&room) }
            if known.withLock({ $0.nextLook <= WallClock.nanoseconds }) { look() }
            settle()
        }
    }

    /// Until there is something to do that nobody tells of.
    private var milliseconds: Int32 {
        let next = known.withLock { known in
            known.restless.values.reduce(known.nextLook) { min($0, $1.since + quiet) }
        }
        let now = WallClock.nanoseconds
        return next <= now ? 0 : Int32(min((next - now) / 1_000_000 + 1, 60_000))
    }

    /// Reads what has come: which files to look at.
    private func take(_ room: inout [UInt8]) {
        let count = unsafe Glibc.read(notices, &room, room.count)
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
        let now = WallClock.nanoseconds
        let folders = known.withLock { known in
            if mask & UInt32(IN_Q_OVERFLOW) != 0 { known.stamps = [:] }
            return known.folders.filter { $0.descriptor == watch }.map(\.path)
        }
        // Two paths may lead to one folder.
        let paths = name.isEmpty ? [] : folders.map { Self.path(name, in: $0) }.filter(isOfInterest)
        known.withLock { known in
            for path in paths { known.restless[path] = Restless(since: now) }
            guard paths.isEmpty, mask & Self.moves != 0 else { return }
            // What comes and goes all the time is no reason to look all the time.
            known.nextLook = min(known.nextLook, now + quiet)
        }
    }

    /// Looks at every folder and every file of interest: what is not as it was is restless.
    private func look() {
        let now = WallClock.nanoseconds
        let folders = known.withLock { known in
            known.nextLook = now + Self.betweenLooks
            return known.folders.map(\.path)
        }
        for path in folders { findAgain(path) }
        var there: Set<String> = []
        for path in folders.flatMap(files(in:)) {
            there.insert(path)
            let stamp = FileStamp(of: path)
            known.withLock { known in
                guard known.stamps[path] != stamp else { return }
                known.stamps[path] = stamp
                if known.restless[path] == nil { known.restless[path] = Restless(since: now) }
            }
        }
        known.withLock { known in
            for path in known.digests.keys where !there.contains(path) {
                if known.restless[path] == nil { known.restless[path] = Restless(since: now) }
            }
        }
    }

    /// A folder that another has taken the place of is watched instead.
    private func findAgain(_ path: String) {
        let place = FileStamp(of: path)
        let before = known.withLock { $0.folders.first { $0.path == path } }
        guard let before, !(place?.isSameFile(as: before.place) ?? (before.place == nil)) else {
            return
        }
        let descriptor =
            place == nil ? -1 : unsafe inotify_add_watch(notices, path, Self.mask)
        let isShared = known.withLock { known in
            for index in known.folders.indices where known.folders[index].path == path {
                known.folders[index].descriptor = descriptor
                // What could not be watched is tried again.
                known.folders[index].place = descriptor < 0 ? nil : place
            }
            return known.folders.contains { $0.descriptor == before.descriptor }
        }
        if before.descriptor >= 0, !isShared { inotify_rm_watch(notices, before.descriptor) }
    }

    /// What nothing was heard of for a while, and reads twice the same, has come to rest.
    private func settle() {
        let due = known.withLock { known in
            let now = WallClock.nanoseconds
            return known.restless.filter { $0.value.since + quiet <= now }.map(\.key).sorted()
        }
        for path in due {
            guard let change = settled(path) else { continue }
            let isFollowed = tell(path, change)
            known.withLock { known in
                if isFollowed { known.refused.remove(path) } else { known.refused.insert(path) }
            }
        }
    }

    /// What has become of a file; nil where that is nothing, or not known yet.
    private func settled(_ path: String) -> Change? {
        let found = Self.read(path)
        return known.withLock { known in
            guard let (now, stamp) = found else {
                known.restless[path] = nil
                known.stamps[path] = nil
                return known.digests.removeValue(forKey: path) == nil ? nil : .gone
            }
            known.stamps[path] = stamp
            // Read once, and not yet twice: another look when it is quiet again.
            guard known.restless[path]?.read == now else {
                known.restless[path] = Restless(since: WallClock.nanoseconds, read: now)
                return nil
            }
            known.restless[path] = nil
            let before = known.digests.updateValue(now, forKey: path)
            if before == now, !known.refused.contains(path) { return nil }
            return before == nil ? .appeared(now) : .changed(now)
        }
    }

    private static func path(_ name: String, in folder: String) -> String {
        folder == "." ? name : folder == "/" ? "/" + name : "\(folder)/\(name)"
    }

    /// Files of interest in a folder; none while that is not there.
    private func files(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var found: [String] = []
        while let entry = unsafe readdir(directory) {
            // The name is a C string inside the entry, valid until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            let path = Self.path(name, in: folder)
            if isOfInterest(path) { found.append(path) }
        }
        return found
    }

    /// The digest of what the file holds, and how it was found before that was read; nil when it
    /// cannot be read, or is none.
    private static func read(_ path: String) -> (SHA256.Digest, FileStamp)? {
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
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return (hash.finished(), FileStamp(status)) }
            hash.update(chunk.span.extracting(0..<count))
        }
    }
}
