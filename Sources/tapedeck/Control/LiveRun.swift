import Deck
import Glibc
import StrategyHost

/// What makes a run one that can be commanded: its socket, and the files that it follows.
struct LiveRun {
    /// Nil for the place that the configuration, or custom, gives it.
    var socket: String?
    var isCommanded = true
    var followsFiles = true
    var overrides: [String] = []

    /// Opens what is wanted. What it answers must be closed when the run is over.
    func open(
        _ deck: TapeDeck, _ plugins: PluginStore, _ hangs: HangWatch
    ) throws(DeckFailure) -> Open {
        let room = try ControlRoom(
            deck, plugins: plugins, overrides: overrides, stop: Interruption.stop, hangs: hangs)
        var open = Open()
        if isCommanded { open.server = try server(deck.configuration, room) }
        if followsFiles {
            let watch = try DeckWatch(room) { printError("tapedeck: \($0)") }
            watch.start()
            open.watch = watch
        }
        return open
    }

    private func server(
        _ configuration: DeckConfiguration, _ room: ControlRoom
    ) throws(DeckFailure) -> ControlServer? {
        var path = socket
        if path == nil {
            switch configuration.control {
            case .none: return nil
            case .socket(let named): path = named
            case .standard: break
            }
        }
        let answer: @Sendable (ControlRequest, String) -> ControlAnswer = {
            room.answer($0, from: $1)
        }
        let server: ControlServer
        if let path {
            server = try ControlServer(path, answer: answer)
        } else {
            try ControlPlace.makeFolder()
            let usual = ControlPlace.standard(configuration.path)
            do throws(DeckFailure) {
                server = try ControlServer(usual, answer: answer)
            } catch {
                // Another run of a file of this name.
                server = try ControlServer(usual.dropLast(5) + "-\(getpid()).sock", answer: answer)
            }
        }
        server.start()
        return server
    }

    struct Open {
        var server: ControlServer?
        var watch: DeckWatch?

        func close() {
            watch?.stop()
            server?.stop()
        }
    }
}
