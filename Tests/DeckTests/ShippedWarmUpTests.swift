import Deck
import StrategyHost
import Testing

/// What shipped strategies declare as warm-up is enough in each of their modes. Those with
/// exponential averages remember more, and say so in Plugins/README.md: they are not among these.
struct ShippedWarmUpTests {
    static let seed: UInt64 = 20_251_123

    @Test(arguments: [
        ("sma-cross", "fast: 1, slow: 2", 2), ("sma-cross", "fast: 2, slow: 5, reverse: true", 5),
        ("sma-cross", "fast: 1, slow: 2, signal: state", 1),
        ("sma-cross", "fast: 3, slow: 9, signal: state, reverse: true", 8),
        ("donchian", "entry_length: 3, exit_length: 2", 3),
        ("donchian", "entry_length: 2, exit_length: 6, short: true", 6),
        ("donchian", "entry_length: 4, exit_length: 2, entry: stop, short: true", 4),
        ("zscore", "length: 4, entry: 1", 4), ("zscore", "length: 7, entry: 0.5, both: true", 7),
        ("volume-profile", "length: 8, refresh: 1, short: true", 8),
        ("dip-limit", "dip: 0.1%, stop_loss: 0.5%", 1), ("buy-and-hold", "wait_bars: 3", 3),
    ])
    func `twice the declared history changes nothing`(
        plugin: String, parameters: String, declared: Int
    ) throws {
        print("seed \(Self.seed)")
        let folder = DeckFolder()
        try RandomTape.write(
            folder.file("random.tape"), seed: Self.seed, instruments: 2, bars: 400)
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: random.tape }
                strategies:
                  - { name: a, plugin: \(DeckFolder.shippedPlugins)/\(plugin).so, symbols: all,
                      timeframe: 1m, allow_short: true, params: { \(parameters) } }
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
        let answer = try #require(
            try WarmUpCheck(TapeTrial(configuration, plugins: PluginStore(probe: nil))).run().first)
        #expect(answer.declared == declared)
        #expect(answer.isSound, "\(answer)")
        #expect(answer.decisions > 0)
    }
}
