import CTapedeck
import Kernel
import Market
import Testing

/// Halts, delistings, symbol changes and mergers.
@Suite struct StandingTests {
    @Test func `a halted instrument's orders rest until it is resumed`() {
        var play = TickPlay()
        play.trade(100, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 5))
        play.play(.halt(0, at: play.now))
        play.trade(101, 10)
        #expect(play.text.isEmpty)
        play.play(.halt(0, at: play.now, resumes: true))
        play.trade(102, 10)
        #expect(play.text == ["5@102.0"])
    }

    @Test(
        arguments: [(100.0, "-7@100.0"), (0, "-7@0.0"), (nil, "-7@101.0")] as [(Double?, String)])
    func
        `a delisted position is paid out at the price told, or the last one, and nothing is accepted any more`(
            _ price: Double?, _ fill: String
        )
    {
        var play = TickPlay { $0.commissions[0].perTrade = Money(1_000_000) }
        play.trade(101, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 7))
        play.trade(101, 10)
        let resting = play.send(td_order(0, TD_ORDER_LIMIT, 5, limit: 90)).order
        play.play(.delisting(0, at: play.now, price: price))
        #expect(play.text == ["7@101.0", fill])
        #expect(play.fills.map(\.fee) == [Money(1_000_000), .zero])
        #expect(play.state(of: resting) == .cancelled)
        #expect(play.trips.map(\.exitReason) == [Reason(rawValue: UInt16(TD_REASON_DELISTED))])
        let refused = play.send(td_order(0, TD_ORDER_MARKET, 5))
        #expect(refused.reason == Reason(rawValue: UInt16(TD_REASON_DELISTED)))
        #expect(play.portfolio.books.difference() == .zero && play.portfolio.fault == nil)
    }

    private static let pair = [Listings.share(), Listings.share(1, symbol: "NEW")]

    @Test func `a new symbol takes over the position, its cost and its resting orders`() {
        var play = TickPlay(Self.pair)
        play.trade(100, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 10, stopLoss: 90))
        play.trade(100, 10)
        play.play(.succession(0, by: 1, at: play.now))
        #expect(play.portfolio.position(of: 0).quantity == 0)
        #expect(play.portfolio.position(of: 1).quantity == 10)
        #expect(play.portfolio.position(of: 1).average_price == 100)
        #expect(play.fills.count == 1)
        play.trade(110, 10, of: 1)
        #expect(play.portfolio.books.equity == Listings.dollars(1_000_100))
        play.trade(88, 10, of: 1)
        #expect(play.text == ["10@100.0", "-10@88.0"])
        #expect(play.fills.map(\.instrument) == [0, 1])
        #expect(play.trips.map(\.gross) == [Listings.dollars(-120)])
        #expect(play.portfolio.books.difference() == .zero)
        let refused = play.send(td_order(0, TD_ORDER_MARKET, 5))
        #expect(refused.reason == Reason(rawValue: UInt16(TD_REASON_DELISTED)))
    }

    @Test func `a merger changes shares at its ratio, pays fractions and cash`() {
        var play = TickPlay(Self.pair)
        play.trade(100, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 5))
        play.trade(100, 10)
        // Three new ones for two old ones, and 4 dollars for each old one: seven whole, half of one
        // in cash.
        play.play(.succession(0, by: 1, at: play.now, numerator: 3, denominator: 2, cash: 4))
        #expect(play.portfolio.position(of: 1).quantity == 7)
        #expect(play.ledger.map(\.kind) == [.dividend, .splitCash])
        #expect(play.ledger[0].amount == Listings.dollars(20))
        #expect(play.ledger[1].amount.rawValue == 33_333_333)
        #expect(play.portfolio.books.difference() == .zero && play.portfolio.fault == nil)
    }

    @Test func `where the successor is held already, the old one is sold at its last price`() {
        var play = TickPlay(Self.pair)
        play.trade(100, 10)
        play.trade(50, 10, of: 1)
        play.send(td_order(0, TD_ORDER_MARKET, 5))
        play.send(td_order(1, TD_ORDER_MARKET, -5))
        play.trade(100, 10)
        play.trade(50, 10, of: 1)
        play.play(.succession(0, by: 1, at: play.now))
        #expect(play.text == ["5@100.0", "-5@50.0", "-5@100.0"])
        #expect(play.portfolio.position(of: 1).quantity == -5)
    }

    @Test(arguments: [0, 7] as [InstrumentID])
    func
        `where there is no successor to hold, or it cannot be held, the last price is paid and no cash beside`(
            _ successor: InstrumentID
        )
    {
        var play = TickPlay()
        play.trade(100, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 5))
        play.trade(100, 10)
        play.play(
            .succession(0, by: successor, at: play.now, numerator: 3, denominator: 2, cash: 4))
        #expect(play.text == ["5@100.0", "-5@100.0"])
        #expect(play.ledger.isEmpty)
        #expect(play.portfolio.books.cash == Listings.dollars(1_000_000))
    }
}
