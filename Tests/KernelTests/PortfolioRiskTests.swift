import CTapedeck
import Foundation
import Kernel
import Market
import TestGround
import TestBacktests
import Testing

/// Limits and sizing as a whole portfolio obeys them.
@Suite struct PortfolioRiskTests {
    /// Bars of one share, a minute each, that open and close at the given dollars.
    private func tape(_ closes: [Double]) -> Tape {
        var tape = Tape([Listings.share(calendar: "24/7")])
        for (index, close) in closes.enumerated() {
            let price = Listings.price(close).rawValue
            tape.bar(0, price, price, price, price, closes: Int64(index + 1) * 60_000_000_000)
        }
        return tape
    }

    private func settings(_ set: (inout PortfolioSettings) -> Void) -> PortfolioSettings {
        var settings = Listings.settings()
        set(&settings)
        return settings
    }

    /// Sends an order after the first bar and plays the rest, quiet stretches as runs.
    private func play(
        _ settings: PortfolioSettings, _ tape: Tape, _ ticket: td_order, quiet: Bool
    ) -> Outcome {
        var portfolio = Portfolio(settings: settings, instruments: tape.instruments, matching: [60])
        var records = Records()
        tape.withRun { run in
            portfolio.advance(run, 0)
            _ = portfolio.submit(ticket)
            var index = 1
            while index < run.count {
                let count = quiet ? portfolio.quietPrefix(run, from: index, limit: run.count) : 0
                if count > 0 { portfolio.mark(run, from: index, to: index + count) }
                index += count
                if index < run.count { portfolio.advance(run, index) }
                index += 1
            }
            portfolio.finish()
            portfolio.takeRecords(into: &records)
        }
        return Outcome(
            records: records, isPaused: portfolio.isPaused, isDisabled: portfolio.isDisabled,
            fault: portfolio.fault)
    }

    private struct Outcome {
        var records: Records
        var isPaused: Bool
        var isDisabled: Bool
        var fault: Fault?
    }

    @Test(arguments: [false, true])
    func `a drawdown at its limit closes the position and ends trading`(_ quiet: Bool) {
        let settings = settings { $0.risk.maxDrawdown = .basisPoints(1_000) }
        let outcome = play(
            settings, tape([50, 50, 70, 60, 58.01, 58, 57, 80]),
            td_order(0, Int(TD_ORDER_MARKET), 1_000),
            quiet: quiet)
        #expect(outcome.records.breaches.map(\.rule) == [.maxDrawdown])
        #expect(outcome.records.breaches.first?.time == Timestamp(seconds: 360))
        #expect(outcome.records.fills.map(\.quantity) == [Quantity(1_000), Quantity(-1_000)])
        #expect(outcome.records.fills.last?.price == Listings.price(57), "the next bar's open")
        #expect(outcome.isDisabled && outcome.fault == nil)
    }

    @Test(arguments: [false, true])
    func `a stop loss closes the position and trading goes on`(_ quiet: Bool) {
        let settings = settings { $0.risk.stopLoss = .percent(.basisPoints(500)) }
        let outcome = play(
            settings, tape([50, 50, 48, 47.5, 47, 46]), td_order(0, Int(TD_ORDER_MARKET), 100),
            quiet: quiet)
        #expect(outcome.records.breaches.map(\.rule) == [.stopLoss])
        #expect(outcome.records.fills.map(\.price) == [Listings.price(50), Listings.price(47)])
        #expect(
            outcome.records.roundTrips.first?.exitReason
                == Reason(rawValue: UInt16(TD_REASON_STOP_LOSS)))
        #expect(!outcome.isDisabled && !outcome.isPaused)
    }

    @Test func `an order beyond a limit is refused and written down`() {
        let settings = settings { $0.risk.maxPositionQuantity = 99 }
        let outcome = play(
            settings, tape([50, 50]), td_order(0, Int(TD_ORDER_MARKET), 100), quiet: false)
        #expect(outcome.records.orders.map(\.state) == [.rejected])
        #expect(
            outcome.records.orders.first?.reason
                == Reason(rawValue: UInt16(TD_REASON_POSITION_LIMIT)))
        #expect(
            outcome.records.breaches.map(\.rule) == [.maxPositionQuantity]
                && outcome.records.fills.isEmpty)
    }

    @Test func `a strength is sized by the operator and kept within the limits`() {
        let sized = Int(TD_ORDER_SIZED)
        let settings = settings {
            $0.sizing = .riskPerTrade(risk: .basisPoints(100), stop: .percent(.basisPoints(500)))
            $0.risk.maxPositionSize = .basisPoints(1_500)
        }
        let own = play(
            settings, tape([50, 50]), td_order(0, Int(TD_ORDER_MARKET), 0.5, flags: sized),
            quiet: false)
        #expect(own.records.fills.map(\.quantity) == [Quantity(200)], "half of 1,000 over 2.50")
        let full = play(
            settings, tape([50, 50]), td_order(0, Int(TD_ORDER_MARKET), 1, flags: sized),
            quiet: false)
        #expect(
            full.records.fills.map(\.quantity) == [Quantity(300)],
            "400, of which 15 % of equity allow 300")
        let ticket = td_order(0, Int(TD_ORDER_MARKET), 1, stopLoss: 45, flags: sized)
        let stopped = play(settings, tape([50, 50]), ticket, quiet: false)
        #expect(
            stopped.records.fills.map(\.quantity) == [Quantity(200)], "1,000 over the ticket's 5.00"
        )
    }
}

