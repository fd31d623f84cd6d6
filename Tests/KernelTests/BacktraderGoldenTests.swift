import CTapedeck
import Kernel
import Market
import TestBacktests
import Testing

/// `backtests/backtrader`: every execution with what it did, and value, cash and position at every
/// bar.
@Suite struct BacktraderGoldenTests {
    @Test func `every backtest by backtrader's rules gives the same executions and the same value`()
        throws
    {
        let scenarios = try GoldenScenario.all(in: "backtrader")
        try #require(!scenarios.isEmpty, "no scenario found")
        var executions = 0
        for scenario in scenarios { executions += try BacktraderReplay(scenario).check() }
        print("backtrader scenarios: \(scenarios.count), executions: \(executions)")
    }
}

struct BacktraderReplay {
    let scenario: GoldenScenario
    private var exits: Set<UInt64> = []
    private var records = Records()
    private var averages: [Int: Double] = [:]

    init(_ scenario: GoldenScenario) throws {
        self.scenario = scenario
        var settings = scenario.settings
        settings.execution.stopBeforeOpen = true
        settings.execution.entryBarExits = .nextBar
        settings.execution.slippageWithinBar = true
        var portfolio = Portfolio(settings: settings, instruments: [GoldenScenario.instrument])
        let signals = GoldenSignals(scenario.terms, scenario.bars)
        scenario.tape.withRun { run in
            for index in 0..<run.count {
                portfolio.advance(run, index)
                follow(&portfolio)
                averages[index] = portfolio.position(of: 0).average_price
                act(signals, index, &portfolio)
                follow(&portfolio)
            }
        }
        portfolio.finish()
        portfolio.takeRecords(into: &records)
        #expect(portfolio.fault == nil)
    }

    private mutating func act(_ signals: GoldenSignals, _ index: Int, _ portfolio: inout Portfolio)
    {
        let position = portfolio.position(of: 0).quantity
        // No decision while a market order works.
        guard index >= scenario.firstDecision, portfolio.position(of: 0).in_flight == 0 else {
            return
        }
        let units = scenario.terms.units ?? 0
        var sent = false
        func send(_ ticket: td_order) {
            let answer = portfolio.submit(ticket)
            #expect(answer.status == TD_OK, "\(scenario.terms.name) bar \(index): \(answer.reason)")
            sent = true
        }
        for action in signals.decide(
            index, position: position, firstDecision: scenario.firstDecision)
        {
            switch action {
            case .cancel: break
            case .close:
                // Its exits are cancelled with the signal, not only when the position is gone.
                for id in exits { #expect(portfolio.cancel(id) == TD_OK) }
                if scenario.terms.style != "target" {
                    send(td_order(0, TD_ORDER_MARKET, -position))
                }
            case .enter(let side, _, _, let stopLoss, let takeProfit):
                if scenario.terms.style == "target" {
                    send(td_order(0, TD_ORDER_TARGET, side * units))
                } else {
                    send(
                        td_order(
                            0, TD_ORDER_MARKET, side * units, stopLoss: stopLoss,
                            takeProfit: takeProfit, tag: 1))
                }
            }
        }
        if scenario.terms.style == "trail", position != 0, !sent, exits.isEmpty {
            send(
                td_order(
                    0, TD_ORDER_TRAILING_STOP, -position, trail: scenario.terms.trail ?? 0,
                    flags: TD_ORDER_TRAIL_PERCENT | TD_ORDER_REDUCE_ONLY, tag: 2))
        }
    }

    /// Which exits work is known from what the portfolio tells.
    private mutating func follow(_ portfolio: inout Portfolio) {
        for update in portfolio.updates where update.type == TD_EVENT_ORDER {
            let isExit =
                update.order.tag == 1 || scenario.terms.style == "trail" && update.order.tag == 2
            guard isExit else { continue }
            switch Int(update.order.state) {
            case Int(TD_STATE_ACCEPTED): exits.insert(update.order.order)
            case Int(TD_STATE_FILLED), Int(TD_STATE_CANCELLED): exits.remove(update.order.order)
            default: break
            }
        }
        portfolio.clearUpdates()
    }

    func check() throws -> Int {
        let comparison = ExecutionComparison(scenario, records, firstSequence: 1)
        #expect(try comparison.differences(averages: averages) == [])
        return records.fills.count
    }
}
