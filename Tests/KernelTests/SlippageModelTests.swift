import Kernel
import Market
import Testing

@Suite struct SlippageModelTests {
    typealias Conditions = SlippageModel.Conditions
    typealias Bounds = SlippageModel.Bounds

    private func price(
        _ model: ExecutionSettings.Slippage, _ side: Side, _ conditions: Conditions = Conditions(),
        within bounds: Bounds = Bounds()
    ) throws -> Double {
        let model = SlippageModel(model, Listings.share())
        let price = try model.price(
            Listings.price(50), side, quantity: Quantity(100), conditions, within: bounds)
        return Double(price.rawValue) / 1e4
    }

    @Test func `every model moves the price against the trader`() throws {
        #expect(try price(.none, .buy) == 50)
        #expect(try price(.ticks(3), .buy) == 50.03)
        #expect(try price(.ticks(3), .sell) == 49.97)
        #expect(try price(.proportional(.basisPoints(10)), .buy) == 50.05)
        #expect(try price(.proportional(.basisPoints(10)), .sell) == 49.95)
        #expect(
            try price(.spreadShare(Rate(perBillion: 500_000_000)), .buy, Conditions(spread: 400))
                == 50.02)
        #expect(try price(.spreadShare(.one), .sell) == 50)
    }

    @Test func `impact grows with the root of the share of the volume`() throws {
        let impact = ExecutionSettings.Slippage.volumeImpact(k: 0.5, window: 20)
        // 0.5 x 2 % x sqrt(100 / 10,000) = 0.1 % of 50
        #expect(try price(impact, .buy, Conditions(volume: 10_000, deviation: 0.02)) == 50.05)
        #expect(try price(impact, .sell, Conditions(volume: 2_500, deviation: 0.02)) == 49.9)
        #expect(try price(impact, .sell, Conditions(volume: 2_500)) == 50, "too few bars")
        #expect(try price(impact, .buy, Conditions(deviation: 0.02)) == 50, "no volume")
    }

    @Test func `a limit is never passed, nor the bar where it bounds`() throws {
        let far = ExecutionSettings.Slippage.proportional(.basisPoints(200))
        #expect(try price(far, .buy, within: Bounds(limit: Listings.price(50.5))) == 50.5)
        #expect(try price(far, .sell, within: Bounds(limit: Listings.price(49.9))) == 49.9)
        let bar = Bounds(bar: Listings.price(49.6)...Listings.price(50.2))
        #expect(try price(far, .buy, within: bar) == 50.2)
        #expect(try price(far, .sell, within: bar) == 49.6)
    }

    @Test func `a sale never gets nothing or less`() throws {
        #expect(try price(.proportional(Rate(perBillion: 1_500_000_000)), .sell) == 0.0001)
    }
}
