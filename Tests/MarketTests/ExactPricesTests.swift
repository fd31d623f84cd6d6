import CTapedeck
import Testing
@testable import Market

private func instrument(_ id: InstrumentID, _ exponent: Int) -> Instrument {
    Instrument(
        id: id, symbol: "I\(id)", currency: Currency(code: "USD", exponent: 6),
        priceExponent: exponent,
        quantityExponent: 0, priceStep: Price(1), quantityStep: Quantity(1))
}

private func counted(_ events: [Event], _ instruments: [Instrument]) -> ([[Int64]], Int?) {
    var prices = [ExactPrices](
        repeating: ExactPrices(open: -1, high: -1, low: -1, close: -1), count: events.count)
    var span = prices.mutableSpan
    let stop = ExactPrices.count(events.span, in: PriceScales(instruments), into: &span)
    return (prices.map { [$0.open, $0.high, $0.low, $0.close] }, stop)
}

@Suite struct ExactPricesTests {
    private let at = Timestamp(seconds: 0)
    private let instruments = [instrument(0, -2), instrument(1, -8), instrument(2, 2)]

    @Test func `bars, trades and quotes are counted, the rest is zeros`() {
        let events: [Event] = [
            .bar(
                0, .day, closes: at, Bar(open: 1.005, high: 2.25, low: 0.29, close: 1.15, volume: 3)
            ),
            .trade(1, at: at, price: 61837.63, quantity: 5),
            .quote(0, at: at, bid: 99.99, bidQuantity: 1, ask: 100.01, askQuantity: 2),
            .dividend(0, at: at, amount: 0.5),
            .trade(2, at: at, price: 123_400, quantity: 1),
        ]
        let (prices, stop) = counted(events, instruments)
        #expect(stop == nil)
        let trade: Int64 = 6_183_763_000_000
        #expect(
            prices == [
                [100, 225, 29, 115], [trade, trade, trade, trade], [9999, 10_001, 9999, 10_001],
                [0, 0, 0, 0],
                [1234, 1234, 1234, 1234],
            ])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, 90_071_992_547_409.94])
    func `it stops at the first price that is no count`(price: Double) {
        let fine = Event.trade(0, at: at, price: 1, quantity: 1)
        let (prices, stop) = counted(
            [fine, .trade(0, at: at, price: price, quantity: 1), fine], instruments)
        #expect(stop == 1)
        #expect(prices[0] == [100, 100, 100, 100] && prices[2] == [-1, -1, -1, -1])
    }

    @Test func `it stops at an unknown instrument`() {
        #expect(counted([.trade(3, at: at, price: 1, quantity: 1)], instruments).1 == 0)
    }

    @Test func `it agrees with the scale for prices of every size`() throws {
        let seed: UInt64 = 31
        print("seed \(seed)")
        var random = TestRandom(seed: seed)
        let scale = DecimalScale(exponent: -8)
        for _ in 0..<20_000 {
            let size = Int64.random(in: 1...53, using: &random)
            let count = Int64.random(in: -(1 << size)...(1 << size), using: &random)
            let price = scale.value(of: count)
            let (prices, stop) = counted(
                [.trade(1, at: at, price: price, quantity: 1)], instruments)
            #expect(stop == nil)
            #expect(prices[0][0] == (try scale.count(of: price)), "\(price)")
        }
    }
}
