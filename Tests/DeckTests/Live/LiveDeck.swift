import CTapedeck
import Feeds
import Kernel
import Market
import Testing

@testable import Deck
@testable import StrategyHost

/// A deck that plays recorders, of which some are told things while it plays.
final class LiveDeck {
    let folder = DeckFolder()
    let store = PluginStore(probe: nil)

    /// One-minute bars of one symbol, on the calendar of New York, so that there are sessions.
    init(bars: Int = 4_000, calendar: String = "XNYS") throws {
        let writer = try TapeWriter(.file(folder.file("one.tape")), isDurable: false)
        let events = (1...bars).map { minute in
            let price = 100 + Double((minute * 7) % 23)
            return Event.bar(
                0, .minutes(1), closes: Timestamp(seconds: 1_704_205_800 + Int64(minute) * 60),
                Bar(
                    open: price, high: price + 1, low: price - 1, close: price + 0.5, volume: 1000))
        }
        try writer.append(events)
        _ = try writer.finish(
            TapeContents(
                instruments: [DeckFolder.instrument(0, "AAA", calendar: calendar)], stamps: [.open],
                source: "test"))
    }

    /// Strategies of this plug-in, named a, b, c ...
    func strategies(_ count: Int, _ plugin: String, more: String = "") -> String {
        (0..<count).map {
            "  - { name: s\($0), plugin: \(plugin), symbols: AAA, timeframe: 1m, params: { every: \(17 + $0) } \(more) }"
        }.joined(separator: "\n")
    }

    func configuration(
        _ strategies: String, tape: String = "one.tape", feed: String = ""
    ) throws -> DeckConfiguration {
        try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: \(tape) \(feed) }
                plugins: { folder: plugins }
                defaults: { isolation: host }
                strategies:
                \(strategies)
                """, path: folder.file("c.yaml")
        ).get()
    }

    func deck(
        _ configuration: DeckConfiguration, lanes: Int = 1, block: Int = 256
    ) throws -> TapeDeck {
        var options = PlayOptions()
        options.lanes = lanes
        options.blockSize = block
        return try TapeDeck(configuration, plugins: store, options: options)
    }

    /// What a slot is to become: the same, with the plug-in of another file.
    func change(
        _ deck: TapeDeck, _ name: String, to path: String, probation: Int = 100
    ) throws -> SlotChange {
        let sketch = try deck.sketch(name)
        var plan = sketch.plan
        plan.plugin = try PluginFile.read(path)
        plan.warmUpBars = plan.plugin.manifest.warmUpBars(plan.parameters)
        let past = SlotPast(plan, deck.configuration)
        let events =
            plan.plugin.manifest.state == nil
            ? try past.events(before: sketch.position, bars: past.bars) : []
        var placing = SlotPlacing(store)
        let placement = try placing.placement(of: plan)
        return SlotChange(
            name: name, plan: plan, placement: placement, past: events, probationEvents: probation,
            reserve: try sketch.reserve(placement, plan), command: "reload", who: "a test")
    }

    /// What is to become of the slot `s1`, which goes on elsewhere, with another module or the same.
    func moving(
        _ deck: TapeDeck, to isolation: Isolation, _ plugin: String, probation: Int = 100
    ) throws -> SlotChange {
        var change = try change(deck, "s1", to: plugin, probation: probation)
        change.plan.isolation = isolation
        var placing = SlotPlacing(store)
        change.placement = try placing.placement(of: change.plan)
        change.reserve = nil
        if isolation != .host {
            change.site = try deck.site(change.plan, change.placement)
            change.reserve = try deck.sketch("s1").reserve(
                change.placement, change.plan, on: change.site?.ground)
        }
        return change
    }

    /// Plays it all, with the strategy of a slot replaced after every block, by turns; how often
    /// that was asked for.
    func swap(
        _ name: String, of deck: TapeDeck, between old: String, _ new: String
    ) throws -> (result: RunResult, keeper: RecordKeeper, asked: Int) {
        let keeper = RecordKeeper()
        var next = new
        var asked = 0
        let result = try deck.play(into: keeper) { _ in
            do {
                deck.handOver(try self.change(deck, name, to: next), Reply())
                next = next == new ? old : new
                asked += 1
            } catch {
                Issue.record(error)
            }
        }
        return (result, keeper, asked)
    }

    /// The last words of each slot's strategy.
    static func words(_ keeper: RecordKeeper) -> [String] {
        keeper.slots.map { $0.log.last?.text ?? "" }
    }
}

extension Placement {
    var name: String {
        switch self {
        case .host: "host"
        case .worker: "worker"
        case .sealed: "sealed"
        case .plugless: "plugless"
        }
    }
}
