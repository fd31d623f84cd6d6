import Testing
@testable import Market

@Suite struct RoundingTests {
    @Test(
        arguments: [
            // numerator, denominator: halfEven, halfUp, up, towardZero, floor, ceiling
            (5, 2, [2, 3, 3, 2, 2, 3]), (7, 2, [4, 4, 4, 3, 3, 4]),
            (-5, 2, [-2, -3, -3, -2, -3, -2]),
            (-7, 2, [-4, -4, -4, -3, -4, -3]), (6, 2, [3, 3, 3, 3, 3, 3]),
            (7, 3, [2, 2, 3, 2, 2, 3]),
            (8, 3, [3, 3, 3, 2, 2, 3]), (-8, 3, [-3, -3, -3, -2, -3, -2]),
            (5, -2, [-2, -3, -3, -2, -3, -2]),
            (-5, -2, [2, 3, 3, 2, 2, 3]), (0, 7, [0, 0, 0, 0, 0, 0]), (1, 3, [0, 0, 1, 0, 0, 1]),
            (-1, 3, [0, 0, -1, 0, -1, 0]), (7, -1, [-7, -7, -7, -7, -7, -7]),
        ] as [(Int, Int, [Int64])])
    func `each mode rounds a quotient its own way`(top: Int, bottom: Int, expected: [Int64]) {
        let modes: [Rounding] = [.halfEven, .halfUp, .up, .towardZero, .floor, .ceiling]
        for (mode, value) in zip(modes, expected) {
            #expect(mode.quotient(Int128(top), Int128(bottom)) == value, "\(mode)")
            // The same quotient where neither side fits 64 bits.
            let scale = Int128(1) << 64
            #expect(
                mode.quotient(Int128(top) * scale, Int128(bottom) * scale) == value, "\(mode) wide")
        }
    }

    @Test func `a quotient that does not fit is no quotient`() {
        let large = Int128(Int64.max)
        #expect(Rounding.halfEven.quotient(large * 4 + 2, 4) == nil)
        #expect(Rounding.towardZero.quotient(large * 4 + 2, 4) == Int64.max)
        #expect(Rounding.halfEven.quotient(Int128(Int64.min), -1) == nil)
        #expect(Rounding.halfEven.quotient(Int128.min, -1) == nil)
        #expect(Rounding.halfEven.quotient(Int128(Int64.min), 1) == Int64.min)
    }

    @Test func `a limit goes to the passive side, a stop against the trader`() {
        let step = Price(25)
        #expect(Price(110).roundedAsLimit(.buy, toStep: step) == Price(100))
        #expect(Price(110).roundedAsLimit(.sell, toStep: step) == Price(125))
        #expect(Price(110).roundedAsStop(.buy, toStep: step) == Price(125))
        #expect(Price(110).roundedAsStop(.sell, toStep: step) == Price(100))
        #expect(Price(-110).roundedAsLimit(.buy, toStep: step) == Price(-125))
        #expect(Price(-110).roundedAsLimit(.sell, toStep: step) == Price(-100))
        #expect(Price(.max).roundedAsLimit(.sell, toStep: step) == nil)
        for side in [Side.buy, .sell] {
            #expect(Price(100).roundedAsStop(side, toStep: step) == Price(100))
        }
    }

    @Test(
        arguments: [
            (1.005, -2, 100), (0.1, -8, 10_000_000), (0.3, -1, 3), (-2.675, -3, -2675),
            (61837.63, -8, 6_183_763_000_000), (1200, 2, 12), (0, -4, 0), (-0.0, -4, 0),
            (9_007_199_254_740_992, 0, 1 << 53), (2.5, 0, 2), (3.5, 0, 4),
        ] as [(Double, Int, Int64)])
    func `a double becomes the nearest count`(value: Double, exponent: Int, count: Int64) throws {
        #expect(try DecimalScale(exponent: exponent).count(of: value) == count)
    }

    @Test(
        arguments: [
            (.nan, .notFinite), (.infinity, .notFinite), (-.infinity, .notFinite),
            (1e300, .outOfRange), (-9_007_199_254_740_994, .outOfRange),
        ] as [(Double, DecimalScale.Refusal)])
    func `a double that is no count is refused`(value: Double, reason: DecimalScale.Refusal) {
        #expect(throws: reason) { try DecimalScale(exponent: 0).count(of: value) }
        #expect(throws: DecimalScale.Refusal.outOfRange) {
            try DecimalScale(exponent: -8).count(of: 1e300)
        }
    }

    @Test func `a count becomes the double nearest to its decimal text`() throws {
        let seed: UInt64 = 77
        print("seed \(seed)")
        var random = TestRandom(seed: seed)
        for _ in 0..<20_000 {
            let count = Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random)
            let exponent = Int.random(in: -18...18, using: &random)
            let expected = try #require(Double(DecimalText.string(count, exponent: exponent)))
            #expect(
                DecimalScale(exponent: exponent).value(of: count) == expected,
                "\(count) \(exponent)")
        }
    }

    @Test func `a price of up to fifteen digits survives the way through a double`() throws {
        let seed: UInt64 = 78
        print("seed \(seed)")
        var random = TestRandom(seed: seed)
        for _ in 0..<20_000 {
            let count = Int64.random(in: -999_999_999_999_999...999_999_999_999_999, using: &random)
            let scale = DecimalScale(exponent: Int.random(in: -12...0, using: &random))
            #expect(try scale.count(of: scale.value(of: count)) == count)
        }
    }

    @Test func `a value is price times quantity times multiplier, rounded once`() {
        let future = Instrument(
            id: 0, symbol: "ES", kind: .future, currency: Currency(code: "USD", exponent: 6),
            priceExponent: -2, quantityExponent: 0, priceStep: Price(25), quantityStep: Quantity(1),
            multiplier: 50)
        #expect(future.value(of: Quantity(-3), at: Price(400_025)) == Money(-600_037_500_000))
        let coin = Instrument(
            id: 0, symbol: "BTCUSDT", currency: Currency(code: "USDT", exponent: 6),
            priceExponent: -2, quantityExponent: -8, priceStep: Price(1),
            quantityStep: Quantity(1000))
        // 0.00012345 x 61837.63 = 7.6338554..., in millionths.
        #expect(coin.value(of: Quantity(12_345), at: Price(6_183_763)) == Money(7_633_855))
        #expect(coin.value(of: Quantity(.max), at: Price(.max)) == nil)
    }
}
