import CTapedeck
import Deck
import Feeds
import Kernel
import Market
import StrategyHost
import Testing

/// Limits over all slots together: decided at fixed points of the tape, the same for any lanes and
/// blocks.
struct OverallLimitsTests {
    let folder = DeckFolder()

    /// Minutes of AAA and BBB that rise by one a minute to 150, then fall by two.
    init() throws {
        let writer = try TapeWriter(.file(folder.file("hill.tape")), isDurable: false)
        var events: [Event] = []
        for minute in 1...100 {
            let time = Timestamp(seconds: 1_700_000_040 + Int64(minute) * 60)
            let price = minute <= 50 ? 100 + Double(minute) : 150 - 2 * Double(minute - 50)
            for id in 0..<2 as Range<UInt16> {
                events.append(
                    .bar(
                        id, .minutes(1), closes: time,
                        Bar(
                            open: price, high: price + 1, low: price - 1, close: price, volume: 1e6)
                    ))
            }
        }
        try writer.append(events)
        _ = try writer.finish(
            TapeContents(
                instruments: [DeckFolder.instrument(0, "AAA"), DeckFolder.instrument(1, "BBB")],
                stamps: [.open, .open],
                source: "test"))
    }

    private static let holders = """
          - { name: a, plugin: org.tapedeck.buy-and-hold, symbols: AAA, sizing: 90% }
          - { name: b, plugin: org.tapedeck.buy-and-hold, symbols: BBB, sizing: 50% }
        """

