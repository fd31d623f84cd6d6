import CTapedeck
import Deck
import Feeds
import Kernel
import Market
import StrategyHost
import Testing

/// The backtest goldens once more: the shipped strategies, from their compiled libraries, through a YAML
/// configuration and the whole deck.
struct DeckGoldenTests {
    @Test func `every backtest by the next-open rules comes out of the shipped strategies`() throws {
        let scenarios = try GoldenScenario.all(in: "next_open")
        try #require(!scenarios.isEmpty, "no scenario found")
        var trades = 0
        for scenario in scenarios { trades += try DeckGolden(scenario).checkTrades() }
        print("next-open scenarios through the deck: \(scenarios.count), trades: \(trades)")
    }
}

/// One scenario as a configuration, and what came of it.
struct DeckGolden {
    let scenario: GoldenScenario
    let records: Records
    let result: SlotResult

    init(_ scenario: GoldenScenario) throws {
        self.scenario = scenario
        let folder = DeckFolder()
        try Self.write(scenario.bars, folder.file("golden.tape"))
        let text = try Self.configuration(scenario)
        let configuration = try DeckConfiguration.load(text: text, path: folder.file("golden.yaml")).get()
        let keeper = RecordKeeper()
        let deck = try TapeDeck(configuration, plugins: PluginStore(probe: nil))
        result = try deck.play(into: keeper).slots[0]
        records = keeper.slots[0].records
        #expect(result.fault == nil, "\(scenario.terms.name): \(result.fault?.message ?? "")")
    }

    private static func write(_ bars: [Bar], _ path: String) throws {
        let writer = try TapeWriter(.file(path), isDurable: false)
        try writer.append(bars.enumerated().map { place, bar in
            .bar(0, .minutes(1), closes: Timestamp(seconds: Int64(place + 1) * 60), bar)
        })
        _ = try writer.finish(TapeContents(
            instruments: [GoldenScenario.instrument], stamps: [.open], source: "golden"))
    }

    private static func configuration(_ scenario: GoldenScenario) throws -> String {
        let terms = scenario.terms
        let slippage = (terms.spread ?? 0) == 0 ? "none" : "\(terms.spread ?? 0)"
        let (plugin, parameters) = try strategy(scenario)
        let quantity = terms.units.map { ", quantity: \($0)" } ?? ""
        return """
            feed: { source: tape, path: golden.tape }
            metrics: { sampling: bar }
            strategies:
              - name: golden
                plugin: \(DeckFolder.shippedPlugins)/\(plugin).so
                params: { \(parameters)\(quantity) }
                cash: \(terms.cash) USD
                allow_short: true
                sizing: \(terms.fraction ?? 1)
                execution:
                  touch: loose
                  stop_before_open: true
                  entry_bar_exits: market_only
                  slippage: \(slippage)
                  slippage_on: entries
                  commission: { per_trade: \(terms.commission.fixed), rate: \(terms.commission.rate) }
            """
    }

    /// The library, and its parameters but for the quantity.
    private static func strategy(_ scenario: GoldenScenario) throws -> (String, String) {
        let p = scenario.terms.params
        let exits = "stop_loss: \(p.sl ?? 0), take_profit: \(p.tp ?? 0)"
        switch scenario.terms.kind {
        case "buy_hold": return ("buy-and-hold", "wait_bars: \(scenario.firstDecision)")
        case "sma_cross_long": return ("sma-cross", "fast: \(p.fast ?? 0), slow: \(p.slow ?? 0), \(exits)")
        case "sma_cross_reverse":
            return ("sma-cross", "fast: \(p.fast ?? 0), slow: \(p.slow ?? 0), reverse: true, \(exits)")
        case "macd_cross_long":
            return ("macd", "fast: \(p.fast ?? 0), slow: \(p.slow ?? 0), signal: \(p.signal ?? 0), \(exits)")
        case "rsi_long": return ("rsi", "length: \(p.n ?? 0), low: \(p.lo ?? 0), high: \(p.hi ?? 0), \(exits)")
        case "mean_rev_long", "mean_rev_both":
            let both = scenario.terms.kind == "mean_rev_both"
            return ("zscore", "length: \(p.n ?? 0), entry: \(p.k ?? 0), both: \(both), \(exits)")
        case "breakout_stop":
            return ("donchian", "entry_length: \(p.n ?? 0), exit_length: \(p.m ?? 0), entry: stop")
        case "dip_limit": return ("dip-limit", "dip: \(p.dip ?? 0), \(exits)")
        case "atr_breakout":
            return ("atr-breakout", "length: \(p.n ?? 0), k: \(p.k ?? 0), stop_atr: \(p.stop_atr ?? 0)")
        default:
            Issue.record("no shipped strategy is known for \(scenario.terms.kind)")
            throw DeckFailure("unknown kind")
        }
    }

    func checkTrades() throws -> Int {
        let name = scenario.terms.name
        let trades = try scenario.table("trades.csv")
        let reasons = try scenario.table("exit_reasons.csv")
        let closed = try (0..<trades.count).filter { try trades.text($0, "state") == "closed" }
        guard records.roundTrips.count == closed.count else {
            Issue.record("\(name): \(records.roundTrips.count) trades, not \(closed.count)")
            return 0
        }
        for (row, trip) in zip(closed, records.roundTrips) {
            try check(trip, trades, row, reason: try reasons.text(row, "reason"))
        }
        let open = try (0..<trades.count).filter { try trades.text($0, "state") != "closed" }
        #expect(try open.map { try trades.number($0, "size") } == result.positions.map(\.quantity), "\(name): open")
        try checkEquity()
        return closed.count
    }

    private func check(_ trip: RoundTrip, _ table: GoldenTable, _ row: Int, reason: String) throws {
        let unit = GoldenScenario.unit
        let size = try table.number(row, "size")
        let bound = 2 * unit + 2 * abs(size) * unit
        func near(_ value: Int64, _ column: String, _ bound: Double) throws -> Bool {
            abs(Double(value) * unit - (try table.number(row, column))) <= bound
        }
        let expected: Reason = reason.hasPrefix("stop") ? .stopLoss : reason.hasPrefix("target") ? .takeProfit : .none
        let isSame = try Int(trip.entrySequence) == table.whole(row, "entry_bar")
            && Int(trip.exitSequence) == table.whole(row, "exit_bar")
            && Double(trip.quantity.rawValue) * Double(trip.side) == size && trip.exitReason == expected
            && near(trip.entryPrice.rawValue, "entry_price", unit * 1.001)
            && near(trip.exitPrice.rawValue, "exit_price", unit * 1.001)
            && near(trip.gross.rawValue, "gross_pnl", bound) && near(trip.costs.rawValue, "commission", bound)
        if !isSame { Issue.record("\(scenario.terms.name) trade \(row): \(trip)") }
    }

    private func checkEquity() throws {
        let table = try scenario.table("equity.csv")
        try #require(records.equity.count == table.count, "\(scenario.terms.name): samples")
        var fills = 0
        var size: Int64 = 0
        for (row, sample) in records.equity.enumerated() {
            while fills < records.fills.count && records.fills[fills].sequence <= sample.sequence {
                size = max(size, records.fills[fills].quantity.magnitude.rawValue)
                fills += 1
            }
            let bound = GoldenScenario.unit * Double(fills + 1) * Double(1 + size)
            let equity = Double(sample.equity.rawValue) * GoldenScenario.unit
            let expected = try table.number(row, "equity")
            if abs(equity - expected) > bound {
                Issue.record("\(scenario.terms.name) equity at bar \(row): \(equity), not \(expected)")
                return
            }
        }
    }
}
