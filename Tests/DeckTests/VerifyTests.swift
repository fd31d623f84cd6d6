import Deck
import Feeds
import Journal
import Kernel
import Market
import StrategyHost
import Testing

/// What `tapedeck verify` finds, and what it must not find.
struct VerifyTests {
    let folder = DeckFolder()
    static let seed: UInt64 = 77

    init() throws {
        print("seed \(Self.seed)")
        try RandomTape.write(
            folder.file("random.tape"), seed: Self.seed, instruments: 2, bars: 1_200)
    }

    private func configuration(_ strategies: String, top: String = "") throws -> DeckConfiguration {
        try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: random.tape }
                plugins: { folder: plugins }
                \(top)
                strategies:
                \(strategies)
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
    }

    private func rehearsal(_ strategies: String) throws -> TapeTrial {
        TapeTrial(try configuration(strategies), plugins: PluginStore(probe: nil))
    }

    private func cheat(_ define: String, _ more: String = "") throws -> TapeTrial {
        try rehearsal(
            "  - { name: \(define), plugin: \(try CheatingModule.path(define)), symbols: S0\(more) }"
        )
    }

    private static let honest = """
          - { name: cross, plugin: org.tapedeck.sma-cross, symbols: S0, params: { fast: 3, slow: 9 }, allow_short: true }
          - name: guarded
            plugin: org.tapedeck.sma-cross
            symbols: [S0, S1]
            timeframe: 5m
            params: { fast: 2, slow: 5 }
            execution: { intrabar: detail, slippage: 3bps }
            risk: { stop_loss: 1%, take_profit: 2%, max_drawdown: 20% }
          - { name: hold, plugin: org.tapedeck.buy-and-hold, symbols: all, sizing: 10% }
        """

    // MARK: causality

    private static var brief: CausalityCheck.Settings {
        var settings = CausalityCheck.Settings()
        settings.cuts = 4
        return settings
    }

    @Test func `what looks at closed bars alone is causal`() throws {
        let answer = try CausalityCheck(try rehearsal(Self.honest), Self.brief).run()
        #expect(answer.isCausal)
        #expect(answer.strategies.map(\.name) == ["cross", "guarded", "hold"])
        #expect(answer.strategies.allSatisfy { $0.decisions > 2 })
        #expect(answer.cuts.count == 4)
        #expect(answer.plays == 1 + 3 + 4 * 4)
    }

    @Test func `a glance at the next bar is found, in another future too, with both sides`() throws
    {
        let answer = try CausalityCheck(try cheat("NEXT_BAR"), Self.brief).run()
        #expect(!answer.isCausal)
        let findings = answer.strategies[0].findings
        let futures = findings.filter { if case .future = $0.cause { true } else { false } }
        let batches = findings.filter { if case .batches = $0.cause { true } else { false } }
        #expect(!futures.isEmpty && !batches.isEmpty)
        for finding in futures {
            guard case .future(_, let moment, _) = finding.cause else { continue }
            let earliest = try #require(finding.divergence.earliest)
            #expect(earliest.time <= moment, "only what was decided before counts")
            #expect(finding.divergence.first != finding.divergence.second)
        }
    }

    @Test func `what depends on how much it is handed is found by odd blocks`() throws {
        let answer = try CausalityCheck(try cheat("COUNT"), Self.brief).run()
        #expect(answer.strategies[0].findings.contains { $0.cause == .batches(1) })
    }

    @Test func `only a part of the feed is played where the configuration says so`() throws {
        let whole = try configuration(Self.honest)
        let middle = unsafe whole.open.tape.events[whole.open.tape.count / 2].time
        var part = whole
        part.feed.from = Timestamp(nanoseconds: middle)
        let answer = try CausalityCheck(
            TapeTrial(part, plugins: PluginStore(probe: nil)), Self.brief
        ).run()
        #expect(answer.isCausal)
        #expect(answer.cuts.allSatisfy { $0.rawValue >= middle })
    }

    // MARK: warm-up

    @Test func `a warm-up is enough when twice the history changes nothing`() throws {
        let answers = try WarmUpCheck(try rehearsal(Self.honest)).run()
        #expect(answers.map(\.declared) == [9, 5, 0])
        #expect(answers.allSatisfy { $0.isSound }, "\(answers)")
        // Less than the slow average's length is not: the averages themselves are others.
        #expect(answers[0].enough == 9)
        #expect(answers[0].plays.first { $0.history == 4 }?.agrees == false)
    }

    @Test func `trap 6: an average that remembers more than its warm-up is found`() throws {
        let answers = try WarmUpCheck(try cheat("LONG_MEMORY")).run()
        #expect(answers.count == 1)
        #expect(answers[0].declared == 4)
        #expect(answers[0].divergence != nil)
        #expect(answers[0].enough == nil, "none of what was tried is enough")
    }

    @Test func `one strategy alone, and names that are not there`() throws {
        let check = WarmUpCheck(try rehearsal(Self.honest))
        let alone = try check.run(strategy: "guarded")
        #expect(alone.map(\.name) == ["guarded"])
        let unknown = #expect(throws: DeckFailure.self) { _ = try check.run(strategy: "gaurded") }
        #expect(
            unknown?.description == "there is no strategy \"gaurded\"; did you mean \"guarded\"?")
    }

    @Test func `too little data is said, not passed over`() throws {
        let answers = try WarmUpCheck(
            try rehearsal(
                "  - { name: slow, plugin: org.tapedeck.sma-cross, symbols: S0, timeframe: 1h, params: { fast: 9, slow: 40 } }"
            )
        ).run()
        let obstacle = try #require(answers[0].obstacle)
        #expect(obstacle.contains("80 of history"), "\(obstacle)")
        #expect(!answers[0].isSound)
    }

    // MARK: parity

    /// Plays into a journal, through a sink that may change what is written.
    private func journal(
        _ strategies: String, through change: @escaping (inout Records) -> Void
    ) throws -> String {
        let path = folder.file("runs.db")
        let text = """
            feed: { source: tape, path: random.tape }
            plugins: { folder: plugins }
            strategies:
            \(strategies)
            """
        folder.write(text, "c.yaml")
        let configuration = try DeckConfiguration.load(
            folder.file("c.yaml"), overrides: ["strategies.*.cash=50000 USD"] + DeckFolder.inHost
        ).get()
        let deck = try TapeDeck(configuration, plugins: PluginStore(probe: nil))
        let sink = JournalSink(try JournalWriter(path: path))
        _ = try deck.play(into: ChangingSink(then: sink, change))
        return path
    }

    private func check(_ path: String, run: Int64 = 1) throws -> ParityCheck.Answer {
        try ParityCheck(try JournalReader(path: path), run: run, plugins: PluginStore(probe: nil))
            .check()
    }

    @Test func `a run played again decides the same, and every decision is compared`() throws {
        let answer = try check(try journal(Self.honest) { _ in })
        #expect(answer.isEqual)
        #expect(answer.decisions > 100)
        #expect(answer.digests?.journal == answer.digests?.replay)
        #expect(answer.notes.isEmpty)
    }

    @Test func `the first fill that differs is named with both sides`() throws {
        var seen = 0
        let path = try journal(Self.honest) { records in
            for index in records.fills.indices {
                seen += 1
                if seen == 5 { records.fills[index].price.rawValue += 1 }
            }
        }
        let answer = try check(path)
        #expect(!answer.isEqual)
        let divergence = try #require(answer.divergences.first)
        #expect(answer.divergences.count == 1)
        guard case .fill(let first) = divergence.first?.act,
            case .fill(let second) = divergence.second?.act
        else {
            Issue.record("\(divergence)")
            return
        }
        #expect(first.price.rawValue == second.price.rawValue + 1)
        #expect(first.sequence == second.sequence)
    }

    @Test func `another tape and another plug-in are refused, with all reasons`() throws {
        let path = try journal(Self.honest) { _ in }
        try RandomTape.write(
            folder.file("random.tape"), seed: Self.seed + 1, instruments: 2, bars: 1_200)
        do {
            _ = try check(path)
            Issue.record("it was played")
        } catch let refusal as ParityCheck.Refusal {
            #expect(refusal.reasons.count == 1)
            #expect(refusal.reasons[0].hasPrefix("the tape is another one"), "\(refusal)")
        }
        let unknown = #expect(throws: ParityCheck.Refusal.self) { _ = try check(path, run: 7) }
        #expect(unknown?.reasons == ["there is no run 7; the latest is 1"])
    }
}