private struct RiskSizingTable: Decodable {
    struct Row: Decodable {
        let equity, risk_percent, entry, stop_percent, lot, cash, expect: String
        let max_units: String?
    }
    let risk_sizing: [Row]
}

@Suite struct RiskSizingGoldenTests {
    @Test func `risk per trade sizes whole orders as the tables say`() throws {
        let table: RiskSizingTable = try GoldenFolder.json("accounting/sizing_and_rounding.json")
        #expect(!table.risk_sizing.isEmpty)
        for row in table.risk_sizing {
            #expect(row.cash == row.equity, "nothing else is held in these cases")
            let instrument = Instrument(
                id: 0, symbol: "ABC", currency: Listings.dollars, priceExponent: -2,
                quantityExponent: -8,
                priceStep: Price(1),
                quantityStep: Quantity(try DecimalText.count(row.lot, exponent: -8)))
            var settings = PortfolioSettings(
                cash: Money(try DecimalText.count(row.equity, exponent: -6)),
                currency: Listings.dollars,
                instrumentCount: 1)
            settings.sizing = .riskPerTrade(
                risk: Rate(perBillion: try DecimalText.count(row.risk_percent, exponent: -7)),
                stop: .percent(
                    Rate(perBillion: try DecimalText.count(row.stop_percent, exponent: -7))))
            settings.risk.maxPositionQuantity = row.max_units.flatMap(Double.init)
            var tape = Tape([instrument])
            let entry = try DecimalText.count(row.entry, exponent: -2)
            tape.bar(0, entry, entry, entry, entry, closes: 60_000_000_000)
            var portfolio = Portfolio(settings: settings, instruments: [instrument])
            tape.withRun { run in portfolio.advance(run, 0) }
            let answer = portfolio.submit(
                td_order(0, Int(TD_ORDER_MARKET), 1, flags: Int(TD_ORDER_SIZED)))
            var records = Records()
            portfolio.takeRecords(into: &records)
            let expected = try DecimalText.count(row.expect, exponent: -8)
            let accepted = records.orders.last?.quantity.rawValue ?? 0
            #expect((answer.status == TD_OK ? accepted : 0) == expected, "\(row)")
        }
        print("risk_sizing: \(table.risk_sizing.count) cases")
    }
}

/// A lot may be worth less than can be counted well: a millionth of a coin at 12.08 costs 12
/// millionths of a dollar.
@Suite struct SmallLotTests {
    @Test(arguments: [(120_800, 1_655_629_139), (97_200, 2_057_613_168), (3, 66_666_666_668_333)])
    func `a size is never more than its budget, however small the lot`(
        price: Int64, quantity: Int64
    ) {
        let coin = Instrument(
            id: 0, symbol: "COIN", currency: Listings.dollars, priceExponent: -4,
            quantityExponent: -6, priceStep: Price(1), quantityStep: Quantity(1))
        var settings = Listings.settings(100_000)
        settings.sizing = .percentOfEquity(.basisPoints(2_000))
        var tape = Tape([coin])
        tape.bar(0, price, price, price, price, closes: 60_000_000_000)
        var portfolio = Portfolio(settings: settings, instruments: [coin])
        tape.withRun { run in portfolio.advance(run, 0) }
        _ = portfolio.submit(td_order(0, Int(TD_ORDER_MARKET), 1, flags: Int(TD_ORDER_SIZED)))
        var records = Records()
        portfolio.takeRecords(into: &records)
        #expect(records.orders.map(\.quantity) == [Quantity(quantity)])
    }
}

/// Who paused decides when it ends: a rule's pause with the session, an operator's with the
/// operator.
@Suite struct PauseTests {
    /// Whether a portfolio is paused two days after these acts; the limit of one order a second
    /// pauses until the next session.
    private func isPaused(after acts: [String]) -> Bool {
        var tape = Tape([Listings.share(calendar: "24/7")])
        let day: Int64 = 86_400_000_000_000
        for index in 0..<5 {
            let price = Listings.price(50).rawValue
            tape.bar(0, price, price, price, price, closes: Int64(index + 1) * day / 2)
        }
        var settings = Listings.settings()
        settings.risk.maxOrdersPerSecond = 1
        settings.risk.actions = [.init(rule: .maxOrdersPerSecond, action: .pauseUntilNextSession)]
        var portfolio = Portfolio(settings: settings, instruments: tape.instruments, matching: [60])
        tape.withRun { run in
            portfolio.advance(run, 0)
            for act in acts {
                if act == "rule" {
                    for _ in 0..<2 { _ = portfolio.submit(td_order(0, Int(TD_ORDER_MARKET), 1)) }
                } else {
                    var command = td_command()
                    command.kind = Command.pause.rawValue
                    portfolio.command(command)
                }
                let isPaused = portfolio.isPaused
                #expect(isPaused)
            }
            for index in 1..<5 { portfolio.advance(run, index) }
        }
        return portfolio.isPaused
    }

    @Test(arguments: [
        (["rule"], false), (["operator"], true), (["operator", "rule"], true),
        (["rule", "operator"], true),
    ]) func `the next session lifts a rule's pause and never an operator's`(
        _ acts: [String], _ stays: Bool
    ) {
        #expect(isPaused(after: acts) == stays)
    }
}
