import CTapedeck
import Feeds
import Kernel
import Market
import Synchronization
import Testing

@testable import Deck
@testable import StrategyHost

/// A feed that keeps time waits for no worker, and no worker misses anything.
@Suite(.serialized) struct LateWorkerTests {
    @Test(arguments: ["worker", "sealed"])
    func
        `while one worker is busy with one event, the feed and the others go on; it misses nothing`(
            isolation: String
        ) throws
    {
        let live = try LiveDeck(bars: 3_000)
        let (quick, slow) = (
            try LiveModules.recorder(), try LiveModules.recorder("AFTER=100", "BURNS=700")
        )
        func strategies(_ isolation: String) -> String {
            [("slow", slow), ("beside", quick), ("here", quick)].map { name, plugin in
                "  - { name: \(name), plugin: \(plugin), symbols: AAA, timeframe: 1m, params: { every: 17 }, "
                    + "isolation: \(name == "here" ? "host" : isolation) }"
            }.joined(separator: "\n")
        }
        let expected = try live.deck(try live.configuration(strategies("host"))).play()
        var options = PlayOptions()
        options.lanes = 1
        // 2,000 bars a second, in blocks so small that its tape is full after some of them.
        options.speed = .times(120_000)
        options.blockSize = 16
        let deck = try TapeDeck(
            try live.configuration(strategies(isolation)), plugins: live.store, options: options)
        let keeper = RecordKeeper()
        var (late, lateBeside) = (0, 0)
        let result = try deck.play(into: keeper) { progress in
            late = max(late, progress.done - deck.slots[0].eventCount)
            lateBeside = max(lateBeside, deck.slots[2].eventCount - deck.slots[1].eventCount)
        }
        print("the late worker was \(late) events behind, the one beside it \(lateBeside)")
        #expect(late > 200, "the feed did not wait")
        #expect(result.slots.map(\.fault) == [nil, nil, nil])
        #expect(result.slots.map(\.digest) == expected.slots.map(\.digest))
        #expect(LiveDeck.words(keeper).allSatisfy { $0.contains("count 3000 last 2999 ") })
    }

    @Test(arguments: ["worker", "sealed"])
    func `while a strategy starts, or takes a parameter, the feed and the others go on`(
        isolation: String
    ) throws {
        let live = try LiveDeck(bars: 3_000)
        let quick = try LiveModules.recorder()
        for (phase, plugin) in [
            ("start", try LiveModules.recorder("SLOW=3", "BURNS=700")),
            ("set", try LiveModules.recorder("SLOW=9", "BURNS=700")),
        ] {
            let strategies = [("slow", plugin, isolation), ("here", quick, "host")].map {
                "  - { name: \($0), plugin: \($1), symbols: AAA, timeframe: 1m, params: { every: 17 }, isolation: \($2) }"
            }.joined(separator: "\n")
            var options = PlayOptions()
            options.lanes = 1
            options.speed = .times(120_000)
            options.blockSize = 16
            let deck = try TapeDeck(
                try live.configuration(strategies, feed: ", record: \(phase)-\(isolation).tape"),
                plugins: live.store, options: options)
            let keeper = RecordKeeper()
            let reply = Reply<DeckAnswer>()
            var (late, isAsked) = (0, false)
            let result = try deck.play(into: keeper) { progress in
                late = max(late, deck.slots[1].eventCount - deck.slots[0].eventCount)
                guard phase == "set", !isAsked, progress.done >= 1_000 else { return }
                isAsked = true
                deck.set("slow", "every", "5", by: "a test", reply)
            }
            print("while it was slow in \(phase) it came \(late) events behind")
            #expect(late > 400, "the feed did not wait for \(phase)")
            #expect(result.slots.map(\.fault) == [nil, nil])
            #expect(LiveDeck.words(keeper).allSatisfy { $0.contains("count 3000 last 2999 ") })
            if isAsked { #expect(try reply.wait().text.hasPrefix("slow: every is 5")) }
            let again = try live.deck(
                try live.configuration(
                    strategies.replacing(plugin, with: quick),
                    tape: "\(phase)-\(isolation).tape")
            ).play()
            #expect(again.slots.map(\.digest) == result.slots.map(\.digest))
        }
    }

    @Test(arguments: ["worker", "sealed"], ["reload", "unload"])
    func `while a strategy saves for its successor, or stops for good, the feed goes on`(
        isolation: String, what: String
    ) throws {
        let live = try LiveDeck(bars: 3_000)
        let quick = try LiveModules.recorder()
        let slow = try LiveModules.recorder(what == "reload" ? "SLOW=5" : "SLOW=6", "BURNS=700")
        let file = try EditedFile(
            "deck.yaml",
            holds: """
                feed: { source: tape, path: \(live.folder.file("one.tape")) }
                plugins: { folder: \(live.folder.file("plugins")) }
                strategies:
                  - { name: slow, plugin: \(slow), symbols: AAA, timeframe: 1m, isolation: \(isolation) }
                  - { name: here, plugin: \(quick), symbols: AAA, timeframe: 1m, isolation: host }
                """)
        let asked = Mutex<(before: UInt64, after: UInt64)>((0, 0))
        // 1,000 bars a second.
        let (result, keeper) = try FollowedDeck.follow(live, file, speed: 60_000) { hands in
            // Before its first event there is nothing to save, and nobody to stop.
            while case let status = hands.room.answer(ControlRequest(.status), from: "a test"),
                status.status?.slots[0].events ?? 20 < 20
            {}
            var request = ControlRequest(what == "reload" ? .reload : .unload, strategy: "slow")
            request.plugin = what == "reload" ? quick : nil
            request.withPositions = true
            let answer = hands.room.answer(request, from: "a test")
            #expect(answer.ok, "\(answer.text)")
            let status = hands.room.answer(ControlRequest(.status), from: "a test")
            asked.withLock { $0 = (answer.event ?? 0, status.event ?? 0) }
        }
        let events = asked.withLock { $0.after - $0.before }
        print("from the event of its \(what) to the answer the feed played \(events) events")
        #expect(events > 300, "the feed went on")
        #expect(result.slots.map(\.fault) == [nil, nil])
        let words = LiveDeck.words(keeper)
        #expect(words[0].hasPrefix("stopped ") && words[1].hasPrefix("stopped "), "\(words)")
    }

    @Test func `what fails in its start is named, though nobody waited for that`() throws {
        let live = try LiveDeck(bars: 300)
        let quick = try LiveModules.recorder()
        for (plugin, words) in [
            (try LiveModules.recorder("FAILS=3"), "start failed with TD_E_INTERNAL: no legs"),
            (try LiveModules.recorder("DIES=3"), "crash: "),
            (try LiveModules.recorder("STAYS=3"), "hang: "),
        ] {
            var options = PlayOptions()
            options.speed = .times(60_000)
            let deck = try TapeDeck(
                try live.configuration(
                    [("bad", plugin, "worker, limits: { call: 100ms }"), ("here", quick, "host")]
                        .map {
                            "  - { name: \($0), plugin: \($1), symbols: AAA, timeframe: 1m, isolation: \($2) }"
                        }.joined(separator: "\n")),
                plugins: live.store, options: options)
            let result = try deck.play()
            #expect(
                result.slots[0].fault?.message.contains(words) == true,
                "\(result.slots[0].fault?.message ?? "no fault")")
            #expect(result.slots[1].fault == nil)
        }
    }

