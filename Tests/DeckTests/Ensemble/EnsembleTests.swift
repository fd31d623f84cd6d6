import CTapedeck
import Feeds
import Kernel
import Market
import StrategyHost
import Testing

@testable import Deck

/// Slots over other slots' signals: when a word counts, and whose.
struct EnsembleTests {
    let ground: EnsembleFolder

    init() throws { ground = try EnsembleFolder() }

    private func play(
        _ ensemble: String, _ scripts: String..., more: String = ""
    ) throws -> RecordKeeper {
        let path = try LiveModules.says()
        let members = zip(["a", "b", "c", "d"], scripts).map { name, script in
            "  - { name: \(name), plugin: \(path), symbols: AAA, timeframe: 1m, shadow: true, "
                + "params: { script: \"\(script)\" }\(more) }"
        }.joined(separator: "\n")
        let text = members + "\n  - { name: all, \(ensemble) }"
        return try ground.play(try ground.configuration(text)).keeper
    }

    @Test func `what is said at an event is decided there, and filled at the next open`() throws {
        let keeper = try play("ensemble: { of: [a, b] }", "10:1:1", "10:1:1 20:-1:1 30:-1:1")
        #expect(ground.signals(keeper) == ["10 1.0", "20 0.0"])
        #expect(ground.fills(keeper) == ["11 +", "21 -"])
        let orders = keeper.slots[2].records.orders
        #expect(orders.first?.sequence == 9)
        #expect(orders.first?.time == Timestamp(seconds: 1_700_000_040 + 600))
    }

    @Test func `a conflict makes the position smaller`() throws {
        let keeper = try play("ensemble: { of: [a, b, c] }", "10:1:1", "10:1:1", "10:1:1 20:-1:1")
        #expect(ground.signals(keeper) == ["10 1.0", "20 0.333"])
        // Half of the equity of 100,000 at the open of 111: 450.45, then a third of half.
        let positions = keeper.slots[3].records.fills.map(\.positionAfter.rawValue)
        #expect(positions[0] == 45_045)
        #expect(positions[1] < positions[0] * 36 / 100 && positions[1] > positions[0] * 30 / 100)
    }

    @Test func `at least two must agree`() throws {
        let keeper = try play(
            "ensemble: { of: [a, b, c], at_least: 2 }", "10:1:1", "20:1:1", "30:-1:1")
        #expect(ground.signals(keeper) == ["20 1.0", "30 0.5"])
        #expect(ground.fills(keeper) == ["21 +", "31 -"])
    }

    @Test func `confidence weighs forecasts`() throws {
        let keeper = try play(
            "ensemble: { of: [a, b], rule: confidence }", "10:1:0.75", "20:-1:0.25")
        // The silent position of b is a forecast of nothing, held with confidence.
        #expect(ground.signals(keeper) == ["10 0.429", "20 0.5"])
    }

    @Test func `a member that says nothing votes with the side that its orders want`() throws {
        let keeper = try play("ensemble: { of: [a, b] }", "10:buy 30:flat", "10:1:1")
        // It asks at 10 and holds from 11 on: one vote, counted once.
        #expect(ground.signals(keeper).first == "10 1.0")
        #expect(ground.fills(keeper) == ["11 +", "31 -"])
        #expect(ground.signals(keeper).contains("30 0.5"))
    }

    @Test func `a member's first own signal ends the vote of its position`() throws {
        let keeper = try play("ensemble: { of: [a, b] }", "10:buy 20:-1:1 25:flat 30:buy", "40:0:1")
        #expect(ground.signals(keeper) == ["10 0.5", "20 -0.5"])
    }

    @Test func `nothing that is said in a warm-up counts`() throws {
        let keeper = try play(
            "ensemble: { of: [a, b] }", "10:1:1 40:1:1", "10:1:1 40:1:1", more: "")
        #expect(ground.fills(keeper) == ["11 +"])
        let path = try LiveModules.says()
        let text = """
              - { name: a, plugin: \(path), symbols: AAA, timeframe: 1m, params: { script: "10:1:1 40:1:1", wait: 20 } }
              - { name: b, plugin: \(path), symbols: AAA, timeframe: 1m, params: { script: "10:1:1", wait: 20 } }
              - { name: all, ensemble: { of: [a, b] } }
            """
        let waiting = try ground.play(try ground.configuration(text)).keeper
        #expect(ground.fills(waiting) == ["41 +"])
        #expect(ground.signals(waiting) == ["40 0.5"])
    }

    @Test func `a member that has failed has no vote any more`() throws {
        let keeper = try play("ensemble: { of: [a, b, c] }", "10:1:1 20:fail", "10:1:1", "10:-1:1")
        #expect(ground.signals(keeper) == ["10 0.333", "20 0.0"])
        #expect(!keeper.slots[0].faults.isEmpty)
        #expect(ground.fills(keeper) == ["11 +", "21 -"])
    }

    @Test func `without allow_short a signal below zero is flat`() throws {
        let path = try LiveModules.says()
        let text = """
              - { name: a, plugin: \(path), symbols: AAA, timeframe: 1m, params: { script: "10:1:1 20:-1:1" } }
              - { name: b, plugin: \(path), symbols: AAA, timeframe: 1m, params: { script: "10:1:1 20:-1:1" } }
              - { name: all, allow_short: false, ensemble: { of: [a, b] } }
            """
        let keeper = try ground.play(try ground.configuration(text)).keeper
        #expect(keeper.slots[2].records.fills.map(\.positionAfter.rawValue).last == 0)
        #expect(keeper.slots[2].records.fills.count == 2)
    }

