import Kernel
import Market
import Testing

@testable import Deck
@testable import StrategyHost

/// One worker that holds several instances of one module.
@Suite(.serialized) struct SharedWorkerTests {
    let live: LiveDeck

    init() throws { live = try LiveDeck() }

    /// Instances of `wild.c` that share a worker; what the second does at its bar 2,000.
    private func wild(
        _ count: Int, second does: String = "nothing", more: String = "", policies: [String] = []
    ) throws -> String {
        let plugin = try LiveModules.wild()
        return (0..<count).map { place in
            let what = place == 1 ? does : "nothing"
            let policy = policies.isEmpty ? "" : ", on_fault: { \(policies[place]) }"
            return
                "  - { name: w\(place), plugin: \(plugin), symbols: AAA, timeframe: 1m, isolation: worker, "
                + "share_worker: true, params: { does: \(what), at: 2000 }\(policy) \(more) }"
        }.joined(separator: "\n")
    }

    private func played(
        _ strategies: String, block: Int = 256, lanes: Int = 1,
        act: @escaping (TapeDeck, PlayProgress) throws -> Void = { _, _ in }
    ) throws -> (result: RunResult, keeper: RecordKeeper) {
        let deck = try live.deck(try live.configuration(strategies), lanes: lanes, block: block)
        let keeper = RecordKeeper()
        let result = try deck.play(into: keeper) { progress in
            do { try act(deck, progress) } catch { Issue.record(error) }
        }
        return (result, keeper)
    }

    private func processes(_ deck: TapeDeck) -> [Int32?] {
        deck.slots.map { $0.runner.lifeline?.process }
    }

    /// What one of them comes to inside the host.
    private func undisturbed() throws -> String {
        let plugin = try LiveModules.wild()
        let alone =
            "  - { name: w, plugin: \(plugin), symbols: AAA, timeframe: 1m, isolation: host }"
        return try played(alone).result.slots[0].digest
    }

    @Test(arguments: IsolationTests.modules)
    func `instances in one worker come to the digest that each has in the host`(
        module: String
    ) throws {
        let folder = DeckFolder()
        let file = "\(DeckFolder.shippedPlugins)/\(module)"
        let symbols =
            try PluginFile.read(file).manifest.instruments.lowerBound > 1
            ? "[ALFA, BRAVO]" : "[ALFA]"
        let text = """
            seed: 5
            feed:
              { source: synthetic, calendar: XNYS, timeframe: 1m, start: 2024-01-02, sessions: 8, correlation: 0.3 }
            assets: [ALFA, BRAVO]
            defaults: { cash: 100000 USD, timeframe: 5m, allow_short: true, sizing: 40%, share_worker: true }
            strategies:
              - { name: in host, plugin: \(file), symbols: \(symbols), isolation: host }
              - { name: alone, plugin: \(file), symbols: \(symbols), isolation: worker, share_worker: false }
              - { name: one, plugin: \(file), symbols: \(symbols), isolation: worker }
              - { name: two, plugin: \(file), symbols: \(symbols), isolation: worker }
              - { name: three, plugin: \(file), symbols: \(symbols), isolation: worker, timeframe: 5m }
            """
        let configuration = try DeckConfiguration.load(text: text, path: folder.file("c.yaml"))
            .get()
        for (block, lanes) in [(4_096, 1), (97, 2)] {
            var options = PlayOptions()
            options.blockSize = block
            options.lanes = lanes
            let deck = try TapeDeck(
                configuration, plugins: PluginStore(probe: nil), options: options)
            let processes = processes(deck)
            #expect(Set(processes.suffix(3)).count == 1 && processes[1] != processes[2])
            let result = try deck.play()
            #expect(result.slots.map(\.fault) == [nil, nil, nil, nil, nil])
            #expect(Set(result.slots.map(\.digest)).count == 1, "\(result.slots.map(\.digest))")
        }
    }

    @Test func `as many share a worker as the operator says`() throws {
        let text = try wild(7).replacing("share_worker: true", with: "share_worker: 3")
        let deck = try live.deck(try live.configuration(text))
        let processes = processes(deck)
        #expect(processes[0] == processes[2] && processes[3] == processes[5])
        #expect(Set(processes).count == 3)
        let digests = try deck.play().slots.map(\.digest)
        #expect(try Set(digests) == [undisturbed()])
    }

