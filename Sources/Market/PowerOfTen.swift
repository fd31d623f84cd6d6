/// Powers of ten that are exact in their type.
public enum PowerOfTen {
    /// The largest exponent whose power an `Int64` holds.
    public static let largestInteger = 18

    /// `10^exponent` for 0...18.
    @inlinable public static func integer(_ exponent: Int) -> Int64 { integers[exponent] }

    /// `10^exponent` for 0...38 in 128 bits.
    public static func wide(_ exponent: Int) -> Int128 {
        if exponent <= largestInteger { return Int128(integers[exponent]) }
        let high = exponent - largestInteger
        if high <= largestInteger {
            return Int128(integers[largestInteger]) * Int128(integers[high])
        }
        return wide(36) * Int128(integers[exponent - 36])
    }

    /// `10^exponent` for 0...22, the powers that a `Double` holds exactly.
    @inlinable public static func double(_ exponent: Int) -> Double { doubles[exponent] }

    @usableFromInline static let integers: InlineArray<19, Int64> = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
        10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
        1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
        1_000_000_000_000_000_000,
    ]

    @usableFromInline static let doubles: InlineArray<23, Double> = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
