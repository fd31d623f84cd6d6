import Market
import StrategyHost
import Synchronization

/// Follows what changes on disk while a deck plays: modules in the plug-ins' folders, and the
/// configuration.
package final class DeckWatch: Sendable {
    private let room: ControlRoom
    /// The configuration.
    private let file: String
    /// Where modules are looked for.
    private let folders: Mutex<[String]>
    private let watch: Mutex<FolderWatch?> = Mutex(nil)
    /// What was done, or refused, for people.
    private let tell: @Sendable (String) -> Void

    /// - Throws: when a folder cannot be watched.
    package init(
        _ room: ControlRoom, tell: @escaping @Sendable (String) -> Void
    ) throws(DeckFailure) {
        self.room = room
        self.tell = tell
        let configuration = room.desk.withLock { $0 }
        file = configuration.path
        let folders = Self.folders(of: configuration)
        self.folders = Mutex(folders)
        // What has changed since they were read is followed too.
        var knowing: [String: SHA256.Digest] = [:]
        for plan in configuration.slots where plan.ensemble == nil {
            knowing[plan.plugin.path] = plan.plugin.digest
        }
        knowing[file] = configuration.fileDigest
        let watch = try FolderWatch(folders + [Self.folder(of: file)], knowing: knowing) {
            [self] path in
            isOfInterest(path)
        } tell: { [self] path, change in
            path == file ? follow(change) : follow(path, change)
        }
        self.watch.withLock { $0 = watch }
    }

    /// Beside the configuration modules are looked for only where that is a folder of plug-ins,
    /// too.
    private func isOfInterest(_ path: String) -> Bool {
        path == file
            || path.hasSuffix(".so") && folders.withLock { $0.contains(Self.folder(of: path)) }
    }

    private static func folders(of configuration: DeckConfiguration) -> [String] {
        configuration.plugins.folders.filter(FileKind.isFolder)
            + configuration.slots.filter { $0.ensemble == nil }.map { folder(of: $0.plugin.path) }
    }

    private static func folder(of path: String) -> String {
        guard let end = path.lastIndex(of: "/") else { return "." }
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    package func start() { watch.withLock { $0 }?.start() }
    package func stop() { watch.withLock { $0 }?.stop() }

    /// Answers whether nothing is left to be done.
    private func follow(_ change: FolderWatch.Change) -> Bool {
        guard let digest = change.digest else {
            tell("the configuration is gone; what is played goes on")
            return true
        }
        do throws(DeckFailure) {
            // It is being written: the rest of that is yet to be heard.
            guard let answer = try room.follow(digest, "the configuration") else { return false }
            report(answer)
            try watchModules()
            return answer.ok
        } catch {
            tell(error.description)
            return false
        }
    }

    /// A new strategy's module may lie in a folder of its own.
    private func watchModules() throws(DeckFailure) {
        let wanted = Self.folders(of: room.desk.withLock { $0 })
        folders.withLock { $0 += wanted.filter { [known = $0] in !known.contains($0) } }
        try watch.withLock { $0 }?.watch(wanted)
    }

    private func follow(_ path: String, _ change: FolderWatch.Change) -> Bool {
        guard let digest = change.digest else {
            tell("\(path) is gone; what runs of it goes on")
            return true
        }
        let players: [ControlRoom.Player]
        do throws(DeckFailure) { players = try room.players(of: path) } catch { return true }
        guard !players.isEmpty else { return introduce(path) }
        var isFollowed = true
        for player in players {
            if player.digest == digest, !player.isStopped {
                tell("\(path) holds what \(player.name) runs, \(player.title): nothing is changed")
                continue
            }
            let answer = room.answer(
                ControlRequest(.reload, strategy: player.name), from: "the plug-ins' folder")
            report(answer)
            isFollowed = isFollowed && answer.ok
        }
        return isFollowed
    }

    /// A module that no strategy plays.
    private func introduce(_ path: String) -> Bool {
        do {
            let file = try PluginFile.read(path)
            let title = "\(file.manifest.id) \(file.manifest.version)"
            tell("\(path): \(title) is there; name it in the configuration to play it")
            return true
        } catch {
            tell(error.description)
            return false
        }
    }

    private func report(_ answer: ControlAnswer) {
        // What was done is among the run's happenings already.
        if !answer.ok { tell(answer.text) }
    }
}

extension FolderWatch.Change {
    /// Of what the file holds now; nil when there is none.
    fileprivate var digest: SHA256.Digest? {
        switch self {
        case .appeared(let digest), .changed(let digest): digest
        case .gone: nil
        }
    }
}

extension ControlRoom {
    /// A strategy that runs what a file held, or holds.
    struct Player: Sendable {
        var name: String
        var title: String
        var digest: SHA256.Digest
        var isStopped: Bool
    }

    func players(of path: String) throws(DeckFailure) -> [Player] {
        try mailbox.ask { deck throws(DeckFailure) in
            deck.slots.filter { $0.plan.plugin.path == path }.map { slot in
                Player(
                    name: slot.plan.name, title: slot.plan.plugin.title,
                    digest: slot.plan.plugin.digest,
                    isStopped: slot.runner.standing.fault != nil)
            }
        }
    }
}
