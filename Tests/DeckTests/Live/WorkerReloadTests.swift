import Feeds
import Journal
import Kernel
import Market
import Testing

@testable import Deck
@testable import StrategyHost

/// Strategies in workers are replaced while others play.
@Suite(.serialized) struct WorkerReloadTests {
    let live: LiveDeck

    init() throws { live = try LiveDeck() }

    /// Eight that play here, of which the fourth is elsewhere.
    private func strategies(_ plugin: String, _ isolation: String, count: Int = 8) -> String {
        let lines = live.strategies(count, plugin).split(separator: "\n")
        return lines.enumerated().map { place, line in
            place == min(3, count - 1) ? line.dropLast(1) + ", isolation: \(isolation) }" : line
        }.joined(separator: "\n")
    }

    private func plain(_ strategies: String) throws -> RunResult {
        try live.deck(try live.configuration(strategies)).play()
    }

    @Test(arguments: [("worker", 1, 64), ("worker", 2, 250), ("sealed", 1, 250)])
    func `a strategy in a worker, swapped at every block, gives every slot what it has without`(
        _ isolation: String, _ lanes: Int, _ block: Int
    ) throws {
        let (old, new) = try LiveModules.versions()
        let expected = try plain(live.strategies(8, old))
        let deck = try live.deck(
            try live.configuration(strategies(old, isolation)), lanes: lanes, block: block)
        let (result, keeper, asked) = try live.swap("s3", of: deck, between: old, new)
        #expect(result.slots.map(\.fault) == Array(repeating: nil, count: 8))
        #expect(result.slots.map(\.digest) == expected.slots.map(\.digest))
        let reloads = keeper.commands.filter { $0.command == "reload" && $0.isDone }
        #expect(reloads.count == asked && asked >= 4_000 / block)
        #expect(LiveDeck.words(keeper).allSatisfy { $0.contains("count 4000 last 3999 ") })
        #expect(Set(LiveDeck.words(keeper)).count == 1, "everyone has seen the same")
        let goodbyes = keeper.slots[3].log.filter { $0.text.hasPrefix("replaced ") }
        #expect(goodbyes.count == asked, "every one of them has left in order")
        #expect(deck.slots[3].runner.lingering.isEmpty, "and is gone")
    }

    @Test(arguments: [
        (
            "FAILS=1",
            "did not take over (create): create failed with TD_E_INTERNAL: no hands; 1.0.0"
        ),
        ("FAILS=2", "did not take over (load): load failed with TD_E_FORMAT: no eyes; 1.0.0"),
        ("FAILS=3", "did not take over (start): start failed with TD_E_INTERNAL: no legs; 1.0.0"),
        ("DIES=1", "did not take over (create): crash: its worker died of signal 11"),
        ("DIES=2", "did not take over (load): crash: its worker died of signal 11"),
        ("DIES=3", "did not take over (start): crash: its worker died of signal 11"),
        ("FAILS=4", "failed (on_events failed at event "),
        ("DIES=4", "failed (crash: its worker died of signal 11"),
    ]) func `a bad version leaves the good one at work`(_ how: String, _ words: String) throws {
        let (old, bad) = (
            try LiveModules.recorder(), try LiveModules.recorder("VERSION=\"3.0.0\"", how)
        )
        let expected = try plain(live.strategies(3, old))
        let deck = try live.deck(
            try live.configuration(strategies(old, "worker", count: 3)), block: 500)
        let keeper = RecordKeeper()
        var asked = false
        let result = try deck.play(into: keeper) { progress in
            guard !asked, progress.done >= 2_000 else { return }
            asked = true
            do { deck.handOver(try live.change(deck, "s2", to: bad), Reply()) } catch {
                Issue.record(error)
            }
        }
        #expect(keeper.commands.last?.answer.contains(words) == true, "\(keeper.commands)")
        #expect(result.slots[2].plugin.version == "1.0.0")
        #expect(result.slots.map(\.fault) == [nil, nil, nil])
        #expect(result.slots.prefix(2).map(\.digest) == expected.slots.prefix(2).map(\.digest))
        // What it sent while it was on probation stays; what its predecessor was muted at is
        // missing.
        if !how.hasSuffix("4") { #expect(result.slots[2].digest == expected.slots[2].digest) }
        #expect(
            LiveDeck.words(keeper)[2].contains("count 4000 last 3999 "),
            "\(LiveDeck.words(keeper)[2])")
    }

