import Kernel
import Market
import Testing

@testable import Deck
@testable import StrategyHost

/// A strategy goes on in another place, with its portfolio, in the middle of a run.
@Suite(.serialized) struct MovingTests {
    let live: LiveDeck

    init() throws { live = try LiveDeck() }

    static let places = ["host", "worker", "sealed"]
    static let ways = places.flatMap { from in places.filter { $0 != from }.map { (from, $0) } }

    /// Three of which the second is where it is said to be.
    private func strategies(_ plugin: String, _ isolation: String, more: String = "") -> String {
        let lines = live.strategies(3, plugin).split(separator: "\n")
        return lines.enumerated().map { place, line in
            let own = place == 1 ? isolation : place == 0 ? "host" : "worker"
            return line.dropLast(1) + ", isolation: \(own)\(place == 1 ? more : "") }"
        }.joined(separator: "\n")
    }

    /// Whether it has an open position and an order that works.
    private func isBusy(_ deck: TapeDeck) -> Bool {
        deck.slots[1].runner.portfolio.books.openPositions > 0
            && deck.slots[1].runner.portfolio.workingOrders > 0
    }

    @Test(arguments: ways, [(1, 64), (2, 250)])
    func `a strategy moves with position and orders, and its digest is that of one that stays`(
        _ way: (from: String, to: String), _ how: (lanes: Int, block: Int)
    ) throws {
        let plugin = try LiveModules.recorder("RESTS")
        let expected = try live.deck(live.configuration(live.strategies(3, plugin))).play()
        let deck = try live.deck(
            try live.configuration(strategies(plugin, way.from)), lanes: how.lanes,
            block: how.block)
        let keeper = RecordKeeper()
        let there = try #require(Isolation(rawValue: way.to))
        let reply = Reply<HandOverReport>()
        var isAsked = false
        let result = try deck.play(into: keeper) { progress in
            guard !isAsked, progress.done >= 1_000 else { return }
            do {
                try deck.settle()
                guard isBusy(deck) else { return }
                isAsked = true
                deck.handOver(try live.moving(deck, to: there, plugin), reply)
            } catch { Issue.record(error) }
        }
        #expect(isAsked)
        let report = try reply.wait()
        #expect(report.text.contains("(\(way.to) instead of \(way.from)) took over"))
        #expect(result.slots.map(\.fault) == [nil, nil, nil])
        #expect(result.slots.map(\.digest) == expected.slots.map(\.digest))
        #expect(deck.slots[1].plan.isolation == there)
        #expect(deck.slots[1].runner.placement.name == way.to)
        let done = keeper.commands.map(\.command)
        #expect(done == ["reload", "accept"], "\(keeper.commands)")
        #expect(LiveDeck.words(keeper)[1].contains("count 4000 last 3999 "))
        #expect((deck.slots[1].runner.walls == nil) == (way.to == "host"))
    }

