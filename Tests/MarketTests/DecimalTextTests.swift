import Testing
@testable import Market

@Suite struct DecimalTextTests {
    @Test(
        arguments: [
            ("0", -2, 0), ("1", -2, 100), ("1.5", -2, 150), ("1.50", -2, 150), ("-1.05", -2, -105),
            ("+7", 0, 7), (".5", -1, 5), ("5.", -1, 50), ("007.10", -2, 710), ("-0", -4, 0),
            ("1e3", 0, 1000), ("3E-8", -8, 3), ("-2.5e+1", -1, -250), ("1200", 2, 12),
            ("0.00141342", -8, 141_342), ("1.000000000000000000000000", -2, 100),
            ("0.000000000000000000000000", -2, 0), ("9223372036854775807", 0, .max),
            ("-9223372036854775808", 0, .min), ("92233720368547758.07", -2, .max),
            ("100000000000000000000000e-21", -2, 10_000), ("0e99999999", 0, 0),
        ] as [(String, Int, Int64)])
    func `a number becomes the exact count of its unit`(
        text: String, exponent: Int, count: Int64
    ) throws {
        #expect(try DecimalText.count(text, exponent: exponent) == count)
    }

    @Test(
        arguments: [
            ("", -2, .empty), ("-", -2, .notANumber), (".", -2, .notANumber),
            ("1.2.3", -2, .notANumber),
            (" 1", -2, .notANumber), ("1 ", -2, .notANumber), ("1,000", -2, .notANumber),
            ("nan", -2, .notANumber), ("inf", -2, .notANumber), ("0x10", -2, .notANumber),
            ("1e", -2, .notANumber), ("1e+", -2, .notANumber), ("1e5x", -2, .notANumber),
            ("--1", -2, .notANumber), ("1.005", -2, .tooManyDigits), ("1e-3", -2, .tooManyDigits),
            ("12345", 1, .tooManyDigits), ("0.12345678901234567890123", -18, .tooManyDigits),
            ("9223372036854775808", 0, .outOfRange), ("-9223372036854775809", 0, .outOfRange),
            ("92233720368547758.08", -2, .outOfRange), ("123456789012345678901234", 0, .outOfRange),
            ("1e30", 0, .outOfRange), ("1e999999999999999999999", 0, .outOfRange),
        ] as [(String, Int, DecimalText.Refusal)])
    func `what is no such count is refused with its reason`(
        text: String, exponent: Int, reason: DecimalText.Refusal
    ) {
        #expect(throws: reason) { try DecimalText.count(text, exponent: exponent) }
    }

    @Test(
        arguments: [
            ("1.005", -2, .halfUp, 101), ("1.005", -2, .halfEven, 100),
            ("1.015", -2, .halfEven, 102),
            ("-1.005", -2, .halfUp, -101), ("1.001", -2, .up, 101), ("-1.001", -2, .floor, -101),
            ("-1.001", -2, .ceiling, -100), ("1.009", -2, .towardZero, 100), ("1e-40", -2, .up, 1),
            ("1e-40", -2, .halfEven, 0), ("0.125000000000000000000000000001", -2, .halfEven, 13),
            ("0.124999999999999999999999999999", -2, .halfUp, 12), ("25", 1, .halfEven, 2),
            ("1234567890123456789.5", 0, .halfEven, 1_234_567_890_123_456_790),
        ] as [(String, Int, Rounding, Int64)])
    func `what the unit cannot hold is rounded where that is asked for`(
        text: String, exponent: Int, rounding: Rounding, count: Int64
    ) throws {
        #expect(try DecimalText.count(text, exponent: exponent, rounding: rounding) == count)
    }

    @Test(
        arguments: [
            (0, -2, "0.00", "0"), (5, -2, "0.05", "0.05"), (150, -2, "1.50", "1.5"),
            (-100, -2, "-1.00", "-1"), (12, 2, "1200", "1200"), (0, 2, "0", "0"), (7, 0, "7", "7"),
            (.min, -4, "-922337203685477.5808", "-922337203685477.5808"),
            (.max, -18, "9.223372036854775807", "9.223372036854775807"),
        ] as [(Int64, Int, String, String)])
    func `a count is written with all decimals or without trailing zeros`(
        count: Int64, exponent: Int, all: String, trimmed: String
    ) {
        #expect(DecimalText.string(count, exponent: exponent) == all)
        #expect(DecimalText.string(count, exponent: exponent, decimals: .trimmed) == trimmed)
    }

    @Test func `128-bit counts are written too`() {
        let count: Int128 = -123_456_789_012_345_678_901_234_567_890
        #expect(DecimalText.string(count, exponent: -16) == "-12345678901234.5678901234567890")
    }

    @Test func `what is written reads back as the same count`() throws {
        let seed: UInt64 = 20_260_301
        print("seed \(seed)")
        var random = TestRandom(seed: seed)
        for _ in 0..<20_000 {
            let count = Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random)
            let exponent = Int.random(in: -18...0, using: &random)
            let text = DecimalText.string(count, exponent: exponent)
            #expect(try DecimalText.count(text, exponent: exponent) == count, "\(text)")
            let short = DecimalText.string(count, exponent: exponent, decimals: .trimmed)
            #expect(try DecimalText.count(short, exponent: exponent) == count, "\(short)")
        }
    }

    @Test(arguments: [
        ("0.05", -2), ("0.050", -2), ("1", 0), ("1000", 0), ("0.25", -2), ("1e-8", -8), ("0", 0),
    ])
    func `the decimals of a text give its exponent`(text: String, exponent: Int) throws {
        #expect(try DecimalText.exponent(of: text) == exponent)
    }
}

/// A small generator for tests, so that a printed seed repeats a failure.
struct TestRandom: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9 ^ (state >> 32)
    }
}
