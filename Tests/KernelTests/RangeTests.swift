import CTapedeck
import Kernel
import Market
import TestBacktests
import Testing

/// What is too large for an account's money is refused or a fault; it never counts as nothing, and
/// what fits is no fault.
@Suite struct RangeTests {
    @Test func `an order worth more in the base currency than books can hold is refused`() {
        var instruments = [Listings.share(0, symbol: "DAX"), Listings.share(1, symbol: "EURUSD")]
        instruments[0].currency = Currency(code: "EUR", exponent: 6)
        instruments[1].kind = .spot
        var play = TickPlay(instruments)
        // A euro at ten million dollars, and a share at a million euros.
        play.trade(10_000_000, 10, of: 1)
        play.trade(1_000_000, 10)
        let answer = play.send(td_order(0, TD_ORDER_MARKET, 1))
        #expect(answer.status == TD_E_REJECTED)
        #expect(answer.reason == Reason(rawValue: UInt16(TD_REASON_BUYING_POWER)))
        play.trade(1_000_000, 10)
        #expect(play.text.isEmpty && play.portfolio.fault == nil)
    }

    @Test func `a large account may put a large share of itself into one order`() {
        var play = TickPlay { $0.cash = Listings.dollars(3_000_000_000_000) }
        play.trade(100, 10)
        let answer = play.send(td_order(0, TD_ORDER_TARGET_PERCENT, 0.9))
        #expect(answer.status == TD_OK)
        play.trade(100, 10)
        #expect(play.text == ["27000000000@100.0"])
        #expect(play.portfolio.fault == nil)
    }

    @Test func `the worth of positions adds up to the largest there is, and never wraps`() {
        let instruments = (0..<4).map { Listings.share(InstrumentID($0), symbol: "S\($0)") }
        var books = Books(
            settings: Listings.settings(count: instruments.count), instruments: instruments)
        for place in 0..<4 {
            books.trade(
                place % 2 == 0 ? 40_000_000_000 : -40_000_000_000, at: 100, of: InstrumentID(place))
        }
        #expect(books.fault == nil)
        #expect(books.exposure.gross == Money(.max))
        #expect(books.exposure.net == .zero)
    }
}
