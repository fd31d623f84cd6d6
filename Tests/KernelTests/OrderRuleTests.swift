import CTapedeck
import Kernel
import Market
import TestBacktests
import Testing

/// Single rules of orders, on bars written out. Prices in cents, whole units.
@Suite struct OrderRuleTests {
    static let instrument = Instrument(
        id: 0, symbol: "ABC", currency: Currency(code: "USD", exponent: 6), priceExponent: -2,
        quantityExponent: 0,
        priceStep: Price(1), quantityStep: Quantity(1), minimumNotional: Money(5_000_000))

    static var settings: PortfolioSettings {
        var settings = PortfolioSettings(
            cash: Money(10_000_000_000), currency: Currency(code: "USD", exponent: 6),
            instrumentCount: 1)
        settings.allowShort = true
        return settings
    }

    /// Plays bars of [open, high, low, close]; the tickets are sent after the bar of their place.
    private func play(
        _ bars: [[Int64]], _ tickets: [Int: [td_order]],
        _ settings: PortfolioSettings = OrderRuleTests.settings,
        then: (inout Portfolio, Int) -> Void = { _, _ in }
    ) -> Records {
        var tape = Tape([Self.instrument])
        for (place, bar) in bars.enumerated() {
            tape.bar(0, bar[0], bar[1], bar[2], bar[3], closes: Int64(place + 1) * 60_000_000_000)
        }
        var portfolio = Portfolio(settings: settings, instruments: [Self.instrument])
        tape.withRun { run in
            for index in 0..<run.count {
                portfolio.advance(run, index)
                for ticket in tickets[index] ?? [] { _ = portfolio.submit(ticket) }
                then(&portfolio, index)
            }
        }
        var records = Records()
        portfolio.takeRecords(into: &records)
        #expect(portfolio.fault == nil)
        return records
    }

    private func fills(_ records: Records) -> [[Int64]] {
        records.fills.map {
            [Int64($0.sequence), Int64($0.order), $0.quantity.rawValue, $0.price.rawValue]
        }
    }

    static let flat: [Int64] = [10_000, 10_000, 10_000, 10_000]

    @Test(arguments: [
        (td_order(0, TD_ORDER_MARKET, 0.4), TD_REASON_ROUNDS_TO_ZERO),
        (td_order(0, TD_ORDER_MARKET, .nan), TD_REASON_NOT_FINITE),
        (td_order(0, TD_ORDER_LIMIT, 1, limit: .infinity), TD_REASON_NOT_FINITE),
        (td_order(9, TD_ORDER_MARKET, 1), TD_REASON_UNKNOWN_INSTRUMENT),
        (td_order(0, TD_ORDER_LIMIT, 1, limit: 4), TD_REASON_BELOW_MINIMUM),
        (td_order(0, TD_ORDER_MARKET, 101), TD_REASON_BUYING_POWER),
        (td_order(0, TD_ORDER_MARKET, -101), TD_REASON_BUYING_POWER),
        (
            td_order(0, TD_ORDER_LIMIT, 1, limit: 100, flags: TD_ORDER_POST_ONLY),
            TD_REASON_WOULD_TRADE
        ),
        (td_order(0, TD_ORDER_MARKET, -1, flags: TD_ORDER_REDUCE_ONLY), TD_REASON_NOT_REDUCING),
        (td_order(0, TD_ORDER_LIMIT, 1), TD_REASON_BAD_PRICE),
        (td_order(0, TD_ORDER_STOP, 1, stop: -3), TD_REASON_BAD_PRICE),
        (td_order(0, TD_ORDER_TRAILING_STOP, -1), TD_REASON_BAD_PRICE),
        (td_order(0, TD_ORDER_MARKET, 1, force: TD_GTD), TD_REASON_BAD_TIME_IN_FORCE),
        (td_order(0, TD_ORDER_STOP, 1, stop: 120, force: TD_FOK), TD_REASON_BAD_TIME_IN_FORCE),
        (td_order(0, TD_ORDER_MARKET, 1, force: 9), TD_REASON_BAD_TIME_IN_FORCE),
        (td_order(0, 77, 1), TD_REASON_BAD_TYPE),
        (td_order(0, TD_ORDER_MARKET, 1e18), TD_REASON_OVERFLOW),
        (td_order(0, TD_ORDER_MARKET, 1, parent: 99), TD_REASON_UNKNOWN_ORDER),
    ])
    func `a ticket that cannot be an order is refused with its reason`(
        ticket: td_order, reason: Int
    ) {
        let records = play([Self.flat], [0: [ticket]])
        #expect(records.orders.map(\.state) == [.rejected])
        #expect(records.orders.map(\.reason.rawValue) == [UInt16(reason)])
    }

