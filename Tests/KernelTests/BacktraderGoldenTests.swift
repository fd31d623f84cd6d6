import CTapedeck
import Kernel
import Market
import Testing

/// `backtests/backtrader`: every execution with what it did, and value, cash and position at every bar.
@Suite struct BacktraderGoldenTests {
    @Test func `every backtest by backtrader's rules gives the same executions and the same value`() throws {
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

    private mutating func act(_ signals: GoldenSignals, _ index: Int, _ portfolio: inout Portfolio) {
        let position = portfolio.position(of: 0).quantity
        // No decision while a market order works.
        guard index >= scenario.firstDecision, portfolio.position(of: 0).in_flight == 0 else { return }
        let units = scenario.terms.units ?? 0
        var sent = false
        func send(_ ticket: td_order) {
            let answer = portfolio.submit(ticket)
            #expect(answer.status == TD_OK, "\(scenario.terms.name) bar \(index): \(answer.reason)")
            sent = true
        }
        for action in signals.decide(index, position: position, firstDecision: scenario.firstDecision) {
            switch action {
            case .cancel: break
            case .close:
                // Its exits are cancelled with the signal, not only when the position is gone.
                for id in exits { #expect(portfolio.cancel(id) == TD_OK) }
                if scenario.terms.style != "target" { send(td_order(0, TD_ORDER_MARKET, -position)) }
            case .enter(let side, _, _, let stopLoss, let takeProfit):
                if scenario.terms.style == "target" {
                    send(td_order(0, TD_ORDER_TARGET, side * units))
                } else {
                    send(td_order(
                        0, TD_ORDER_MARKET, side * units, stopLoss: stopLoss, takeProfit: takeProfit, tag: 1))
                }
            }
        }
        if scenario.terms.style == "trail", position != 0, !sent, exits.isEmpty {
            send(td_order(
                0, TD_ORDER_TRAILING_STOP, -position, trail: scenario.terms.trail ?? 0,
                flags: TD_ORDER_TRAIL_PERCENT | TD_ORDER_REDUCE_ONLY, tag: 2))
        }
    }

    /// Which exits work is known from what the portfolio tells.
    private mutating func follow(_ portfolio: inout Portfolio) {
        for update in portfolio.updates where update.type == TD_EVENT_ORDER {
            let isExit = update.order.tag == 1 || scenario.terms.style == "trail" && update.order.tag == 2
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
        let name = scenario.terms.name
        let table = try scenario.table("executions.csv")
        try #require(records.fills.count == table.count, "\(name): number of executions")
        let unit = GoldenScenario.unit
        for (row, fill) in records.fills.enumerated() {
            let place = "\(name) execution \(row)"
            let bar = try table.whole(row, "bar")
            #expect(Int(fill.sequence) - 1 == bar, "\(place) bar")
            let size = try table.number(row, "size")
            #expect(Double(fill.quantity.rawValue) == size, "\(place) size")
            let price = Double(fill.price.rawValue) * unit
            #expect(abs(price - (try table.number(row, "price"))) <= unit * 1.001, "\(place) price")
            let bound = unit * Double(row + 2) * (1 + abs(size))
            #expect(
                abs(Double(fill.fee.rawValue) * unit - (try table.number(row, "commission"))) <= bound, "\(place) fee")
            #expect(
                abs(Double(fill.realised.rawValue) * unit - (try table.number(row, "realised_pnl_gross"))) <= bound,
                "\(place) realised")
            let position = try table.number(row, "position_after")
            #expect(Double(fill.positionAfter.rawValue) == position, "\(place) position")
            let isLast = row + 1 == records.fills.count || records.fills[row + 1].sequence != fill.sequence
            if isLast {
                let average = try #require(averages[bar])
                let expected = try table.number(row, "avg_price_after")
                #expect(abs(average - expected) <= unit * Double(row + 2), "\(place) average")
            }
        }
        try checkValue()
        return records.fills.count
    }

    private func checkValue() throws {
        let name = scenario.terms.name
        let table = try scenario.table("equity.csv")
        try #require(records.equity.count == table.count, "\(name): samples")
        let unit = GoldenScenario.unit
        var fills = 0
        var position: Int64 = 0
        var size: Int64 = 0
        for (row, sample) in records.equity.enumerated() {
            while fills < records.fills.count && records.fills[fills].sequence <= sample.sequence {
                position = records.fills[fills].positionAfter.rawValue
                size = max(size, abs(position))
                fills += 1
            }
            let bound = unit * Double(fills + 1) * Double(1 + size)
            let value = Double(sample.equity.rawValue) * unit
            let cash = Double(sample.cash.rawValue) * unit
            let isSame = try abs(value - table.number(row, "value")) <= bound
                && abs(cash - table.number(row, "cash")) <= bound && Double(position) == table.number(row, "position")
            if !isSame {
                Issue.record("\(name) bar \(row): value \(value), cash \(cash), position \(position)")
                return
            }
        }
    }
}
