import ArgumentParser
import Deck

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Replay a configuration at a chosen speed and tell what happens as it happens.",
        discussion: """
            The same events, fills and money as a backtest, and the same digest, only slower: a line for every fill, \
            every ended round trip, every breached limit and every strategy that is stopped. With --json every line \
            is one JSON object with a "type" (fill, round_trip, breach, log, fault, command), the last one the result.
            Meanwhile `tapedeck status`, `pause`, `reload` and others command it, and changed plug-ins and a changed \
            configuration are followed; docs/OPERATING.md says how.
            \(PlayArguments.discussion)
            Examples:
              tapedeck run strategies.yaml --speed 60x
              tapedeck run --stay
              tapedeck run --speed live --from 2024-01-31T14:30:00Z
              tapedeck run --json | jq 'select(.type == "round_trip")'
            """)

    @OptionGroup var arguments: PlayArguments
    @Option(
        help:
            "How fast: max, live, or a multiple such as 60x; the feed's own speed where not given.")
    var speed: String?
    @Flag(
        help:
            "Stay at the end of the data, with positions and orders, until Ctrl-C or `tapedeck stop`."
    )
    var stay = false
    @Option(help: ArgumentHelp("Be commanded at this socket.", valueName: "socket"))
    var control: String?
    @Flag(help: "Be commanded by nobody.")
    var noControl = false
    @Flag(help: "Do not follow changes of plug-ins and of the configuration.")
    var noFollow = false

    func validate() throws {
        if control != nil, noControl {
            throw ValidationError("--control and --no-control exclude each other")
        }
    }

    func run() throws {
        var arguments = arguments
        if let speed { arguments.source.overrides.append("feed.speed=\(speed)") }
        let configuration = try arguments.configuration()
        var playing = Playing(arguments, kind: "replay")
        playing.options.speed = configuration.feed.speed
        playing.options.stays = stay
        playing.live = LiveRun(
            socket: control, isCommanded: !noControl, followsFiles: !noFollow,
            overrides: arguments.source.overrides)
        let watcher = RunWatcher(
            configuration, isJSON: arguments.json, isQuiet: arguments.quiet, playing.terminal)
        try playing.run(configuration, watcher: watcher)
    }
}