    @Test func `a short needs leave, and nothing is accepted in a warm-up`() {
        var settings = Self.settings
        settings.allowShort = false
        let short = play([Self.flat], [0: [td_order(0, TD_ORDER_MARKET, -1)]], settings)
        #expect(short.orders.map(\.reason.rawValue) == [UInt16(TD_REASON_SHORT_NOT_ALLOWED)])

        var tape = Tape([Self.instrument])
        tape.bar(
            0, 10_000, 10_000, 10_000, 10_000, closes: 60_000_000_000, flags: UInt8(TD_FLAG_WARM_UP)
        )
        var portfolio = Portfolio(settings: Self.settings, instruments: [Self.instrument])
        tape.withRun { portfolio.advance($0, 0) }
        let answer = portfolio.submit(td_order(0, TD_ORDER_MARKET, 1))
        #expect(answer.reason.rawValue == UInt16(TD_REASON_WARM_UP))
    }

    @Test func `prices are rounded against the trader`() {
        let records = play(
            [Self.flat],
            [
                0: [
                    td_order(0, TD_ORDER_LIMIT, 1, limit: 95.019),
                    td_order(0, TD_ORDER_LIMIT, -1, limit: 105.011),
                    td_order(0, TD_ORDER_STOP, 1, stop: 105.011),
                    td_order(0, TD_ORDER_STOP, -1, stop: 95.019),
                ]
            ])
        #expect(records.orders.map(\.limit.rawValue) == [9_501, 10_502, 0, 0])
        #expect(records.orders.map(\.stop.rawValue) == [0, 0, 10_502, 9_501])
    }

    @Test(arguments: [
        (ExecutionSettings.Intrabar.pessimistic, 9_500 as Int64, true), (.optimistic, 10_500, true),
        (.path, 10_500, true),
    ])
    func `of a stop and a target in one bar the assumption picks one`(
        intrabar: ExecutionSettings.Intrabar, price: Int64, ambiguous: Bool
    ) {
        var settings = Self.settings
        settings.execution.intrabar = intrabar
        // The high is nearer to the open than the low.
        let bars = [Self.flat, [10_000, 10_510, 9_400, 9_600]]
        let records = play(
            bars, [0: [td_order(0, TD_ORDER_MARKET, 10, stopLoss: 95, takeProfit: 105)]], settings)
        #expect(fills(records) == [[2, 1, 10, 10_000], [2, price == 9_500 ? 2 : 3, -10, price]])
        #expect(records.fills[1].isAmbiguous == ambiguous)
        #expect(records.roundTrips.map(\.exitReason) == [price == 9_500 ? .stopLoss : .takeProfit])
    }

    @Test
    func `after a limit entry inside the bar the target fills only where the close proves it`() {
        let entry = td_order(0, TD_ORDER_LIMIT, 10, limit: 98, takeProfit: 101)
        let unsure = play([Self.flat, [10_000, 10_150, 9_700, 9_900]], [0: [entry]])
        #expect(fills(unsure) == [[2, 1, 10, 9_800]])
        let sure = play([Self.flat, [10_000, 10_150, 9_700, 10_120]], [0: [entry]])
        #expect(fills(sure) == [[2, 1, 10, 9_800], [2, 2, -10, 10_100]])
    }

