import Kernel
import Market
import Testing

@testable import Deck
@testable import StrategyHost

/// A strategy goes on in another place while its feed keeps time, and is waited for by nobody.
@Suite(.serialized) struct LateMovingTests {
    let live: LiveDeck

    init() throws { live = try LiveDeck(bars: 3_000) }

    static let fromLate = [
        ("worker", "host"), ("worker", "sealed"), ("sealed", "host"), ("sealed", "worker"),
    ]

    /// 3,000 bars in 1.5 seconds: `s0` is at once where the feed is, `s1` is what the test is about.
    private func deck(_ plugin: String, _ isolation: String, beside: String) throws -> TapeDeck {
        var options = PlayOptions()
        options.lanes = 1
        options.speed = .times(120_000)
        options.blockSize = 16
        let strategies = [("s0", beside, "host"), ("s1", plugin, isolation)].map {
            "  - { name: \($0), plugin: \($1), symbols: AAA, timeframe: 1m, params: { every: 17 }, isolation: \($2) }"
        }.joined(separator: "\n")
        return try TapeDeck(
            try live.configuration(strategies), plugins: live.store, options: options)
    }

    private func alone(_ plugin: String) throws -> String {
        let text =
            "  - { name: s1, plugin: \(plugin), symbols: AAA, timeframe: 1m, params: { every: 17 } }"
        return try live.deck(try live.configuration(text)).play().slots[0].digest
    }

    /// Plays it: what `change` says is prepared before the strategy is late, and asked for when it
    /// is late by 200 events.
    private func play(
        _ deck: TapeDeck, _ keeper: RecordKeeper, _ change: @escaping () throws -> SlotChange,
        then next: @escaping (Int) throws -> Void = { _ in }
    ) throws -> (result: RunResult, asked: UInt64, late: Int, reply: Reply<HandOverReport>) {
        let reply = Reply<HandOverReport>()
        var prepared: SlotChange?
        var (asked, late, since) = (UInt64(0), 0, 0)
        let result = try deck.play(into: keeper) { progress in
            do {
                if prepared == nil { prepared = try change() }
                late = max(late, deck.slots[0].eventCount - deck.slots[1].eventCount)
                if asked == 0, deck.slots[1].lateEvents > 200, let prepared {
                    (asked, since) = (deck.moment.sequence, progress.done)
                    deck.handOver(prepared, reply)
                } else if asked > 0 {
                    try next(progress.done - since)
                }
            } catch { Issue.record(error) }
        }
        return (result, asked, late, reply)
    }

