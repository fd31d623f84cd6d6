import CTapedeck
import Kernel
import Market
import TestBacktests
import Testing

/// `backtests/next_open`: every trade, its bars, prices, size, costs and reason, and equity at
/// every bar.
@Suite struct NextOpenGoldenTests {
    @Test func `every backtest by the next-open rules gives the same trades and the same equity`()
        throws
    {
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
                let quiet = portfolio.quietPrefix(
                    run, from: index, limit: min(index + 1, run.count))
                if quiet > 0 {
                    portfolio.mark(run, from: index, to: index + 1)
                } else {
                    portfolio.advance(run, index)
                }
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

    private mutating func act(_ signals: GoldenSignals, _ index: Int, _ portfolio: inout Portfolio)
    {
        let position = portfolio.position(of: 0).quantity
        for action in signals.decide(
            index, position: position, firstDecision: scenario.firstDecision)
        {
            let answer: Submission
            switch action {
            case .cancel:
                // One that was filled meanwhile is over.
                for id in entries { _ = portfolio.cancel(id) }
                entries.removeAll()
                continue
            case .close:
                answer = portfolio.submit(
                    td_order(0, TD_ORDER_MARKET, -position, flags: TD_ORDER_REDUCE_ONLY))
            case .enter(let side, let stop, let limit, let stopLoss, let takeProfit):
                let type = stop != 0 ? TD_ORDER_STOP : limit != 0 ? TD_ORDER_LIMIT : TD_ORDER_MARKET
                let isSized = scenario.terms.units == nil
                answer = portfolio.submit(
                    td_order(
                        0, type, side * (scenario.terms.units ?? 1), limit: limit, stop: stop,
                        stopLoss: stopLoss,
                        takeProfit: takeProfit, flags: isSized ? TD_ORDER_SIZED : 0))
            }
            #expect(answer.status == TD_OK, "\(scenario.terms.name) bar \(index): \(answer.reason)")
            entries.append(answer.order)
        }
    }

    func check() throws -> Int {
        let comparison = TradeComparison(
            scenario, records, firstSequence: 1,
            openQuantities: openQuantity == 0 ? [] : [openQuantity])
        #expect(try comparison.differences() == [])
        return records.roundTrips.count
    }
}
