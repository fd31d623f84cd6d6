import CTapedeck
import Feeds
import Kernel
import Market
import StrategyHost
import Testing

@testable import Deck

/// A tape of one symbol whose price rises by one a minute, and ensembles over strategies that say
/// what is written.
final class EnsembleFolder {
    let folder = DeckFolder()

    init(bars: Int = 60) throws {
        let writer = try TapeWriter(.file(folder.file("hill.tape")), isDurable: false)
        try writer.append(
            (1...bars).map { minute in
                let price = 100 + Double(minute)
                return Event.bar(
                    0, .minutes(1), closes: Timestamp(seconds: 1_700_000_040 + Int64(minute) * 60),
                    Bar(
                        open: price, high: price + 2, low: price - 2, close: price + 1, volume: 1e6)
                )
            })
        _ = try writer.finish(
            TapeContents(
                instruments: [DeckFolder.instrument(0, "AAA")], stamps: [.open], source: "test"))
    }

    func configuration(
        _ strategies: String, top: String = "", tape: String = "hill.tape", from: String? = nil
    ) throws -> DeckConfiguration {
        try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: \(tape) }
                plugins: { folder: plugins }
                \(top)
                defaults: { cash: 100000 USD, isolation: host, allow_short: true, sizing: 50% }
                strategies:
                \(strategies)
                """, path: folder.file("c.yaml"), overrides: from.map { ["feed.from=\($0)"] } ?? []
        ).get()
    }

    /// Plays it all; after each block `look` is told how many events were played.
    func play(
        _ configuration: DeckConfiguration, lanes: Int = 1, block: Int = 4_096,
        plugins: PluginStore = PluginStore(probe: nil),
        _ look: @escaping (TapeDeck, Int) throws -> Void = { _, _ in }
    ) throws -> (result: RunResult, keeper: RecordKeeper) {
        var options = PlayOptions()
        options.lanes = lanes
        options.blockSize = block
        let keeper = RecordKeeper()
        let deck = try TapeDeck(configuration, plugins: plugins, options: options)
        let result = try deck.play(into: keeper) { progress in
            do { try look(deck, Int(progress.done)) } catch { Issue.record(error) }
        }
        return (result, keeper)
    }

    /// Hands the slot over to the module at `path`, with ten events of probation.
    func replace(
        _ name: String, by path: String, _ placement: Placement, in deck: TapeDeck
    )
        throws
    {
        var plan = try deck.sketch(name).plan
        plan.plugin = try PluginFile.read(path)
        deck.handOver(
            SlotChange(
                name: name, plan: plan, placement: placement, past: [], probationEvents: 10,
                command: "reload", who: "a test"), Reply())
    }

    /// The ensemble's fills, as `bar side`: it is the last entry.
    func fills(_ keeper: RecordKeeper) -> [String] {
        (keeper.slots.last?.records.fills ?? []).map {
            "\($0.sequence + 1) \($0.quantity.rawValue > 0 ? "+" : "-")"
        }
    }

    /// The combined signals of the last entry, as `bar strength`; the first bar is 1.
    func signals(_ keeper: RecordKeeper) -> [String] {
        (keeper.slots.last?.signals ?? []).map {
            "\($0.sequence + 1) \(($0.forecast * 1000).rounded() / 1000)"
        }
    }
}