    @Test func `a member that an operator has paused has no vote until it is resumed and speaks`()
        throws
    {
        let path = try LiveModules.says()
        let entries = zip(["a", "b"], ["10:1:1 40:1:1", "10:1:1"]).map { name, script in
            "  - { name: \(name), plugin: \(path), symbols: AAA, timeframe: 1m, params: { script: \"\(script)\" } }"
        }
        let text =
            entries.joined(separator: "\n")
            + "\n  - { name: all, ensemble: { of: [a, b], at_least: 2 } }"
        let keeper = try ground.play(try ground.configuration(text), block: 5) { deck, done in
            if done == 20 { _ = try deck.command(.pause, "a", by: "a test") }
            if done == 30 { _ = try deck.command(.resume, "a", by: "a test") }
        }.keeper
        #expect(ground.signals(keeper) == ["10 1.0", "20 0.0", "40 1.0"])
        #expect(ground.fills(keeper) == ["11 +", "21 -", "41 +"])
    }

    @Test func `a member's new version goes on where the old one was, and the ensemble with it`()
        throws
    {
        let (old, new) = (try LiveModules.says(), try LiveModules.says("VERSION=\"2.0.0\""))
        let entries = ["a", "b"].map { name in
            "  - { name: \(name), plugin: \(old), symbols: AAA, timeframe: 1m, "
                + "params: { script: \"10:1:1 30:-1:1\" } }"
        }
        let text = entries.joined(separator: "\n") + "\n  - { name: all, ensemble: { of: [a, b] } }"
        let configuration = try ground.configuration(text)
        let expected = try ground.play(configuration, block: 5)
        let store = PluginStore(probe: nil)
        let (result, keeper) = try ground.play(configuration, block: 5, plugins: store) {
            deck, done in
            guard done == 20 else { return }
            try ground.replace("a", by: new, .host(try store.open(new)), in: deck)
        }
        #expect(keeper.commands.contains { $0.command == "reload" && $0.isDone })
        #expect(ground.signals(keeper) == ["10 1.0", "30 -1.0"])
        #expect(result.slots.map(\.digest) == expected.result.slots.map(\.digest))
    }

    @Test func `a member that is started again has a vote once it has spoken`() throws {
        let path = try LiveModules.says()
        let text = """
              - { name: a, plugin: \(path), symbols: AAA, timeframe: 1m, params: { script: "10:1:1 20:fail 30:1:1" },
                  on_fault: { restart: 1, within: 1h } }
              - { name: b, plugin: \(path), symbols: AAA, timeframe: 1m, params: { script: "10:1:1" } }
              - { name: all, ensemble: { of: [a, b], at_least: 2 } }
            """
        let keeper = try ground.play(try ground.configuration(text), block: 5).keeper
        // Started again behind bar 20 it has caught up, and says something at bar 30.
        #expect(ground.signals(keeper) == ["10 1.0", "20 0.0", "30 1.0"])
    }

    @Test func `a member that is taken out has no vote, and one of its name that comes has one`()
        throws
    {
        let path = try LiveModules.says()
        let entries = ["a", "b"].map { name in
            "  - { name: \(name), plugin: \(path), symbols: AAA, timeframe: 1m, params: { script: \"10:1:1\" } }"
        }
        let text =
            entries.joined(separator: "\n")
            + "\n  - { name: all, ensemble: { of: [a, b], at_least: 2 } }"
        let configuration = try ground.configuration(text)
        let store = PluginStore(probe: nil)
        var options = PlayOptions()
        options.blockSize = 5
        let deck = try TapeDeck(configuration, plugins: store, options: options)
        let keeper = RecordKeeper()
        let result = try deck.play(into: keeper) { progress in
            do {
                if progress.done == 20 {
                    _ = try deck.remove("a", withPositions: true, command: "unload a", by: "a test")
                }
                if progress.done == 30 {
                    _ = try deck.add(
                        NewSlot(
                            plan: configuration.slots[0], placement: .host(try store.open(path)),
                            command: "load a",
                            who: "a test"))
                }
            } catch {
                Issue.record(error)
            }
        }
        // The new one counts its bars from 31 on: its tenth is 40.
        #expect(
            keeper.slots[2].signals.map { "\($0.sequence + 1) \($0.forecast)" } == [
                "10 1.0", "20 0.0", "40 1.0",
            ])
        #expect(result.slots.count == 4)
        let ensemble = try #require(result.slots.first { $0.name == "all" }?.ensemble)
        #expect(ensemble.members.map(\.silence) == [nil, nil])
        #expect(ensemble.members.map(\.votesBy) == ["signals", "signals"])
        #expect(ensemble.combined == [1])
    }

    @Test func `what was refused is asked for again at the next decision`() throws {
        let path = try LiveModules.says()
        let text = """
              - { name: a, plugin: \(path), symbols: AAA, timeframe: 1m, params: { script: "20:1:1" } }
              - { name: b, plugin: \(path), symbols: AAA, timeframe: 1m, params: { script: "20:1:1 40:0.5:1" } }
              - { name: all, ensemble: { of: [a, b] } }
            """
        let keeper = try ground.play(try ground.configuration(text), block: 5) { deck, done in
            if done == 15 { _ = try deck.command(.pause, "all", by: "a test") }
            if done == 30 { _ = try deck.command(.resume, "all", by: "a test") }
        }.keeper
        #expect(
            keeper.slots[2].records.orders.filter { $0.state == .rejected }.map(\.sequence) == [19])
        #expect(ground.fills(keeper) == ["41 +"])
    }
}