    private func configuration(
        _ limits: String, _ strategies: String = holders, tape: String = "hill.tape"
    ) throws
        -> DeckConfiguration
    {
        try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: \(tape) }
                plugins: { folder: plugins }
                \(limits)
                defaults: { cash: 10000 USD }
                strategies:
                \(strategies)
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
    }

    private func play(
        _ configuration: DeckConfiguration, lanes: Int = 1, block: Int = 4_096
    ) throws -> (result: RunResult, keeper: RecordKeeper) {
        var options = PlayOptions()
        options.lanes = lanes
        options.blockSize = block
        let keeper = RecordKeeper()
        let deck = try TapeDeck(configuration, plugins: PluginStore(probe: nil), options: options)
        return (try deck.play(into: keeper), keeper)
    }

    @Test func `the kill switch closes every position of every slot, with the limit's reason`()
        throws
    {
        let (result, keeper) = try play(configuration("limits: { max_drawdown: 10% }"))
        let overall = try #require(result.overall)
        #expect(overall.breachCount == 1)
        let breach = overall.breaches[0]
        #expect((breach.rule, breach.action) == (.maxDrawdown, .kill))
        #expect(breach.measured >= 0.1 && breach.measured < 0.13)
        for slot in keeper.slots {
            let last = try #require(slot.records.fills.last)
            #expect(last.positionAfter.isZero)
            #expect(last.reason == .risk)
            #expect(
                last.time.rawValue == breach.time.time.rawValue + 60_000_000_000, "at the next open"
            )
        }
        #expect(overall.drawdown < 0.15, "what came after the switch no longer hurts")
    }

    @Test func `without limits nothing is looked at, and nothing else changes`() throws {
        let plain = try play(configuration("")).result
        #expect(plain.overall == nil)
        let watched = try play(configuration("limits: { max_drawdown: 99% }")).result
        #expect(watched.overall?.breachCount == 0)
        #expect((watched.overall?.checks ?? 0) > 90)
        #expect(watched.slots == plain.slots)
        #expect(watched.digest == plain.digest)
    }

    @Test func `an exposure that is too large holds new positions back until it is kept again`()
        throws
    {
        // The averages cross again and again; what is held at the limit's breach may only become
        // less.
        try RandomTape.write(folder.file("random.tape"), seed: 11, instruments: 2, bars: 900)
        let strategies = """
              - { name: a, plugin: org.tapedeck.sma-cross, symbols: S0, params: { fast: 3, slow: 9 }, sizing: 90% }
              - { name: b, plugin: org.tapedeck.sma-cross, symbols: S1, params: { fast: 5, slow: 12 }, sizing: 90% }
            """
        let limited = try configuration(
            "limits: { max_gross_exposure: 30% }", strategies, tape: "random.tape")
        let (result, keeper) = try play(limited)
        let overall = try #require(result.overall)
        #expect(overall.breachCount > 3, "told anew after it was kept")
        #expect(overall.breaches.allSatisfy { $0.action == .hold && $0.measured > 0.3 })
        let refused = keeper.slots.flatMap { $0.records.orders.filter { $0.state == .rejected } }
        #expect(refused.contains { $0.reason == .exposureLimit })
        let free = try play(configuration("", strategies, tape: "random.tape")).result
        let fills = result.slots.map(\.counts.fills).reduce(0, +)
        #expect(fills > 10 && fills < free.slots.map(\.counts.fills).reduce(0, +))
    }

    @Test(arguments: [
        "{ max_gross_exposure: 30% }",
        "{ max_net_exposure: { limit: 40%, action: flatten }, check: 5m }",
        "{ max_drawdown: { limit: 3%, action: flatten }, correlation: true }",
        "{ max_drawdown: 1%, check: 1h }",
    ])
    func `any lanes and any blocks give the same`(_ limits: String) throws {
        try RandomTape.write(
            folder.file("random.tape"), seed: 12, instruments: 2, bars: 500, calendar: "XNYS")
        let strategies = """
              - { name: a, plugin: org.tapedeck.sma-cross, symbols: S0, params: { fast: 3, slow: 9 }, sizing: 90% }
              - { name: b, plugin: org.tapedeck.sma-cross, symbols: S1, timeframe: 5m, params: { fast: 2, slow: 4 } }
              - { name: c, plugin: org.tapedeck.buy-and-hold, symbols: all, sizing: 45% }
            """
        let configuration = try configuration("limits: \(limits)", strategies, tape: "random.tape")
        let first = try play(configuration).result
        #expect((first.overall?.breachCount ?? 0) > 0)
        for (lanes, block) in [(1, 1), (1, 7), (1, 64), (2, 64), (3, 4_096)] {
            let other = try play(configuration, lanes: lanes, block: block).result
            #expect(other.digest == first.digest, "\(lanes) lanes, blocks of \(block)")
            #expect(other.overall == first.overall, "\(lanes) lanes, blocks of \(block)")
            #expect(other.slots == first.slots)
        }
    }

    @Test func `strategies that hold the same are perfectly correlated, and that is told`() throws {
        let strategies = """
              - { name: a, plugin: org.tapedeck.buy-and-hold, symbols: AAA, sizing: 90% }
              - { name: b, plugin: org.tapedeck.buy-and-hold, symbols: BBB, sizing: 90% }
              - { name: none, plugin: org.tapedeck.sma-cross, symbols: AAA, params: { fast: 80, slow: 99 } }
            """
        let limits = "limits: { correlation: { every: 5m, window: 8 } }"
        let result = try play(configuration(limits, strategies)).result
        let correlation = try #require(result.overall?.correlation)
        #expect(correlation.names == ["a", "b", "none"])
        #expect(correlation.every == "5m" && correlation.window == 8)
        #expect(abs(correlation.average - 1) < 1e-9, "one that does not move is no pair")
        let pair = try #require(correlation.matrix[0][1])
        #expect(abs(pair - 1) < 1e-9)
        #expect(correlation.matrix[2] == [nil, nil, nil])
        #expect(try RunResult.read(result.json) == result, "the journal keeps it")
    }

    @Test(arguments: [
        ("limits: { max_drawdwn: 10% }", "did you mean \"max_drawdown\""),
        ("limits: { max_drawdown: { limit: 10%, action: stop } }", "hold, flatten"),
        ("limits: { check: 1ms }", "a span from 1s to 1d"),
        ("limits: { max_drawdown: 120% }", "120%"),
    ])
    func `what is wrong is said`(_ limits: String, _ words: String) throws {
        let problems = #expect(throws: ConfigurationProblems.self) { _ = try configuration(limits) }
        #expect(problems?.description.contains(words) == true, "\(problems?.description ?? "")")
    }
}
