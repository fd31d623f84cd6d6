import CTapedeck
import Kernel
import Market
import TestBacktests
import Testing

/// Plays a hand-worked case of orders, which may be refused, into a portfolio: each is a market
/// order that fills at once, at the price of a bar that has no other.
enum OrderedLedgerReplay {
    static func check(_ example: LedgerCase, _ units: LedgerUnits) throws -> Int {
        let replay = try LedgerReplay(example, units)
        let steps = try example.steps.map {
            try #require($0.order, "\(example.id): an order in each step")
        }
        var settings = replay.settings
        settings.execution.fill = .instant
        settings.commissions[0].perTrade = Money(
            try KernelTests.units(steps[0].fee ?? "0", -units.money))
        try #require(steps.allSatisfy { $0.fee == steps[0].fee }, "\(example.id): one fee for all")
        var tape = Tape(replay.instruments)
        for (place, step) in steps.enumerated() {
            let price = try DecimalText.count(step.price, exponent: units.price)
            tape.bar(0, price, price, price, price, closes: Int64(place + 1) * 60_000_000_000)
        }
        var portfolio = Portfolio(settings: settings, instruments: replay.instruments)
        var checks = 0
        try tape.withRun { run in
            for (place, step) in steps.enumerated() {
                portfolio.advance(run, place)
                let magnitude = try DecimalText.count(step.qty, exponent: units.quantity)
                let quantity = replay.instruments[0].quantityScale.value(
                    of: step.side == "buy" ? magnitude : -magnitude)
                let answer = portfolio.submit(td_order(0, TD_ORDER_MARKET, quantity))
                for (key, expected) in example.steps[place].expect.sorted(by: { $0.key < $1.key }) {
                    let found: LedgerCase.Expected = try value(
                        key, answer, portfolio.books, expected, units)
                    #expect(
                        found == expected, "\(example.id) step \(place) \(key): \(answer.reason)")
                    checks += 1
                }
            }
        }
        #expect(portfolio.fault == nil, "\(example.id)")
        return checks
    }

    /// What was expected, where the portfolio says the same; else what it says.
    private static func value(
        _ key: String, _ answer: Submission, _ books: borrowing Books,
        _ expected: LedgerCase.Expected,
        _ units: LedgerUnits
    ) throws -> LedgerCase.Expected {
        if key == "rejected" { return .flag(answer.status != TD_OK) }
        guard case .text(let text) = expected else { return .nothing }
        let (found, exponent): (Int64, Int) =
            switch key {
            case "qty": (books.quantity(of: 0).rawValue, units.quantity)
            case "cash": (books.cash.rawValue, -units.money)
            default: throw BadKey(description: "nothing is known by the name \(key)")
            }
        let isSame = found == (try KernelTests.units(text, exponent))
        return isSame ? expected : .text(DecimalText.string(found, exponent: exponent))
    }

    private struct BadKey: Error { let description: String }
}