/// Changes what slots have recorded before another sink gets it.
private final class ChangingSink: RecordSink {
    private let next: any RecordSink
    private let change: (inout Records) -> Void

    init(then next: any RecordSink, _ change: @escaping (inout Records) -> Void) {
        self.next = next
        self.change = change
    }

    func begin(
        _ identity: RunIdentity, slots: [SlotIdentity], instruments: [Instrument],
        at started: Timestamp
    ) throws(DeckFailure) {
        try next.begin(identity, slots: slots, instruments: instruments, at: started)
    }

    func take(slot: Int, _ records: inout Records) throws(DeckFailure) {
        change(&records)
        try next.take(slot: slot, &records)
    }

    func take(slot: Int, _ output: inout StrategyOutput) throws(DeckFailure) {
        try next.take(slot: slot, &output)
    }

    func fault(slot: Int, sequence: UInt64, time: Timestamp, text: String) throws(DeckFailure) {
        try next.fault(slot: slot, sequence: sequence, time: time, text: text)
    }

    func command(_ record: CommandRecord) throws(DeckFailure) { try next.command(record) }

    func slot(_ slot: SlotIdentity, at index: Int) throws(DeckFailure) {
        try next.slot(slot, at: index)
    }

    func end(_ result: RunResult, at finished: Timestamp) throws(DeckFailure) {
        try next.end(result, at: finished)
    }
}
