import CTapedeck
import Dispatch
import Feeds
import Glibc
import Kernel
import Market
import StrategyHost
import Synchronization
import Testing

@testable import Deck

/// What else a feed that keeps time does not wait for: ensembles, commands, and looks over all.
@Suite(.serialized) struct LateFeedTests {
    /// Plays 3,000 bars in 1.5 seconds, of which one takes a strategy 700 ms.
    private let live: LiveDeck
    private let slow: String
    private let quick: String

    init() throws {
        live = try LiveDeck(bars: 3_000)
        slow = try LiveModules.recorder("AFTER=100", "BURNS=700")
        quick = try LiveModules.recorder()
    }

    private func paced() -> PlayOptions {
        var options = PlayOptions()
        options.lanes = 1
        options.speed = .times(120_000)
        options.blockSize = 16
        return options
    }

    private func deck(
        _ strategies: String, _ options: PlayOptions, tape: String = "one.tape", feed: String = "",
        top: String = ""
    ) throws -> TapeDeck {
        let text = """
            feed: { source: tape, path: \(tape) \(feed) }
            plugins: { folder: plugins }
            \(top)
            defaults: { isolation: host }
            strategies:
            \(strategies)
            """
        return try TapeDeck(
            DeckConfiguration.load(text: text, path: live.folder.file("c.yaml")).get(),
            plugins: live.store, options: options)
    }

    private func strategy(_ name: String, _ plugin: String, _ isolation: String) -> String {
        "  - { name: \(name), plugin: \(plugin), symbols: AAA, timeframe: 1m, params: { every: 17 }, "
            + "isolation: \(isolation) }"
    }

    @Test(arguments: ["vote", "performance"])
    func `an ensemble is as late as its latest member, and decides the same`(rule: String) throws {
        func strategies(_ isolation: String) -> String {
            """
            \(strategy("slow", slow, isolation))
            \(strategy("quick", quick, isolation))
            \(strategy("here", quick, "host"))
              - name: both
                symbols: AAA
                ensemble: { rule: \(rule), of: [slow, quick]\(rule == "vote" ? "" : ", every: 10m, window: 5") }
            """
        }
        var whole = PlayOptions()
        whole.lanes = 1
        let expected = try deck(strategies("host"), whole).play()
        let deck = try deck(strategies("worker"), paced())
        var (late, lateQuick) = (0, 0)
        let result = try deck.play { progress in
            late = max(late, deck.slots[2].eventCount - deck.slots[3].eventCount)
            lateQuick = max(lateQuick, deck.slots[2].eventCount - deck.slots[1].eventCount)
        }
        print("the ensemble was \(late) events behind, its quick member \(lateQuick)")
        #expect(late > 200, "the feed did not wait")
        #expect(result.slots.map(\.fault) == [nil, nil, nil, nil])
        #expect(result.slots.map(\.digest) == expected.slots.map(\.digest))
        #expect(result.slots[3].ensemble == expected.slots[3].ensemble)
    }

    @Test func `looks over all slots take what is known of one that is late, and say so`() throws {
        let strategies = [strategy("slow", slow, "worker"), strategy("here", quick, "host")]
            .joined(separator: "\n")
        let deck = try deck(
            strategies, paced(),
            top: "limits: { check: 1m, max_gross_exposure: { limit: 900%, action: hold } }")
        var late = 0
        let result = try deck.play { progress in
            late = max(late, progress.done - deck.slots[0].eventCount)
        }
        let overall = try #require(result.overall)
        print(
            "\(overall.lateChecks ?? 0) of \(overall.checks) looks without the late one's present")
        #expect(late > 200, "the feed did not wait")
        #expect(overall.checks > 2_900)
        #expect(overall.lateChecks ?? 0 > 200)
    }

