import Kernel
import Market
import Testing

@testable import Deck
@testable import StrategyHost

/// What becomes of a strategy that fails: the same wherever it runs and wherever blocks begin.
@Suite(.serialized) struct FaultPolicyTests {
    private func strategy(_ plugin: String, _ isolation: String, _ policy: String) -> String {
        "  - { name: s, plugin: \(plugin), symbols: AAA, timeframe: 1m, params: { every: 17 }, "
            + "isolation: \(isolation), on_fault: { \(policy) } }"
    }

    struct Ending {
        var result: SlotResult
        var keeper: RecordKeeper
        var position: Int64
        var words: String { LiveDeck.words(keeper)[0] }
    }

    private func play(
        _ live: LiveDeck, _ strategy: String, block: Int,
        act: @escaping (TapeDeck, PlayProgress) throws -> Void = { _, _ in }
    ) throws -> Ending {
        let deck = try live.deck(try live.configuration(strategy), block: block)
        let keeper = RecordKeeper()
        let result = try deck.play(into: keeper) { progress in
            do { try act(deck, progress) } catch { Issue.record(error) }
        }
        return Ending(
            result: result.slots[0], keeper: keeper,
            position: deck.slots[0].runner.portfolio.books.quantity(of: 0).rawValue)
    }

    @Test(arguments: ["FAILS=7", "DIES=7"])
    func `a strategy that is lost once comes to what it comes to without, from its last state`(
        how: String
    ) throws {
        let live = try LiveDeck(bars: 40_000)
        let expected = try play(
            live, strategy(try LiveModules.recorder(), "host", "restart: 0"), block: 4_096)
        #expect(expected.result.fault == nil && expected.result.counts.fills > 2_000)
        // 36,000 is a multiple of no seventeen.
        let plugin = try LiveModules.recorder("AFTER=36000", how)
        for (isolation, block) in [
            ("host", 700), ("worker", 4_096), ("worker", 999), ("sealed", 4_096),
        ] {
            if isolation == "host", how.hasPrefix("DIES") { continue }
            let ending = try play(live, strategy(plugin, isolation, "restart: 1"), block: block)
            #expect(ending.result.fault == nil, "\(isolation) \(block)")
            #expect(ending.keeper.slots[0].faults.map(\.sequence) == [35_999])
            #expect(ending.result.digest == expected.result.digest, "\(isolation) \(block)")
            // It left its state before the event 32,768, and was shown those up to 35,999 once
            // more.
            #expect(ending.words.contains("count 40000 last 39999 "), "\(ending.words)")
            #expect(ending.words.hasSuffix(" muted 3232"), "\(ending.words)")
        }
    }

    @Test(arguments: [
        ("host", "FAILS=4", 64), ("host", "FAILS=4", 1_000), ("worker", "FAILS=4", 64),
        ("worker", "DIES=4", 1_000),
        ("sealed", "DIES=4", 333),
    ])
    func
        `one that fails again and again is started as often as it may be, and then stays in quarantine`(
            _ isolation: String, _ how: String, _ block: Int
        ) throws
    {
        let live = try LiveDeck()
        let plugin = try LiveModules.recorder("AFTER=90", how)
        let left = try play(
            live, strategy(plugin, isolation, "restart: 3, within: 30d"), block: block)
        #expect(left.keeper.slots[0].faults.map(\.sequence) == [89, 179, 269, 359])
        let texts = left.keeper.slots[0].faults.map {
            $0.text.split(separator: "; ", maxSplits: 1).last ?? ""
        }
        #expect(
            texts == [
                "it is started again (1 of 3)", "it is started again (2 of 3)",
                "it is started again (3 of 3)",
                "it stays in quarantine until an operator starts it again",
            ])
        #expect(left.result.fault != nil && left.position > 0, "what it holds stays")
        let closed = try play(
            live, strategy(plugin, isolation, "restart: 3, within: 30d, then: flatten"),
            block: block)
        #expect(closed.position == 0)
        let last = try #require(closed.keeper.slots[0].records.fills.last)
        #expect(last.sequence == 360, "at the event after the last fault")
        #expect(
            closed.keeper.slots[0].faults.last?.text.hasSuffix("; its positions are closed") == true
        )
    }

    @Test func `an operator lifts the quarantine with a better version`() throws {
        let live = try LiveDeck()
        let (bad, good) = (
            try LiveModules.recorder("AFTER=100", "DIES=4"),
            try LiveModules.recorder("VERSION=\"2.0.0\"")
        )
        var asked = false
        let ending = try play(live, strategy(bad, "worker", "restart: 1, within: 30d"), block: 250)
        { deck, progress in
            guard !asked, progress.done >= 2_000 else { return }
            asked = true
            #expect(deck.slots[0].care.isQuarantined)
            deck.handOver(try live.change(deck, "s", to: good), Reply())
        }
        #expect(ending.result.fault == nil && ending.result.plugin.version == "2.0.0")
        #expect(ending.keeper.slots[0].faults.map(\.sequence) == [99, 199])
        #expect(ending.words.contains("last 3999 "))
    }

    @Test func `further starts wait longer, and a span that is over is forgotten`() {
        var policy = FaultPolicy()
        policy.restarts = 10
        policy.span = 3_600_000_000_000
        var care = FaultCare(policy)
        let begin = Timestamp(seconds: 1_704_205_800)
        var pauses: [Int64] = []
        for minute in [0, 1, 2, 3, 4, 70] {
            let time = begin + Int64(minute) * 60_000_000_000
            let closes = care.take("a fault", sequence: 1, time: time)
            #expect(!closes)
            pauses.append((care.restartTime ?? .distantPast) - time)
            care.restarted()
        }
        #expect(pauses == [0, 1_000_000_000, 5_000_000_000, 30_000_000_000, 30_000_000_000, 0])
        #expect(care.restarts == 6 && !care.isQuarantined)
    }
}
