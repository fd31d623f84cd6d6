import CTapedeck
import Deck
import Feeds
import Kernel
import Market
import StrategyHost
import TestBacktests
import TestGround
import Testing

/// The backtest goldens once more: strategies from their compiled libraries, through a YAML
/// configuration and the whole deck.
struct DeckGoldenTests {
    @Test func `every backtest by the next-open rules comes out of the shipped strategies`() throws
    {
        let scenarios = try GoldenScenario.all(in: "next_open")
        try #require(!scenarios.isEmpty, "no scenario found")
        var trades = 0
        for scenario in scenarios {
            let played = try DeckGolden(
                scenario,
                execution: """
                    {
                            stop_before_open: true, entry_bar_exits: market_only, touch: loose, slippage_on: entries,
                            slippage: \(DeckGolden.slippage(scenario.terms.spread)),
                            commission: \(DeckGolden.commission(scenario.terms)) }
                    """)
            let comparison = TradeComparison(
                scenario, played.records, firstSequence: 0,
                openQuantities: played.result.positions.map(\.quantity))
            #expect(try comparison.differences() == [])
            trades += played.records.roundTrips.count
        }
        print("next-open scenarios through the deck: \(scenarios.count), trades: \(trades)")
    }

    @Test func `every backtest by backtrader's rules comes out of compiled strategies`() throws {
        let scenarios = try GoldenScenario.all(in: "backtrader")
        try #require(!scenarios.isEmpty, "no scenario found")
        var executions = 0
        for scenario in scenarios {
            let share = scenario.terms.fill_pct.map { "\($0)%" } ?? "none"
            let played = try DeckGolden(
                scenario,
                execution: """
                    {
                            stop_before_open: true, entry_bar_exits: next_bar, touch: loose, volume_limit: \(share),
                            slippage: \(DeckGolden.slippage(scenario.terms.slip)), slippage_within_bar: true,
                            commission: \(DeckGolden.commission(scenario.terms)) }
                    """)
            let comparison = ExecutionComparison(scenario, played.records, firstSequence: 0)
            #expect(try comparison.differences() == [])
            executions += played.records.fills.count
        }
        print(
            "backtrader scenarios through the deck: \(scenarios.count), executions: \(executions)")
    }
}

/// One scenario as a configuration, and what came of it.
struct DeckGolden {
    let records: Records
    let result: SlotResult

    /// `execution` is the block of that name, in YAML.
    init(_ scenario: GoldenScenario, execution: String) throws {
        let folder = DeckFolder()
        try Self.write(scenario.bars, folder.file("golden.tape"))
        let text = try Self.configuration(scenario, execution)
        let configuration = try DeckConfiguration.load(
            text: text, path: folder.file("golden.yaml"), overrides: DeckFolder.inHost
        ).get()
        let keeper = RecordKeeper()
        let deck = try TapeDeck(configuration, plugins: PluginStore(probe: nil))
        result = try deck.play(into: keeper).slots[0]
        records = keeper.slots[0].records
        #expect(result.fault == nil, "\(scenario.terms.name): \(result.fault?.message ?? "")")
    }

    private static func write(_ bars: [Bar], _ path: String) throws {
        let writer = try TapeWriter(.file(path), isDurable: false)
        try writer.append(
            bars.enumerated().map { place, bar in
                .bar(0, .minutes(1), closes: Timestamp(seconds: Int64(place + 1) * 60), bar)
            })
        _ = try writer.finish(
            TapeContents(
                instruments: [GoldenScenario.instrument], stamps: [.open], source: "golden"))
    }

    static func slippage(_ share: Double?) -> String { share.map { "\($0)" } ?? "none" }

    static func commission(_ terms: GoldenScenario.Terms) -> String {
        "{ per_trade: \(terms.commission.fixed), rate: \(terms.commission.rate) }"
    }

    private static func configuration(
        _ scenario: GoldenScenario, _ execution: String
    ) throws -> String {
        let terms = scenario.terms
        let (plugin, parameters) = try strategy(scenario)
        let quantity = terms.units.map { ", quantity: \($0)" } ?? ""
        return """
            feed: { source: tape, path: golden.tape }
            metrics: { sampling: bar }
            strategies:
              - name: golden
                plugin: \(plugin)
                params: { \(parameters)\(quantity) }
                cash: \(terms.cash) USD
                allow_short: true
                sizing: \(terms.fraction ?? 1)
                execution: \(execution)
            """
    }

    /// The library, and its parameters but for the quantity.
    private static func strategy(_ scenario: GoldenScenario) throws -> (String, String) {
        let p = scenario.terms.params
        if scenario.terms.style == "trail" {
            let trail = scenario.terms.trail ?? 0
            return (
                try Self.trailingCross.get(),
                "fast: \(p.fast ?? 0), slow: \(p.slow ?? 0), trail: \(trail)"
            )
        }
        let (name, parameters) = try shipped(scenario)
        return ("\(DeckFolder.shippedPlugins)/\(name).so", parameters)
    }

    /// No shipped strategy sends its trailing stop at the close after its entry.
    private static let trailingCross = Result { () throws -> String in
        let library = modules.file("trailing-cross.so")
        let built = try run(
            Checkout.path("sdk/build"),
            [Checkout.path("Tests/Fixtures/plugins/trailing_cross.cpp"), "-o", library])
        guard built.status == 0 else { throw DeckFailure(built.error) }
        return library
    }

    private static let modules = ScratchFolder()

    private static func shipped(_ scenario: GoldenScenario) throws -> (String, String) {
        let p = scenario.terms.params
        let exits = "stop_loss: \(p.sl ?? 0), take_profit: \(p.tp ?? 0)"
        switch scenario.terms.kind {
        case "buy_hold": return ("buy-and-hold", "wait_bars: \(scenario.firstDecision)")
        case "sma_cross_long":
            return ("sma-cross", "fast: \(p.fast ?? 0), slow: \(p.slow ?? 0), \(exits)")
        case "sma_cross_reverse":
            let single = scenario.terms.style == "target"
            return (
                "sma-cross",
                "fast: \(p.fast ?? 0), slow: \(p.slow ?? 0), reverse: true, single_order: \(single), \(exits)"
            )
        case "macd_cross_long":
            return (
                "macd",
                "fast: \(p.fast ?? 0), slow: \(p.slow ?? 0), signal: \(p.signal ?? 0), \(exits)"
            )
        case "rsi_long":
            return ("rsi", "length: \(p.n ?? 0), low: \(p.lo ?? 0), high: \(p.hi ?? 0), \(exits)")
        case "mean_rev_long", "mean_rev_both":
            let both = scenario.terms.kind == "mean_rev_both"
            return ("zscore", "length: \(p.n ?? 0), entry: \(p.k ?? 0), both: \(both), \(exits)")
        case "breakout_stop":
            return ("donchian", "entry_length: \(p.n ?? 0), exit_length: \(p.m ?? 0), entry: stop")
        case "dip_limit": return ("dip-limit", "dip: \(p.dip ?? 0), \(exits)")
        case "atr_breakout":
            return (
                "atr-breakout", "length: \(p.n ?? 0), k: \(p.k ?? 0), stop_atr: \(p.stop_atr ?? 0)"
            )
        default:
            Issue.record("no shipped strategy is known for \(scenario.terms.kind)")
            throw DeckFailure("unknown kind")
        }
    }
}