    @Test
    func `a command to a late slot is done at its own event, and answered then; nobody waits`()
        throws
    {
        let slower = try LiveModules.recorder("AFTER=100", "BURNS=2500")
        let strategies = [
            strategy("slow", slower, "worker, limits: { call: 20s }"),
            strategy("here", quick, "host"),
        ]
        .joined(separator: "\n")
        var options = paced()
        options.stays = true
        let deck = try deck(strategies, options, feed: ", record: again.tape")
        let (mailbox, stop) = (deck.mailbox, StopSwitch())
        let answers = Mutex<[DeckAnswer]>([])
        let failures = Mutex<[String]>([])
        let group = DispatchGroup()
        group.enter()
        ControlServer.thread {
            defer {
                stop.set()
                group.leave()
            }
            do throws(DeckFailure) {
                while true {
                    let status = try mailbox.ask { deck throws(DeckFailure) in try deck.status() }
                    if status.slots[0].late ?? 0 > 100 { break }
                    guard status.state == "playing" else { return }
                }
                let flat = try mailbox.askLater { (deck, reply: Reply<DeckAnswer>) in
                    deck.command(.flatten, "slow", by: "a test", reply)
                }
                let set = try mailbox.askLater { (deck, reply: Reply<DeckAnswer>) in
                    deck.set("slow", "every", "3", by: "a test", reply)
                }
                answers.withLock { $0 = [flat, set] }
            } catch {
                failures.withLock { $0.append(error.description) }
            }
        }
        var late = 0
        let keeper = RecordKeeper()
        let result = try deck.play(into: keeper, stop: stop) { progress in
            late = max(late, progress.done - deck.slots[0].eventCount)
        }
        group.wait()
        #expect(failures.withLock { $0 } == [])
        let told = answers.withLock { $0 }
        try #require(told.count == 2)
        #expect(
            told[0].text.contains("a strategy that was late came to this event"), "\(told[0].text)")
        #expect(told[0].moment.sequence <= told[1].moment.sequence)
        #expect(late > 200, "the feed went on")
        let done = keeper.commands.filter { $0.isDone }
        #expect(done.map(\.command) == ["flatten", "set every 3"])
        #expect(done.first?.sequence == told[0].moment.sequence)
        // Played again, the recording does the same at the same events.
        var whole = PlayOptions()
        whole.lanes = 1
        let again = try self.deck(
            [strategy("slow", quick, "host"), strategy("here", quick, "host")]
                .joined(separator: "\n"), whole, tape: "again.tape"
        ).play()
        #expect(again.slots.map(\.digest) == result.slots.map(\.digest))
    }

    @Test func `what cannot be read back is an error of the run, and not its end`() throws {
        let queue = SlotQueue(tape: try SlotPlacing.tape(12))
        let reader = queue.tape.attach()
        let event = UnsafeMutablePointer<Event>.allocate(capacity: 10)
        let prices = UnsafeMutablePointer<ExactPrices>.allocate(capacity: 10)
        event.initialize(repeating: Event(), count: 10)
        prices.initialize(repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: 10)
        for turn in 0..<20 {
            try queue.offer(EventRun(events: event, prices: prices, count: 10), turn: turn)
        }
        reader.released = queue.tape.published
        ftruncate(queue.spill.file, 0)
        #expect {
            try queue.pump()
        } throws: {
            "\($0)".contains("cannot be read back")
        }
        event.deallocate()
        prices.deallocate()
    }

    @Test func `without a disk what is late waits in memory`() throws {
        let spill = BlockSpill(folder: "/nowhere")
        let room = try SharedTape(events: 64)
        let event = UnsafeMutablePointer<Event>.allocate(capacity: 2)
        let prices = UnsafeMutablePointer<ExactPrices>.allocate(capacity: 2)
        event.initialize(repeating: Event(), count: 2)
        prices.initialize(repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: 2)
        for number in 1...3 as ClosedRange<UInt64> {
            event[0].sequence = number
            event[1].sequence = number + 10
            spill.put(EventRun(events: event, prices: prices, count: 2))
        }
        #expect(spill.file < 0)
        for number in 1...3 as ClosedRange<UInt64> {
            let place = try #require(room.reserve(2))
            try spill.take(2, into: place)
            #expect(place.events[0].sequence == number && place.events[1].sequence == number + 10)
        }
        event.deallocate()
        prices.deallocate()
    }

    @Test func `a tape without room gives nobody anything`() throws {
        let tape = try SharedTape(events: 64)
        let reader = tape.attach()
        let view = EventView(
            Subscription(series: [], calendars: []), isWhole: true, capacity: 0, numberBefore: 0,
            tape: tape)
        let routing = EventRouting([view], instrumentCount: 0, calendarCount: 0)
        let event = UnsafeMutablePointer<Event>.allocate(capacity: 40)
        let prices = UnsafeMutablePointer<ExactPrices>.allocate(capacity: 40)
        event.initialize(repeating: Event(), count: 40)
        prices.initialize(repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: 40)
        let block = EventRun(events: event, prices: prices, count: 40)
        #expect(routing.route(block))
        #expect(!routing.route(block))
        #expect(tape.published == 1)
        reader.released = 1
        #expect(routing.route(block))
        event.deallocate()
        prices.deallocate()
    }
}

/// Calls into strategies inside this process are watched.
@Suite(.serialized) struct HangWatchTests {
    @Test func `a call that takes too long is named while it lasts, and when it is over`() throws {
        let live = try LiveDeck(bars: 200)
        let plugin = try LiveModules.recorder("AFTER=100", "BURNS=4000")
        let told = Mutex<[String]>([])
        let begun = DispatchSemaphore(value: 0)
        let stop = StopSwitch()
        let watch = HangWatch(
            limit: 50_000_000, of: "burner", stop: stop,
            HangWatch.Answers(
                begins: { hang in
                    told.withLock { $0.append("begins \(hang.name) \(hang.call.call)") }
                    begun.signal()
                },
                ends: { hang in told.withLock { $0.append("ends \(hang.name)") } },
                abandons: { _ in told.withLock { $0.append("abandons") } }))
        watch.start()
        // Other tests of this process have slow strategies as well.
        let strategies = live.strategies(1, plugin).replacing("name: s0", with: "name: burner")
        let deck = try live.deck(try live.configuration(strategies))
        let room = try ControlRoom(deck, plugins: live.store, stop: stop, hangs: watch)
        let answers = Mutex<[ControlAnswer]>([])
        let group = DispatchGroup()
        group.enter()
        ControlServer.thread {
            defer { group.leave() }
            guard begun.wait(timeout: .now() + 60) == .success else { return }
            let found = [
                room.answer(ControlRequest(.status), from: "a test"),
                room.answer(ControlRequest(.kill, strategy: "burner"), from: "a test"),
            ]
            answers.withLock { $0 = found }
        }
        let result = try deck.play()
        group.wait()
        watch.end()
        #expect(result.slots[0].fault == nil)
        #expect(told.withLock { $0.prefix(1) } == ["begins burner on_events"])
        let found = answers.withLock { $0 }
        try #require(found.count == 2)
        #expect(found[0].ok && found[0].status?.state == "held", "\(found[0].text)")
        #expect(found[0].status?.slots[0].state == "hangs")
        #expect(
            found[0].status?.hang?.hasPrefix("hang: burner has not come back from on_events")
                == true)
        #expect(!found[1].ok && found[1].text.hasPrefix("hang: burner has not"))
    }
}
