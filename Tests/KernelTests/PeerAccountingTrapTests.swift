import CTapedeck
import Kernel
import Market
import Testing

/// The same for accounting: every figure here is worked out by hand.
@Suite struct PeerAccountingTrapTests {
    private func dollars(_ amount: Double) -> Money { Listings.dollars(amount) }

    private func trade(_ play: inout TickPlay, _ quantity: Double, at price: Double) {
        play.send(td_order(0, TD_ORDER_MARKET, quantity))
        play.trade(price, 1e6)
    }

    private func start(_ change: (inout PortfolioSettings) -> Void = { _ in }) -> TickPlay {
        var play = TickPlay([Listings.share()], change)
        play.trade(100, 1e6)
        return play
    }

    @Test func `trap 22: both sides pay their fee, and trade results are net of both`() {
        var play = start { $0.commissions[0].perTrade = Money(1_000_000) }
        trade(&play, 10, at: 100)
        trade(&play, -10, at: 100)
        #expect(play.fills.map(\.fee) == [dollars(1), dollars(1)])
        #expect(play.trips.map(\.costs) == [dollars(2)])
        #expect(play.portfolio.books.results.losses == 1)
        #expect(play.portfolio.books.equity == dollars(999_998))
    }

    @Test func `trap 23: a rebate is money earned`() {
        var play = start { $0.commissions[0].maker = .basisPoints(-10) }
        play.send(td_order(0, TD_ORDER_LIMIT, 10, limit: 99))
        play.trade(98, 1e6)
        #expect(play.fills.map(\.fee) == [dollars(-0.99)])
        #expect(play.portfolio.books.cash == dollars(1_000_000 - 990 + 0.99))
    }

    @Test func `trap 24: a short's proceeds are cash, its worth is negative, its gain is a fall`() {
        var play = start()
        trade(&play, -10, at: 100)
        #expect(play.portfolio.books.cash == dollars(1_001_000))
        #expect(play.portfolio.books.equity == dollars(1_000_000))
        play.trade(90, 1)
        #expect(play.portfolio.books.equity == dollars(1_000_100))
        // What the sale brought does not buy more.
        #expect(play.portfolio.buyingPower == dollars(1_000_100 - 900))
    }

    @Test func `trap 25: a fill through zero is a close and an open, its fee shared by quantity`() {
        var play = start { $0.commissions[0].perTrade = Money(3_000_000) }
        trade(&play, 10, at: 100)
        trade(&play, -30, at: 110)
        #expect(play.trips.map(\.gross) == [dollars(100)])
        #expect(play.trips.map(\.costs) == [dollars(4)])
        #expect(play.portfolio.position(of: 0).average_price == 110)
        trade(&play, 20, at: 110)
        #expect(play.trips.map(\.costs) == [dollars(4), dollars(5)])
    }

    @Test func `trap 26: what an order reserved is free again when it is cancelled`() {
        var play = start()
        let free = play.portfolio.buyingPower
        let order = play.send(td_order(0, TD_ORDER_LIMIT, 100, limit: 90)).order
        #expect(play.portfolio.buyingPower == Money(free.rawValue - dollars(9_000).rawValue))
        play.cancel(order)
        #expect(play.portfolio.buyingPower == free)
    }

    @Test func `trap 27: many small fills use as much as one large one`() {
        var small = start()
        for _ in 0..<10 { trade(&small, 10, at: 100) }
        var large = start()
        trade(&large, 100, at: 100)
        #expect(small.portfolio.buyingPower == large.portfolio.buyingPower)
    }

    @Test func `trap 30: seven less six is one, and less one nothing`() {
        let coin = Instrument(
            id: 0, symbol: "BTCUSD", currency: Listings.dollars, priceExponent: -4,
            quantityExponent: -8,
            priceStep: Price(1), quantityStep: Quantity(1))
        var play = TickPlay([coin])
        play.trade(100, 1)
        for quantity in [0.7, -0.6, -0.1] { trade(&play, quantity, at: 100) }
        #expect(play.portfolio.books.quantity(of: 0) == .zero)
        #expect(play.trips.count == 1)
    }

    @Test func `trap 31: equity is marked at every event, not read from cash`() {
        var play = start { $0.equitySampling = .bar }
        trade(&play, 10, at: 100)
        play.trade(107, 1)
        #expect(play.portfolio.books.equity == dollars(1_000_070))
        #expect(play.portfolio.books.cash == dollars(999_000))
        #expect(play.portfolio.books.unrealised == dollars(70))
        #expect(play.portfolio.books.realised == .zero)
    }

    @Test func `trap 32: a split between order and fill restates what rests`() {
        var play = start()
        let order = play.send(td_order(0, TD_ORDER_LIMIT, 10, limit: 90)).order
        play.play(.split(0, at: play.now, numerator: 2, denominator: 1))
        #expect(play.orders.last { $0.order == order }?.limit == Listings.price(45))
        play.trade(44, 1e6)
        #expect(play.text == ["20@45.0"])
    }

    @Test func `trap 33: at the end a position is marked, or closed where that is asked for`() {
        var marked = start()
        trade(&marked, 10, at: 100)
        marked.trade(105, 1)
        marked.finish()
        #expect(marked.trips.isEmpty && marked.portfolio.books.equity == dollars(1_000_050))
        var closed = start { $0.execution.closeAtEnd = true }
        trade(&closed, 10, at: 100)
        closed.trade(105, 1)
        closed.finish()
        #expect(closed.trips.map(\.gross) == [dollars(50)])
    }

    @Test func `trap 34: a delisting ends the position`() {
        var play = start()
        trade(&play, 10, at: 100)
        play.play(.delisting(0, at: play.now, price: 3))
        #expect(play.trips.map(\.gross) == [dollars(-970)])
        #expect(play.portfolio.books.cash == dollars(999_030))
    }

    @Test func `trap 29: results of a foreign instrument are converted, and both are kept`() {
        let euros = Currency(code: "EUR", exponent: 6)
        let share = Instrument(
            id: 0, symbol: "SAP", currency: euros, priceExponent: -4, quantityExponent: 0,
            priceStep: Price(1),
            quantityStep: Quantity(1))
        let pair = Instrument(
            id: 1, symbol: "EURUSD", currency: Listings.dollars, priceExponent: -4,
            quantityExponent: 0,
            priceStep: Price(1), quantityStep: Quantity(1))
        var play = TickPlay([share, pair])
        play.trade(1.2, 1, of: 1)
        play.trade(100, 1)
        trade(&play, 10, at: 100)
        play.trade(110, 1)
        #expect(play.portfolio.books.unrealised(of: 0) == Money(100_000_000))
        #expect(play.portfolio.books.unrealised == dollars(120))
        trade(&play, -10, at: 110)
        #expect(play.portfolio.books.realised(of: 0) == Money(100_000_000))
        #expect(play.portfolio.books.realised == dollars(120))
        #expect(play.portfolio.books.equity == dollars(1_000_120))
    }
}
