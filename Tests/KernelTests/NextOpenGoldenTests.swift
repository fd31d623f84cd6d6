import CTapedeck
import Kernel
import Market
import Testing

/// `backtests/next_open`: every trade, its bars, prices, size, costs and reason, and equity at every bar.
@Suite struct NextOpenGoldenTests {
    @Test func `every backtest by the next-open rules gives the same trades and the same equity`() throws {
        let scenarios = try GoldenScenario.all(in: "next_open")
        try #require(!scenarios.isEmpty, "no scenario found")
        var trades = 0
        for scenario in scenarios { trades += try NextOpenReplay(scenario).check() }
        print("next-open scenarios: \(scenarios.count), trades: \(trades)")
    }
}

/// Plays a scenario through a portfolio.
struct NextOpenReplay {
    let scenario: GoldenScenario
    private var entries: [UInt64] = []
    private var records = Records()
    private var openQuantity: Double = 0
    private var openAverage: Double = 0

    init(_ scenario: GoldenScenario) throws {
        self.scenario = scenario
        var settings = scenario.settings
        settings.execution.stopBeforeOpen = true
        settings.execution.entryBarExits = .marketOnly
        settings.execution.slippageOn = .entries
        var portfolio = Portfolio(settings: settings, instruments: [GoldenScenario.instrument])
        let signals = GoldenSignals(scenario.terms, scenario.bars)
        scenario.tape.withRun { run in
            var index = 0
            while index < run.count {
                // Quiet stretches are marked at once, as a runner would; nothing may depend on it.
                let quiet = portfolio.quietPrefix(run, from: index, limit: min(index + 1, run.count))
                if quiet > 0 { portfolio.mark(run, from: index, to: index + 1) } else { portfolio.advance(run, index) }
                if index >= scenario.firstDecision { act(signals, index, &portfolio) }
                index += 1
            }
        }
        let position = portfolio.position(of: 0)
        openQuantity = position.quantity
        openAverage = position.average_price
        portfolio.finish()
        portfolio.takeRecords(into: &records)
        #expect(portfolio.fault == nil)
    }

    private mutating func act(_ signals: GoldenSignals, _ index: Int, _ portfolio: inout Portfolio) {
        let position = portfolio.position(of: 0).quantity
        for action in signals.decide(index, position: position, firstDecision: scenario.firstDecision) {
            let answer: Submission
            switch action {
            case .cancel:
                // One that was filled meanwhile is over.
                for id in entries { _ = portfolio.cancel(id) }
                entries.removeAll()
                continue
            case .close:
                answer = portfolio.submit(td_order(0, TD_ORDER_MARKET, -position, flags: TD_ORDER_REDUCE_ONLY))
            case .enter(let side, let stop, let limit, let stopLoss, let takeProfit):
                let type = stop != 0 ? TD_ORDER_STOP : limit != 0 ? TD_ORDER_LIMIT : TD_ORDER_MARKET
                let isSized = scenario.terms.units == nil
                answer = portfolio.submit(td_order(
                    0, type, side * (scenario.terms.units ?? 1), limit: limit, stop: stop, stopLoss: stopLoss,
                    takeProfit: takeProfit, flags: isSized ? TD_ORDER_SIZED : 0))
            }
            #expect(answer.status == TD_OK, "\(scenario.terms.name) bar \(index): \(answer.reason)")
            entries.append(answer.order)
        }
    }

    func check() throws -> Int {
        let name = scenario.terms.name
        let trades = try scenario.table("trades.csv")
        let reasons = try scenario.table("exit_reasons.csv")
        let closed = try (0..<trades.count).filter { try trades.text($0, "state") == "closed" }
        try #require(records.roundTrips.count == closed.count, "\(name): number of trades")
        for (row, trip) in zip(closed, records.roundTrips) {
            try check(trip, trades, row, reason: try reasons.text(row, "reason"))
        }
        let open = try (0..<trades.count).filter { try trades.text($0, "state") != "closed" }
        #expect(open.isEmpty == (openQuantity == 0), "\(name): open at the end")
        for row in open {
            #expect(try trades.number(row, "size") == openQuantity)
            #expect(try abs(trades.number(row, "entry_price") - openAverage) <= GoldenScenario.unit)
        }
        try checkEquity()
        return closed.count
    }

    private func check(_ trip: RoundTrip, _ table: GoldenTable, _ row: Int, reason: String) throws {
        let place = "\(scenario.terms.name) trade \(row)"
        let unit = GoldenScenario.unit
        #expect(Int(trip.entrySequence) - 1 == (try table.whole(row, "entry_bar")), "\(place) entry bar")
        #expect(Int(trip.exitSequence) - 1 == (try table.whole(row, "exit_bar")), "\(place) exit bar")
        let size = try table.number(row, "size")
        #expect(Double(trip.quantity.rawValue) * Double(trip.side) == size, "\(place) size")
        let entry = try table.number(row, "entry_price")
        let exit = try table.number(row, "exit_price")
        #expect(abs(Double(trip.entryPrice.rawValue) * unit - entry) <= unit * 1.001, "\(place) entry price")
        #expect(abs(Double(trip.exitPrice.rawValue) * unit - exit) <= unit * 1.001, "\(place) exit price")
        let bound = 2 * unit + 2 * abs(size) * unit
        #expect(
            abs(Double(trip.gross.rawValue) * unit - (try table.number(row, "gross_pnl"))) <= bound, "\(place) gross")
        #expect(
            abs(Double(trip.costs.rawValue) * unit - (try table.number(row, "commission"))) <= bound, "\(place) costs")
        let expected: Reason = reason.hasPrefix("stop") ? .stopLoss : reason.hasPrefix("target") ? .takeProfit : .none
        #expect(trip.exitReason == expected, "\(place) reason: \(reason)")
    }

    private func checkEquity() throws {
        let name = scenario.terms.name
        let table = try scenario.table("equity.csv")
        try #require(records.equity.count == table.count, "\(name): samples")
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
                Issue.record("\(name) equity at bar \(row): \(equity), not \(expected)")
                return
            }
        }
    }
}