    @Test(arguments: ["FAILS=4", "DIES=4"])
    func `a fault brings the one before back at the very event, whatever the size of the blocks`(
        how: String
    ) throws {
        let (old, bad) = (
            try LiveModules.recorder(),
            try LiveModules.recorder("VERSION=\"3.0.0\"", "AFTER=73", how)
        )
        var digests: [String] = []
        for (isolation, block) in [
            ("host", 100), ("worker", 100), ("worker", 1_000), ("sealed", 250),
        ] {
            if isolation == "host", how.hasPrefix("DIES") { continue }
            let deck = try live.deck(
                try live.configuration(strategies(old, isolation, count: 1)), block: block)
            var asked = false
            let keeper = RecordKeeper()
            let result = try deck.play(into: keeper) { progress in
                guard !asked, progress.done >= 1_000 else { return }
                asked = true
                do { deck.handOver(try live.change(deck, "s0", to: bad), Reply()) } catch {
                    Issue.record(error)
                }
            }
            #expect(result.slots[0].fault == nil)

            #expect(
                keeper.commands.last?.answer.hasSuffix("having caught up on 73 events") == true,
                "\(isolation) \(block) \(keeper.commands)")
            #expect(LiveDeck.words(keeper)[0].hasSuffix(" muted 73"), "\(LiveDeck.words(keeper))")
            digests.append(result.slots[0].digest)
        }
        #expect(Set(digests).count == 1, "\(digests)")
    }

    @Test func `an operator takes a new one in a worker back`() throws {
        let (old, new) = try LiveModules.versions()
        let deck = try live.deck(
            try live.configuration(strategies(old, "worker", count: 1)), block: 250)
        let keeper = RecordKeeper()
        var step = 0
        let result = try deck.play(into: keeper) { _ in
            step += 1
            do {
                if step == 4 {
                    deck.handOver(try live.change(deck, "s0", to: new, probation: 1_000), Reply())
                }
                if step == 6 {
                    let answer = try deck.rollBack("s0", by: "a test")
                    #expect(
                        answer.text.contains("2.0.0")
                            && answer.text.contains("having caught up on "))
                }
            } catch { Issue.record(error) }
        }
        #expect(result.slots[0].plugin.version == "1.0.0" && result.slots[0].fault == nil)
        #expect(LiveDeck.words(keeper)[0].contains("count 4000 last 3999 "))
    }

    @Test func `one without state warms up on the past, as it does in this process`() throws {
        let (old, new) = (
            try LiveModules.recorder("STATELESS"),
            try LiveModules.recorder("STATELESS", "VERSION=\"2.0.0\"")
        )
        var digests: [String] = []
        for isolation in ["host", "worker"] {
            let deck = try live.deck(
                try live.configuration(strategies(old, isolation, count: 1)), block: 500)
            let keeper = RecordKeeper()
            var asked = false
            let result = try deck.play(into: keeper) { progress in
                guard !asked, progress.done >= 2_000 else { return }
                asked = true
                do { deck.handOver(try live.change(deck, "s0", to: new), Reply()) } catch {
                    Issue.record(error)
                }
            }
            #expect(
                keeper.commands.first?.answer.contains("warmed up on 30 events of the past") == true
            )
            #expect(LiveDeck.words(keeper)[0].contains("last 3999 "))
            digests.append(result.slots[0].digest)
        }
        #expect(digests[0] == digests[1])
    }
}