    @Test(arguments: ways)
    func `a strategy moves on a feed that keeps time, and back, and misses nothing`(
        _ from: String, _ to: String
    ) throws {
        let plugin = try LiveModules.recorder("RESTS")
        let there = try #require(Isolation(rawValue: to))
        for isTakenBack in [false, true] {
            var options = PlayOptions()
            options.lanes = 1
            // 4,000 bars a second, in blocks of a few.
            options.speed = .times(240_000)
            options.blockSize = 16
            let deck = try TapeDeck(
                try live.configuration(strategies(plugin, from)), plugins: live.store,
                options: options)
            let keeper = RecordKeeper()
            var step = 0
            let result = try deck.play(into: keeper) { progress in
                do {
                    if step == 0, progress.done >= 1_000 {
                        step = 1
                        deck.handOver(
                            try live.moving(deck, to: there, plugin, probation: 1_000), Reply())
                    }
                    if step == 1, isTakenBack, progress.done >= 1_500 {
                        step = 2
                        _ = try deck.rollBack("s1", by: "a test")
                    }
                } catch { Issue.record(error) }
            }
            #expect(result.slots.map(\.fault) == [nil, nil, nil])
            #expect(deck.slots[1].runner.placement.name == (isTakenBack ? from : to))
            #expect(
                LiveDeck.words(keeper)[1].contains("count 4000 last 3999 "),
                "\(LiveDeck.words(keeper)[1])")
            guard !isTakenBack else { continue }
            let alone = try live.deck(live.configuration(live.strategies(3, plugin))).play()
            #expect(result.slots.map(\.digest) == alone.slots.map(\.digest))
            #expect(
                keeper.slots[1].log.contains { $0.text.hasPrefix("replaced ") },
                "the one before has left in order")
        }
    }

    @Test(arguments: ways, ["FAILS=4", "DIES=4"])
    func `a fault brings the one before back, to where it was, at the very event`(
        _ way: (from: String, to: String), _ how: String
    ) throws {
        if way.to == "host", how.hasPrefix("DIES") { return }
        let old = try LiveModules.recorder()
        let bad = try LiveModules.recorder("VERSION=\"3.0.0\"", "AFTER=73", how)
        let there = try #require(Isolation(rawValue: way.to))
        let expected = try inHost(
            old, LiveModules.recorder("VERSION=\"3.0.0\"", "AFTER=73", "FAILS=4"))
        var digests: [String] = []
        for (lanes, block) in [(1, 100), (2, 1_000)] {
            let deck = try live.deck(
                try live.configuration(strategies(old, way.from)), lanes: lanes, block: block)
            let keeper = RecordKeeper()
            var isAsked = false
            let result = try deck.play(into: keeper) { progress in
                guard !isAsked, progress.done >= 1_000 else { return }
                isAsked = true
                do { deck.handOver(try live.moving(deck, to: there, bad), Reply()) } catch {
                    Issue.record(error)
                }
            }
            #expect(result.slots.map(\.fault) == [nil, nil, nil])
            #expect(result.slots[1].plugin.version == "1.0.0")
            #expect(
                keeper.commands.last?.answer.hasSuffix("having caught up on 73 events") == true,
                "\(keeper.commands)")
            #expect(deck.slots[1].plan.isolation.rawValue == way.from)
            #expect(deck.slots[1].runner.placement.name == way.from)
            #expect(LiveDeck.words(keeper)[1].hasSuffix(" muted 73"), "\(LiveDeck.words(keeper))")
            #expect(LiveDeck.words(keeper)[1].contains("count 4000 last 3999 "))
            digests.append(result.slots[1].digest)
        }
        #expect(digests == [expected, expected], "the same as in one place")
    }

    /// What the same comes to that never leaves the host.
    private func inHost(_ old: String, _ bad: String) throws -> String {
        let deck = try live.deck(try live.configuration(strategies(old, "host")), block: 100)
        var isAsked = false
        return try deck.play { progress in
            guard !isAsked, progress.done >= 1_000 else { return }
            isAsked = true
            do { deck.handOver(try live.change(deck, "s1", to: bad), Reply()) } catch {
                Issue.record(error)
            }
        }.slots[1].digest
    }

    @Test(arguments: ways, ["FAILS=1", "FAILS=2", "FAILS=3", "DIES=2"])
    func `a move that fails leaves no trace`(
        _ way: (from: String, to: String), _ how: String
    ) throws {
        if way.to == "host", how.hasPrefix("DIES") { return }
        let old = try LiveModules.recorder("RESTS")
        let bad = try LiveModules.recorder("VERSION=\"3.0.0\"", "RESTS", how)
        let expected = try live.deck(live.configuration(live.strategies(3, old))).play()
        let there = try #require(Isolation(rawValue: way.to))
        let deck = try live.deck(try live.configuration(strategies(old, way.from)), block: 128)
        let keeper = RecordKeeper()
        var isAsked = false
        let result = try deck.play(into: keeper) { progress in
            guard !isAsked, progress.done >= 1_000 else { return }
            isAsked = true
            do { deck.handOver(try live.moving(deck, to: there, bad), Reply()) } catch {
                Issue.record(error)
            }
        }
        #expect(keeper.commands.last?.answer.contains("did not take over") == true)
        #expect(result.slots.map(\.fault) == [nil, nil, nil])
        #expect(result.slots.map(\.digest) == expected.slots.map(\.digest))
        #expect(deck.slots[1].plan.isolation.rawValue == way.from)
    }

    @Test(arguments: places)
    func `a strategy that died before it played is put in its place by a reload`(
        _ place: String
    ) throws {
        let path = live.folder.file("mine.so")
        try live.folder.copy(LiveModules.recorder("DIES=1"), to: "mine.so")
        let good = try LiveModules.recorder()
        let lines = strategies(good, "worker").split(separator: "\n")
        let text = lines.enumerated().map { number, line in
            number == 1 ? String(line).replacing(good, with: path) : String(line)
        }.joined(separator: "\n")
        let deck = try live.deck(try live.configuration(text), block: 250)
        #expect(deck.slots[1].runner is AbsentRunner)
        let there = try #require(Isolation(rawValue: place))
        let keeper = RecordKeeper()
        var step = 0
        let result = try deck.play(into: keeper) { _ in
            step += 1
            do {
                // The first time it is still the same file.
                if step == 2 {
                    deck.handOver(
                        try live.moving(deck, to: .worker, path), Reply<HandOverReport>())
                }
                if step == 4 {
                    try live.folder.copy(LiveModules.recorder("VERSION=\"2.0.0\""), to: "mine.so")
                    deck.handOver(
                        try live.moving(deck, to: there, path), Reply<HandOverReport>())
                }
            } catch { Issue.record(error) }
        }
        #expect(keeper.commands.map(\.isDone) == [false, true], "\(keeper.commands)")
        #expect(result.slots[1].fault == nil && result.slots[1].counts.fills > 100)
        #expect(result.slots[1].plugin.version == "2.0.0")
        #expect(deck.slots[1].runner.placement.name == place)
        #expect(LiveDeck.words(keeper)[1].contains("count 3002 last 3999 "))
        let alone = try live.deck(live.configuration(live.strategies(3, LiveModules.recorder())))
        let expected = try alone.play()
        #expect(result.slots[0].digest == expected.slots[0].digest)
        #expect(result.slots[2].digest == expected.slots[2].digest)
    }

    @Test(arguments: ways)
    func `an operator takes a move back`(_ from: String, _ to: String) throws {
        let plugin = try LiveModules.recorder()
        let deck = try live.deck(try live.configuration(strategies(plugin, from)), block: 250)
        let keeper = RecordKeeper()
        let there = try #require(Isolation(rawValue: to))
        var step = 0
        let result = try deck.play(into: keeper) { _ in
            step += 1
            do {
                if step == 4 {
                    deck.handOver(
                        try live.moving(deck, to: there, plugin, probation: 2_000), Reply())
                }
                if step == 7 {
                    let answer = try deck.rollBack("s1", by: "a test")
                    #expect(answer.text.contains("having caught up on "))
                }
            } catch { Issue.record(error) }
        }
        #expect(result.slots[1].fault == nil)
        #expect(deck.slots[1].plan.isolation.rawValue == from)
        #expect(deck.slots[1].runner.placement.name == from)
        #expect(LiveDeck.words(keeper)[1].contains("count 4000 last 3999 "))
    }
}
