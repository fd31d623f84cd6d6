@testable import Kernel
import Market
import Testing

struct WorthFactorTests {
    private static let shares = ValueScale(Listings.share())
    private static let coins = ValueScale(Listings.coin())

    @Test(
        arguments: [
            (10, 2_500, 1_000, 2, 0), (10, 1_000, 2_500, 0, 2), (-10, 2_500, 1_000, 0, 2),
            (10, 0, 0, 0, 0),
            (10, 1_000, 1_000, 0, 0), (10, 1_001, 1_000, 1, 0), (1, 101, 0, 1, 0),
        ] as [(Int64, Int64, Int64, Int64, Int64)])
    func `a price may go as far as the room for the worth, less one unit for roundings`(
        quantity: Int64, down: Int64, up: Int64, below: Int64, above: Int64
    ) {
        // A share's price unit is 100 units of money.
        let way = WorthFactor(quantity, Self.shares).way(down: down, up: up)
        #expect(way.down == below)
        #expect(way.up == above)
    }

    @Test func `of nothing held the worth stays, whatever the price`() {
        let way = WorthFactor(0, Self.shares).way(down: 0, up: 0)
        #expect(way.down == .max)
        #expect(way.up == .max)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `within the way the worth stays within the room`(seed: UInt64) throws {
        print("worth: seed \(seed)")
        var random = Xoshiro256StarStar(seed: seed)
        for _ in 0..<20_000 {
            let scale = random.below(2) == 0 ? Self.shares : Self.coins
            let magnitude = Int64(random.next() >> (34 + random.below(30)))
            let quantity = random.below(2) == 0 ? magnitude : -magnitude
            let factor = WorthFactor(quantity, scale)
            let price = 1_000_000 + Int64(random.below(10_000_000))
            let (down, up) = (
                Int64(random.next() >> (30 + random.below(34))),
                Int64(random.next() >> (30 + random.below(34)))
            )
            let way = factor.way(down: down, up: up)
            let here = try factor.worth(at: price, quantity, scale)
            for (sign, distance) in [(Int64(-1), way.down), (1, way.up)] {
                let far = sign * Int64(random.below(UInt64(min(distance, 900_000)) + 1))
                for step in [far, sign * min(distance, 900_000)] {
                    let change = try factor.worth(at: price + step, quantity, scale) - here
                    #expect(
                        change >= -down && change <= up,
                        "\(quantity) at \(price), \(step) further: \(change)")
                }
            }
        }
    }
}
