import ArgumentParser
import Deck
import Feeds
import StrategyHost

/// What a check is about: a plug-in's file, a configuration, or a plug-in in a configuration.
struct CheckedFiles: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A plug-in (.so), a configuration, or both: the plug-in then plays in the configuration's feed.",
            valueName: "plug-in or configuration"))
    var files: [String] = []
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Change one value of the configuration. May be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Option(help: "Play from this time on.")
    var from: String?
    @Option(help: "Play until before this time.")
    var to: String?

    private var modules: [String] { files.filter { $0.hasSuffix(".so") } }
    private var configurations: [String] { files.filter { !$0.hasSuffix(".so") } }

    func validate() throws {
        guard modules.count <= 1, configurations.count <= 1 else {
            throw ValidationError(
                "give one plug-in (a file that ends in .so), one configuration, or one of each")
        }
    }

    /// - Parameter seed: of the market that is made up where there is no configuration.
    func load(seed: UInt64) throws -> DeckConfiguration {
        Interruption.expect()
        var overrides = overrides
        if let from { overrides.append("feed.from=\(from)") }
        if let to { overrides.append("feed.to=\(to)") }
        let bar = SharedProgressBar(
            ProgressBar("reading data", unit: "bytes", terminal: Terminal()))
        defer { bar.finish() }
        let update: @Sendable (FeedProgress) -> Bool = { bar.update(done: $0.done, of: $0.total) }
        let loaded: Result<DeckConfiguration, ConfigurationProblems>
        if let module = modules.first {
            let understudy: Understudy
            do { understudy = try Understudy(path: module) } catch { throw failed(error) }
            loaded =
                configurations.first.map {
                    understudy.configuration($0, overrides: overrides, progress: update)
                } ?? understudy.configuration(seed: seed, overrides: overrides)
        } else {
            loaded = DeckConfiguration.load(
                configurations.first ?? "strategies.yaml", overrides: overrides, progress: update)
        }
        return try loaded.told()
    }
}

extension TapeTrial {
    /// With plug-ins that are tried in a process of their own first.
    init(_ configuration: DeckConfiguration) {
        self.init(configuration, plugins: PluginStore(probe: ProbeProcess()))
    }
}

/// How a check ends that was stopped, or could not be done.
func endedCheck(_ error: DeckFailure) -> ExitCode {
    guard Interruption.hasCome else { return failed(error) }
    printError("tapedeck: stopped; nothing was shown")
    return ExitCode(Interruption.exitStatus)
}
