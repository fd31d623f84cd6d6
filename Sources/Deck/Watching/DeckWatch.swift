import Market
import StrategyHost
import Synchronization

/// Follows what changes on disk while a deck plays: modules in the plug-ins' folders, and the
/// configuration.
package final class DeckWatch: Sendable {
    private let room: ControlRoom
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
        let file = configuration.path
        var folders = configuration.plugins.folders.filter(FileKind.isFolder)
        folders += configuration.slots.filter { $0.ensemble == nil }.map {
            Self.folder(of: $0.plugin.path)
        }
        // Beside the configuration modules are looked for only where that is a folder of plug-ins,
        // too.
        let watch = try FolderWatch(folders + [Self.folder(of: file)]) { [folders] path in
            path == file || path.hasSuffix(".so") && folders.contains(Self.folder(of: path))
        } tell: { [self] path, change in
            path == file ? follow(change) : follow(path, change)
        }
        self.watch.withLock { $0 = watch }
    }

    private static func folder(of path: String) -> String {
        guard let end = path.lastIndex(of: "/") else { return "." }
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    package func start() { watch.withLock { $0 }?.start() }
    package func stop() { watch.withLock { $0 }?.stop() }

    private func follow(_ change: FolderWatch.Change) {
        if case .gone = change { return tell("the configuration is gone; what is played goes on") }
        report(room.answer(ControlRequest(.reload), from: "the configuration"))
    }

    private func follow(_ path: String, _ change: FolderWatch.Change) {
        if case .gone = change { return tell("\(path) is gone; what runs of it goes on") }
        let names: [String]
        do throws(DeckFailure) { names = try room.strategies(of: path) } catch { return }
        guard !names.isEmpty else { return introduce(path) }
        for name in names {
            report(
                room.answer(ControlRequest(.reload, strategy: name), from: "the plug-ins' folder"))
        }
    }

    /// A module that no strategy plays.
    private func introduce(_ path: String) {
        do {
            let file = try PluginFile.read(path)
            let title = "\(file.manifest.id) \(file.manifest.version)"
            tell("\(path): \(title) is there; name it in the configuration to play it")
        } catch {
            tell(error.description)
        }
    }

    private func report(_ answer: ControlAnswer) {
        // What was done is among the run's happenings already.
        if !answer.ok { tell(answer.text) }
    }
}

extension ControlRoom {
    /// The strategies that run what this file held, or holds.
    func strategies(of path: String) throws(DeckFailure) -> [String] {
        try mailbox.ask { deck throws(DeckFailure) in
            deck.slots.filter { $0.plan.plugin.path == path }.map(\.plan.name)
        }
    }
}
