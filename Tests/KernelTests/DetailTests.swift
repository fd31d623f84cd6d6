import CTapedeck
import Kernel
import Market
import TestBacktests
import Testing

/// `intrabar: detail`: shorter bars decide, and a longer one only where there are none.
@Suite struct DetailTests {
    static let instrument = Instrument(
        id: 0, symbol: "AAA", currency: Currency(code: "USD", exponent: 6), priceExponent: -2,
        quantityExponent: 0,
        priceStep: Price(1), quantityStep: Quantity(1))

    /// Two bars of two minutes: the first with its minutes, the second, if asked, without.
    static func tape(secondHasDetail: Bool) -> Tape {
        let minute: Int64 = 60_000_000_000
        var tape = Tape([instrument])
        tape.bar(0, 10_000, 10_000, 10_000, 10_000, closes: minute)
        tape.bar(0, 10_000, 10_000, 10_000, 10_000, closes: 2 * minute)
        tape.bar(0, 10_000, 10_000, 10_000, 10_000, closes: 2 * minute, seconds: 120)
        if secondHasDetail {
            // Up to the target first, and only then down to the stop.
            tape.bar(0, 10_000, 10_300, 10_000, 10_300, closes: 3 * minute)
            tape.bar(0, 10_300, 10_300, 9_700, 9_800, closes: 4 * minute)
        }
        tape.bar(0, 10_000, 10_300, 9_700, 9_800, closes: 4 * minute, seconds: 120)
        return tape
    }

    struct Played {
        var records = Records()
        var equity = Money.zero
        var without = 0
    }

    /// Buys with a stop and a target at the close of the first long bar; `quietly` marks where
    /// nothing can happen.
    static func play(_ tape: Tape, quietly: Bool = false) -> Played {
        var settings = PortfolioSettings(
            cash: Money(1_000_000_000), currency: instrument.currency, instrumentCount: 1)
        settings.execution.intrabar = .detail
        settings.equitySampling = .bar
        var portfolio = Portfolio(
            settings: settings, instruments: [instrument], matching: [60], coarse: [120])
        tape.withRun { run in
            for index in 0..<run.count {
                if quietly, portfolio.quietPrefix(run, from: index, limit: index + 1) == 1 {
                    portfolio.mark(run, from: index, to: index + 1)
                } else {
                    portfolio.advance(run, index)
                }
                if index == 2 {
                    let answer = portfolio.submit(
                        td_order(
                            0, TD_ORDER_MARKET, 1, stopLoss: 98, takeProfit: 102))
                    #expect(answer.status == TD_OK)
                }
            }
        }
        portfolio.finish()
        var played = Played()
        portfolio.takeRecords(into: &played.records)
        played.equity = portfolio.books.equity
        played.without = portfolio.barsWithoutDetail
        #expect(portfolio.fault == nil)
        return played
    }

    @Test(arguments: [false, true]) func `shorter bars say which exit came first`(quietly: Bool) {
        let played = Self.play(Self.tape(secondHasDetail: true), quietly: quietly)
        #expect(played.records.roundTrips.map(\.exitReason) == [.takeProfit])
        #expect(played.equity == Money(1_002_000_000))
        #expect(played.without == 0)
    }

    @Test(arguments: [false, true])
    func `without them the longer bar decides, pessimistically, and is counted`(
        quietly: Bool
    ) {
        let played = Self.play(Self.tape(secondHasDetail: false), quietly: quietly)
        #expect(played.records.roundTrips.map(\.exitReason) == [.stopLoss])
        #expect(played.records.fills.map(\.isAmbiguous) == [false, true])
        #expect(played.equity == Money(998_000_000))
        #expect(played.without == 1)
    }

    @Test func `a position is marked by the bar that stands in`() {
        var tape = Self.tape(secondHasDetail: false)
        tape.bar(0, 9_800, 9_900, 9_790, 9_900, closes: 360_000_000_000, seconds: 120)
        var settings = PortfolioSettings(
            cash: Money(1_000_000_000), currency: Self.instrument.currency, instrumentCount: 1)
        settings.execution.intrabar = .detail
        var portfolio = Portfolio(
            settings: settings, instruments: [Self.instrument], matching: [60], coarse: [120])
        tape.withRun { run in
            for index in 0..<run.count {
                portfolio.advance(run, index)
                if index == 2 {
                    #expect(portfolio.submit(td_order(0, TD_ORDER_MARKET, 1)).status == TD_OK)
                }
            }
        }
        // Bought at 100.00, the open of the first bar that stands in.
        #expect(portfolio.books.mark(of: 0) == Price(9_900))
        #expect(portfolio.books.equity == Money(999_000_000))
        #expect(portfolio.barsWithoutDetail == 2)
    }
}