    @Test(arguments: fromLate)
    func
        `a late strategy moves when it comes to that event; the feed goes on, and it misses nothing`(
            _ from: String, _ to: String
        ) throws
    {
        let plugin = try LiveModules.recorder("RESTS", "AFTER=100", "BURNS=700")
        let quick = try LiveModules.recorder()
        let deck = try deck(plugin, from, beside: quick)
        let keeper = RecordKeeper()
        let there = try #require(Isolation(rawValue: to))
        let run = try play(deck, keeper) { try live.moving(deck, to: there, plugin) }
        #expect(run.late > 400, "the feed went on")
        let report = try run.reply.wait()
        #expect(report.moment.sequence == run.asked && run.asked > 200)
        #expect(keeper.commands.map(\.sequence).first == run.asked, "\(keeper.commands)")
        #expect(run.result.slots.map(\.fault) == [nil, nil])
        #expect(deck.slots[1].runner.placement.name == to)
        #expect(
            LiveDeck.words(keeper)[1].contains("count 3000 last 2999 "),
            "\(LiveDeck.words(keeper)[1])")
        #expect(try run.result.slots[1].digest == alone(LiveModules.recorder("RESTS")))
    }

    @Test(arguments: fromLate)
    func `what was asked for later still comes at its own event, though the strategy has moved`(
        _ from: String, _ to: String
    ) throws {
        let plugin = try LiveModules.recorder("AFTER=100", "BURNS=700")
        let quick = try LiveModules.recorder()
        let deck = try deck(plugin, from, beside: quick)
        let keeper = RecordKeeper()
        let there = try #require(Isolation(rawValue: to))
        var moments: [UInt64] = []
        let replies = [Reply<DeckAnswer>(), Reply<DeckAnswer>()]
        let run = try play(deck, keeper) {
            try live.moving(deck, to: there, plugin)
        } then: { events in
            guard events >= 50 * (moments.count + 1), moments.count < 2 else { return }
            moments.append(deck.moment.sequence)
            deck.command(
                moments.count == 1 ? .pause : .resume, "s1", by: "a test",
                replies[moments.count - 1])
        }
        #expect(run.result.slots.map(\.fault) == [nil, nil])
        #expect(try replies.map { try $0.wait().moment.sequence } == moments)
        let done = keeper.commands.filter { $0.command != "accept" }
        #expect(done.map(\.command) == ["reload", "pause", "resume"])
        #expect(done.map(\.sequence) == [run.asked] + moments)
        #expect(LiveDeck.words(keeper)[1].contains("count 3000 last 2999 "))
    }

    @Test(arguments: fromLate)
    func `one that fails while it is still late falls back, and that one misses nothing either`(
        _ from: String, _ to: String
    ) throws {
        let plugin = try LiveModules.recorder("AFTER=100", "BURNS=700")
        let bad = try LiveModules.recorder("VERSION=\"3.0.0\"", "AFTER=73", "FAILS=4")
        let deck = try deck(plugin, from, beside: try LiveModules.recorder())
        let keeper = RecordKeeper()
        let there = try #require(Isolation(rawValue: to))
        let run = try play(deck, keeper) { try live.moving(deck, to: there, bad) }
        #expect(run.result.slots.map(\.fault) == [nil, nil])
        #expect(run.result.slots[1].plugin.version == "1.0.0")
        #expect(deck.slots[1].runner.placement.name == from)
        #expect(
            keeper.commands.last?.answer.hasSuffix("having caught up on 73 events") == true,
            "\(keeper.commands)")
        let words = LiveDeck.words(keeper)[1]
        #expect(words.contains("count 3000 last 2999 ") && words.hasSuffix(" muted 73"), "\(words)")
    }

    @Test(arguments: MovingTests.ways, [0, 40])
    func `a fault brings the one before back while the feed keeps time, wherever both are`(
        _ way: (from: String, to: String), _ burns: Int
    ) throws {
        let (from, to) = way
        // Late by some blocks when it moves, or by none, it has caught up when it fails.
        let plugin = try LiveModules.recorder("SLOW=5", "BURNS=\(burns)")
        let bad = try LiveModules.recorder("VERSION=\"3.0.0\"", "AFTER=230", "FAILS=4")
        let deck = try deck(plugin, from, beside: try LiveModules.recorder())
        let keeper = RecordKeeper()
        let there = try #require(Isolation(rawValue: to))
        var isAsked = false
        let result = try deck.play(into: keeper) { progress in
            guard !isAsked, progress.done >= 1_000 else { return }
            isAsked = true
            do {
                deck.handOver(try live.moving(deck, to: there, bad, probation: 1_000), Reply())
            } catch {
                Issue.record(error)
            }
        }
        #expect(result.slots.map(\.fault) == [nil, nil])
        #expect(deck.slots[1].runner.placement.name == from)
        let words = LiveDeck.words(keeper)[1]
        #expect(
            words.contains("count 3000 last 2999 ") && words.hasSuffix(" muted 230"), "\(words)")
        #expect(
            keeper.commands.last?.answer.hasSuffix("having caught up on 230 events") == true,
            "\(keeper.commands)")
    }

    @Test(arguments: ["sealed", "worker"])
    func `one that has just moved from the host, and is late then, does not hold the feed`(
        _ to: String
    ) throws {
        let plugin = try LiveModules.recorder()
        let slow = try LiveModules.recorder("VERSION=\"2.0.0\"", "AFTER=1200", "BURNS=700")
        let deck = try deck(plugin, "host", beside: plugin)
        let keeper = RecordKeeper()
        let there = try #require(Isolation(rawValue: to))
        var isAsked = false
        var late = 0
        let result = try deck.play(into: keeper) { progress in
            late = max(late, deck.slots[0].eventCount - deck.slots[1].eventCount)
            guard !isAsked, progress.done >= 1_000 else { return }
            isAsked = true
            do {
                deck.handOver(
                    try live.moving(deck, to: there, slow, probation: 10_000), Reply())
            } catch { Issue.record(error) }
        }
        #expect(late > 400, "the feed went on")
        #expect(result.slots.map(\.fault) == [nil, nil])
        #expect(result.slots[0].digest == result.slots[1].digest, "the same strategy in both")
        #expect(LiveDeck.words(keeper)[1].contains("count 3000 last 2999 "))
    }
}
