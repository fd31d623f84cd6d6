import Feeds
import Market
package import StrategyHost

/// A plug-in on trial that no configuration names: it plays in the place of a configuration's
/// strategies, or on a made-up market.
package struct Understudy {
    package let file: PluginFile

    /// - Throws: why it is no plug-in.
    package init(path: String) throws(DeckFailure) {
        do {
            file = try PluginFile.read(path)
        } catch {
            throw DeckFailure(error.description)
        }
    }

    /// The fewest instruments that it takes, in one configuration's order.
    private var instrumentCount: Int { max(1, min(file.manifest.instruments.lowerBound, 64)) }

    /// `strategies=[...]`: what a configuration plays instead of its own.
    private func entry(_ symbols: [String]) -> String {
        let list = symbols.map(Self.quoted).joined(separator: ", ")
        return
            "[{name: \(Self.quoted(name)), plugin: \(Self.quoted(pluginPath)), symbols: [\(list)]}]"
    }

    /// The plug-in's own id, where a strategy may be called so.
    private var name: String {
        let id = file.manifest.id
        return id.utf8.count <= 64 ? id : "on trial"
    }

    private var pluginPath: String { file.path.contains("/") ? file.path : "./\(file.path)" }

    private static func quoted(_ text: String) -> String {
        "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" } + "\""
    }

    /// Its strategies as the configuration has them where it plays this very file; else one with
    /// the defaults.
    package func configuration(
        _ path: String, overrides: [String] = [],
        progress: @escaping @Sendable (FeedProgress) -> Bool = { _ in true }
    ) -> Result<DeckConfiguration, ConfigurationProblems> {
        let loaded = DeckConfiguration.load(path, overrides: overrides, progress: progress)
        guard case .success(var configuration) = loaded else { return loaded }
        let own = configuration.slots.filter { $0.plugin.digest == file.digest }
        if !own.isEmpty {
            configuration.slots = own
            return .success(configuration)
        }
        let symbols = Array(configuration.outline.symbols.prefix(instrumentCount))
        let replaced =
            overrides.filter { !$0.hasPrefix("strategies") } + ["strategies=\(entry(symbols))"]
        return DeckConfiguration.load(path, overrides: replaced, progress: progress)
    }

    /// On a market made up by the seed.
    package func configuration(
        seed: UInt64, sessions: Int = 20, overrides: [String] = []
    ) -> Result<DeckConfiguration, ConfigurationProblems> {
        let symbols = (0..<instrumentCount).map { "SYN\($0 + 1)" }
        let frame: String
        if case .fixed(let frames) = file.manifest.timeFrames, let shortest = frames.min(),
            shortest < 60
        {
            frame = "\(shortest)s"
        } else {
            frame = "1m"
        }
        let text = """
            seed: \(seed % UInt64(Int32.max))
            feed: { source: synthetic, calendar: XNYS, timeframe: \(frame), sessions: \(sessions) }
            assets: [\(symbols.joined(separator: ", "))]
            defaults: { cash: 100000 USD, sizing: 25%, allow_short: true }
            journal: none
            strategies: []
            """
        return DeckConfiguration.load(
            text: text, path: "a made-up market",
            overrides: ["strategies=\(entry(symbols))"] + overrides)
    }
}
