import Feeds
import Kernel
import Market
import StrategyHost
import TestGround
import Testing

@testable import Deck

/// What an ensemble does depends on the tape and its members alone.
@Suite(.serialized) struct EnsembleIndependenceTests {
    let ground: EnsembleFolder
    static let seed: UInt64 = 20_261_121

    init() throws {
        print("seed \(Self.seed)")
        ground = try EnsembleFolder()
        try RandomTape.write(
            ground.folder.file("random.tape"), seed: Self.seed, instruments: 2, bars: 600)
        try RandomTape.write(
            ground.folder.file("sessions.tape"), seed: Self.seed + 1, instruments: 2, bars: 1_000,
            calendar: "XNYS")
    }

    /// Members of several time frames, some of which only signal, over two symbols.
    private func members(_ isolation: String) -> String {
        """
          - { name: fast, plugin: org.tapedeck.sma-cross, symbols: all, timeframe: 1m, isolation: \(isolation),
              params: { fast: 3, slow: 9, signal: state, reverse: true } }
          - { name: slow, plugin: org.tapedeck.sma-cross, symbols: S0, timeframe: 5m, isolation: \(isolation),
              params: { fast: 2, slow: 4, signal: state, reverse: true }, shadow: true }
          - { name: stops, plugin: org.tapedeck.sma-cross, symbols: S1, timeframe: 1m, isolation: \(isolation),
              params: { fast: 2, slow: 5, reverse: true }, risk: { stop_loss: 1%, take_profit: 2% } }
          - { name: regime, plugin: \(Checkout.plugins)/regime-filter.so, symbols: all, timeframe: 5m,
              params: { length: 3 }, isolation: \(isolation) }
        """
    }

    private static let rules = [
        "of: [fast, slow, stops, regime]", "of: [fast, slow, stops], at_least: 2",
        "of: [fast, regime], rule: confidence, least_change: 10%",
        "of: [fast, slow, stops], rule: inverse_volatility, every: 30m, window: 4",
        "of: [fast, slow, stops], rule: performance, every: 20m, window: 5, least_change: 0%",
        "of: [fast, slow, stops], rule: regime, regime: regime, every: 10m, window: 40",
    ]

    private func text(_ isolation: String) -> String {
        let ensembles = Self.rules.enumerated().map { "  - { name: e\($0), ensemble: { \($1) } }" }
        return members(isolation) + "\n" + ensembles.joined(separator: "\n")
    }

    @Test(arguments: [
        ("random.tape", nil), ("sessions.tape", nil), ("random.tape", "2023-11-15T00:30:00Z"),
    ])
    func `any lanes and any blocks give the same`(_ tape: String, _ from: String?) throws {
        let configuration = try ground.configuration(text("host"), tape: tape, from: from)
        let first = try ground.play(configuration)
        let ensembles = first.result.slots.dropFirst(4)
        #expect(
            ensembles.allSatisfy { $0.counts.fills > 3 && $0.fault == nil },
            "\(ensembles.map(\.counts.fills))")
        #expect(Set(ensembles.map(\.digest)).count == ensembles.count, "each rule is another")
        for (lanes, block) in [(1, 1), (2, 7), (1, 64), (2, 4_096)] {
            let other = try ground.play(configuration, lanes: lanes, block: block)
            #expect(other.result.slots == first.result.slots, "\(lanes) lanes, blocks of \(block)")
            for slot in 4..<first.keeper.slots.count {
                #expect(
                    other.keeper.slots[slot].signals == first.keeper.slots[slot].signals,
                    "blocks of \(block)")
            }
        }
    }

    @Test(arguments: ["worker", "sealed"]) func `members in processes of their own say the same`(
        _ place: String
    ) throws {
        let expected = try ground.play(
            try ground.configuration(text("host"), tape: "sessions.tape"))
        let configuration = try ground.configuration(text(place), tape: "sessions.tape")
        for (lanes, block) in [(1, 64), (2, 1_000)] {
            let other = try ground.play(configuration, lanes: lanes, block: block)
            #expect(other.result.slots.map(\.fault) == expected.result.slots.map(\.fault))
            #expect(
                other.result.slots.map(\.digest) == expected.result.slots.map(\.digest),
                "blocks of \(block)")
        }
    }

    @Test func `the order of the slots in the file says nothing`() throws {
        let last = try ground.play(try ground.configuration(text("host"), tape: "random.tape"))
            .result
        let ensembles = Self.rules.enumerated().map { "  - { name: e\($0), ensemble: { \($1) } }" }
        let turned = ensembles.joined(separator: "\n") + "\n" + members("host")
        let first = try ground.play(try ground.configuration(turned, tape: "random.tape")).result
        for slot in last.slots {
            #expect(first.slots.first { $0.name == slot.name }?.digest == slot.digest)
        }
    }

    @Test func `members do what they do without an ensemble`() throws {
        let with = try ground.play(try ground.configuration(text("host"), tape: "random.tape"))
            .result
        let without = try ground.play(
            try ground.configuration(members("host"), tape: "random.tape")
        ).result
        #expect(Array(with.slots.prefix(4)) == without.slots)
    }

    @Test func `nothing that comes later changes what was decided before`() throws {
        let trial = TapeTrial(
            try ground.configuration(text("host"), tape: "random.tape"),
            plugins: PluginStore(probe: nil))
        var settings = CausalityCheck.Settings()
        settings.cuts = 4
        let answer = try CausalityCheck(trial, settings).run()
        #expect(answer.isCausal, "\(answer)")
    }

    @Test func `a member in a worker is replaced while the ensemble goes on`() throws {
        let (old, new) = (try LiveModules.says(), try LiveModules.says("VERSION=\"2.0.0\""))
        func text(_ isolation: String) -> String {
            ["a", "b"].map { name in
                "  - { name: \(name), plugin: \(old), symbols: AAA, timeframe: 1m, isolation: \(isolation), "
                    + "params: { script: \"10:1:1 30:-1:1 40:1:1\" } }"
            }.joined(separator: "\n") + "\n  - { name: all, ensemble: { of: [a, b] } }"
        }
        let expected = try ground.play(try ground.configuration(text("host")), block: 5)
        #expect(ground.signals(expected.keeper) == ["10 1.0", "30 -1.0", "40 1.0"])
        let (result, keeper) = try ground.play(
            try ground.configuration(text("worker")), block: 5
        ) { deck, done in
            guard done == 20 else { return }
            try ground.replace("a", by: new, .worker(try StagedModule.read(new)), in: deck)
        }
        #expect(
            keeper.commands.contains { $0.command == "reload" && $0.isDone }, "\(keeper.commands)")
        #expect(result.slots.map(\.fault) == [nil, nil, nil])
        #expect(ground.signals(keeper) == ["10 1.0", "30 -1.0", "40 1.0"])
        #expect(result.slots.map(\.digest) == expected.result.slots.map(\.digest))
    }
}