    @Test func `a worker that hangs while nobody waits for it is ended all the same`() throws {
        let live = try LiveDeck(bars: 3_000)
        let plugin = try LiveModules.recorder("AFTER=100", "BURNS=1000000")
        var options = PlayOptions()
        options.speed = .times(120_000)
        let deck = try TapeDeck(
            try live.configuration(
                "  - { name: s, plugin: \(plugin), symbols: AAA, timeframe: 1m, isolation: worker, limits: { call: 100ms } }"
            ),
            plugins: live.store, options: options)
        var noticed = 0
        let result = try deck.play { progress in
            if noticed == 0, deck.slots[0].runner.standing.fault != nil { noticed = progress.done }
        }
        #expect(result.slots[0].fault?.message.hasPrefix("hang: it used") == true)
        #expect(noticed < 3_000, "while the feed went on")
    }

    @Test func `what a full tape has no room for comes back as it was, in its order`() throws {
        let queue = SlotQueue(tape: try SlotPlacing.tape(12))
        let reader = queue.tape.attach(nil)
        let source = try TestTapeEvents(200)
        for place in 0..<20 { try queue.offer(source.run(place * 10, 10), turn: place) }
        #expect(queue.count == 20 && queue.tape.published < 10)
        var seen: [UInt64] = []
        for number in 0..<20 {
            try queue.pump()
            let run = queue.tape.block(number)
            for place in 0..<run.count {
                seen.append(run.events[place].sequence)
                #expect(run.prices[place].close == Int64(run.events[place].sequence))
            }
            reader.released = number + 1
        }
        #expect(seen == Array(0..<200))
        queue.tape.detach(reader)
    }
}

/// Events with their number as their price.
private final class TestTapeEvents {
    private let events: UnsafeMutablePointer<Event>
    private let prices: UnsafeMutablePointer<ExactPrices>
    private let count: Int

    init(_ count: Int) throws {
        self.count = count
        events = .allocate(capacity: count)
        prices = .allocate(capacity: count)
        for place in 0..<count {
            var event = Event()
            event.sequence = UInt64(place)
            (events + place).initialize(to: event)
            let price = Int64(place)
            (prices + place).initialize(
                to: ExactPrices(open: price, high: price, low: price, close: price))
        }
    }

    deinit {
        events.deallocate()
        prices.deallocate()
    }

    func run(_ start: Int, _ count: Int) -> EventRun {
        EventRun(events: events + start, prices: prices + start, count: count)
    }
}