    @Test(arguments: [
        ("segfault", "crash: its worker died of signal 11", 256),
        ("segfault", "crash: its worker died of signal 11", 1_000),
        ("loops", "hang: it used", 256), ("exits", "exit: its worker ended its own process", 256),
        ("socket", "refused system call: it called socket", 256),
        ("overflows", "crash: its worker died of signal 11", 256),
    ])
    func `whoever ends a worker ends it for all, who go on as if nothing had been, without him`(
        _ does: String, _ words: String, _ block: Int
    ) throws {
        let policy = "restart: 1, within: 30d"
        let text = try wild(
            4, second: does, more: ", limits: { call: 100ms }",
            policies: [policy, policy, policy, "restart: 0"])
        var last: [Int32?] = []
        let (result, keeper) = try played(text, block: block) { deck, _ in
            last = processes(deck)
        }
        let faults = keeper.slots.map { $0.faults.map(\.text) }
        #expect(faults.map(\.count) == [1, 1, 1, 1], "\(faults)")
        #expect(faults[1][0].hasPrefix(words), "\(faults[1])")
        #expect(keeper.slots[1].faults[0].sequence == 1_999, "\(keeper.slots[1].faults)")
        let name = words.prefix { $0 != ":" }
        for other in [0, 2, 3] {
            #expect(
                faults[other][0].hasPrefix(
                    "\(name): w1, which shared its worker, ended that (\(words)"),
                "\(faults[other])")
        }
        let expected = try undisturbed()
        #expect(result.slots.prefix(3).map(\.digest) == [expected, expected, expected])
        #expect(result.slots.prefix(3).allSatisfy { $0.fault == nil })
        #expect(result.slots[3].fault != nil, "its policy is to stay out")
        if block == 256 {
            #expect(last[0] == last[2] && last[0] != last[1] && last[3] == nil, "\(last)")
        }
    }

    @Test func `one that only fails leaves its worker to the others`() throws {
        var last: [Int32?] = []
        var first: [Int32?] = []
        let text = try wild(3, second: "fails", policies: Array(repeating: "restart: 1", count: 3))
        let (result, keeper) = try played(text) { deck, _ in
            last = processes(deck)
            if first.isEmpty { first = last }
        }
        #expect(keeper.slots.map(\.faults.count) == [0, 1, 0])
        #expect(keeper.slots[1].faults[0].text.contains("TD_E_INTERNAL: no more"))
        #expect(first == last && Set(last).count == 1, "it is started again among them")
        #expect(try Set(result.slots.map(\.digest)) == [undisturbed()])
        #expect(result.slots.allSatisfy { $0.fault == nil })
    }

    @Test func `memory is that of all who share, and nobody is named`() throws {
        let text = try wild(
            3, second: "eats", more: ", limits: { memory: 64MB }",
            policies: ["restart: 1", "restart: 0", "restart: 1"])
        let (result, keeper) = try played(text)
        #expect(
            keeper.slots.allSatisfy {
                $0.faults.map(\.text).first?.hasPrefix("memory limit: its worker wanted more than")
                    == true
            }, "\(keeper.slots.map(\.faults))")
        let expected = try undisturbed()
        #expect(result.slots[0].digest == expected && result.slots[2].digest == expected)
    }

    @Test func `one comes, one goes, one changes, and the others notice nothing`() throws {
        let (old, new) = try LiveModules.versions()
        func strategies(_ count: Int, _ isolation: String) -> String {
            live.strategies(count, old, more: ", isolation: \(isolation)")
        }
        let expected = try played(strategies(6, "host")).result
        let configuration = try live.configuration(strategies(6, "worker, share_worker: true"))
        let deck = try live.deck(configuration)
        let (keeper, start) = (RecordKeeper(), processes(deck))
        var blocks = 0
        var later: [Int32?] = []
        var lingering: [String] = []
        let result = try deck.play(into: keeper) { _ in
            blocks += 1
            do {
                switch blocks {
                case 3:
                    _ = try deck.remove("s1", withPositions: true, command: "unload", by: "a test")
                case 5:
                    _ = try deck.set("s2", "every", "31", by: "a test")
                case 7:
                    deck.handOver(try live.change(deck, "s3", to: new), Reply())
                    deck.handOver(try live.change(deck, "s4", to: new), Reply())
                case 10:
                    var placing = SlotPlacing(live.store)
                    var plan = configuration.slots[1]
                    plan.name = "late"
                    let placement = try placing.placement(of: plan)
                    _ = try deck.add(
                        NewSlot(plan: plan, placement: placement, command: "load", who: "a test"))
                    later = processes(deck)
                    lingering = try deck.status().pinned
                default: break
                }
            } catch { Issue.record(error) }
        }
        #expect(Set(start).count == 1)
        // s0 s2 s3 s4 s5 late: the two that were replaced share a new worker.
        #expect(later[0] == start[0] && later[1] == start[0] && later[4] == start[0])
        #expect(later[2] == later[3] && later[2] != start[0] && later[5] == start[0], "\(later)")
        #expect(lingering.isEmpty, "\(lingering)")
        #expect(result.slots.allSatisfy { $0.fault == nil })
        for place in [0, 3, 4, 5] {
            #expect(result.slots[place].digest == expected.slots[place].digest, "s\(place)")
        }
        #expect(result.slots[2].digest != expected.slots[2].digest, "its parameter is another")
        let words = LiveDeck.words(keeper)
        for place in [0, 2, 3, 4, 5] {
            #expect(words[place].contains("count 4000 last 3999 "), "\(words[place])")
        }
    }

    @Test func `no more workers are started while a deck runs than at its start`() throws {
        let plugin = try LiveModules.wild()
        let one = "{ name: w, plugin: \(plugin), symbols: AAA, timeframe: 1m }"
        let text = "feed: { source: tape, path: one.tape }\nstrategies:\n  - \(one)"
        let configuration = try DeckConfiguration.load(text: text, path: live.folder.file("c.yaml"))
            .get()
        let deck = try live.deck(configuration)
        let plan = configuration.slots[0]
        #expect(SlotPlan.refusal(ofCrowd: Array(repeating: plan, count: 256)) == nil)
        // The deck is told that it plays 256 such: what it is asked is the same as with so many.
        let slot = deck.slots[0]
        var placing = SlotPlacing(live.store)
        var late = plan
        late.name = "late"
        let placement = try placing.placement(of: plan)
        deck.slots = Array(repeating: slot, count: 256)
        func add(_ plan: SlotPlan) throws {
            _ = try deck.add(
                NewSlot(plan: plan, placement: placement, command: "load late", who: "a test"))
        }
        let failure = #expect(throws: DeckFailure.self) { try add(late) }
        #expect(
            failure?.description.hasPrefix(
                "257 strategies would start 257 worker processes, and more than 256 have to be asked for"
            ) == true, "\(failure?.description ?? "")")
        deck.slots = [slot]
        try add(late)
        #expect(deck.slots.map(\.plan.name) == ["w", "late"])
    }

    @Test func `what several say at once waits for room, and nobody waits for another`() throws {
        // Of one block of 10,000 bars come more entries than a ring holds.
        let live = try LiveDeck(bars: 20_000)
        let plugin = try LiveModules.recorder()
        let text = (0..<4).map {
            "  - { name: s\($0), plugin: \(plugin), symbols: AAA, timeframe: 1m, params: { every: 2 }, "
                + "isolation: \($0 == 0 ? "host" : "worker"), on_fault: { restart: 1 }, share_worker: \($0 > 0) }"
        }.joined(separator: "\n")
        for lanes in [1, 2] {
            let deck = try live.deck(
                try live.configuration(text), lanes: lanes, block: 10_000)
            let result = try deck.play()
            #expect(result.slots.allSatisfy { $0.fault == nil })
            #expect(Set(result.slots.map(\.digest)).count == 1)
            #expect(result.slots[0].counts.orders > 9_000)
        }
    }
}