    @Test func `a signal's close takes the exits along, and a child waits for its parent`() {
        let bars = [Self.flat, Self.flat, Self.flat, Self.flat]
        let records = play(
            bars,
            [
                0: [
                    td_order(0, TD_ORDER_MARKET, 10, stopLoss: 95),
                    td_order(0, TD_ORDER_MARKET, 5, parent: 1),
                ],
                2: [td_order(0, TD_ORDER_TARGET, 0)],
            ])
        #expect(fills(records) == [[2, 1, 10, 10_000], [2, 3, 5, 10_000], [4, 4, -15, 10_000]])
        let last = records.orders.last { $0.order == 2 }
        #expect(last?.state == .cancelled && last?.reason == .positionClosed)
    }

    @Test func `a target counts what is in flight`() {
        let records = play(
            [Self.flat, Self.flat],
            [
                0: [
                    td_order(0, TD_ORDER_MARKET, 10), td_order(0, TD_ORDER_TARGET, 25),
                    td_order(0, TD_ORDER_TARGET, 25),
                ]
            ])
        #expect(fills(records) == [[2, 1, 10, 10_000], [2, 2, 15, 10_000]])
    }

    @Test func `an order ends before it can fill in the event of its expiry`() {
        let records = play(
            [Self.flat, [9_000, 9_000, 9_000, 9_000]],
            [
                0: [
                    td_order(
                        0, TD_ORDER_LIMIT, 1, limit: 95, force: TD_GTD, expires: 120_000_000_000)
                ]
            ])
        #expect(records.fills.isEmpty)
        #expect(records.orders.map(\.state) == [.accepted, .expired])
        #expect(records.orders.last?.reason == .time)
    }

    @Test func `a refused replacement leaves the order as it was`() {
        let records = play(
            [Self.flat, [10_000, 10_000, 9_300, 9_400]],
            [
                0: [
                    td_order(0, TD_ORDER_LIMIT, 10, limit: 95)
                ]
            ]
        ) { portfolio, index in
            guard index == 0 else { return }
            #expect(
                portfolio.replace(1, with: td_order(0, TD_ORDER_LIMIT, 500)).reason == .buyingPower)
            #expect(
                portfolio.replace(1, with: td_order(0, TD_ORDER_LIMIT, 20, limit: 94)).status
                    == TD_OK)
            #expect(portfolio.cancel(7) == TD_E_INVALID)
        }
        #expect(fills(records) == [[2, 1, 20, 9_400]])
    }

    @Test func `instant fills happen at the close just seen, and their exits from the next bar on`()
    {
        var settings = Self.settings
        settings.execution.fill = .instant
        let bars = [[10_000, 10_100, 9_000, 10_050] as [Int64], [9_400, 9_500, 9_300, 9_400]]
        let records = play(bars, [0: [td_order(0, TD_ORDER_MARKET, 10, stopLoss: 95)]], settings)
        #expect(fills(records) == [[1, 1, 10, 10_050], [2, 2, -10, 9_400]])
    }

    @Test func `a pause lets only reductions through, a kill flattens and refuses everything`() {
        var answers: [Reason] = []
        let records = play(
            [Self.flat, Self.flat, Self.flat, Self.flat], [0: [td_order(0, TD_ORDER_MARKET, 10)]]
        ) {
            portfolio, index in
            var command = td_command()
            if index == 1 {
                command.kind = Command.pause.rawValue
                portfolio.command(command)
                answers.append(portfolio.submit(td_order(0, TD_ORDER_MARKET, 1)).reason)
                answers.append(portfolio.submit(td_order(0, TD_ORDER_MARKET, -4)).reason)
            } else if index == 2 {
                command.kind = Command.kill.rawValue
                portfolio.command(command)
                answers.append(portfolio.submit(td_order(0, TD_ORDER_MARKET, -1)).reason)
            }
        }
        #expect(answers == [.paused, .none, .disabled])
        #expect(records.fills.map(\.quantity.rawValue) == [10, -4, -6])
        #expect(records.fills.last?.reason == .byOperator)
    }
}
