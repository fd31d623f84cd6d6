/// The unit `10^exponent` in which prices, quantities and money are counted: the way between
/// doubles, which strategies and feeds speak, and exact counts, which everything that decides works
/// with.
public struct DecimalScale: Hashable, Sendable {
    /// Why a double is not a count.
    public enum Refusal: Error, Hashable, Sendable {
        case notFinite
        /// Beyond 2^53 units, where neighbouring doubles are further apart than one unit.
        case outOfRange
    }

    /// The exponents that a scale may have.
    public static let exponents = -18...18
    /// Counts beyond this cannot be told apart as doubles: 2^53.
    public static let largestCount: Double = 9_007_199_254_740_992

    public let exponent: Int
    @usableFromInline let multiplier: Double
    @usableFromInline let divisor: Double

    /// `exponent` lies in `exponents`; check what comes from outside with it first.
    public init(exponent: Int) {
        precondition(Self.exponents.contains(exponent), "a decimal exponent lies in -18...18")
        self.exponent = exponent
        multiplier = PowerOfTen.double(max(0, -exponent))
        divisor = PowerOfTen.double(max(0, exponent))
    }

    /// The nearest count, ties to even.
    @inlinable public func count(of value: Double) throws(Refusal) -> Int64 {
        let scaled = value * multiplier / divisor
        guard scaled.magnitude <= Self.largestCount else {
            throw value.isFinite ? .outOfRange : .notFinite
        }
        return Int64(scaled.rounded(.toNearestOrEven))
    }

    /// The double nearest to `count` units.
    @inlinable public func value(of count: Int64) -> Double {
        if count.magnitude <= 1 << 53 {
            // Both operands are exact, so the one operation rounds correctly.
            return exponent < 0 ? Double(count) / multiplier : Double(count) * divisor
        }
        return wideValue(of: count)
    }

    @usableFromInline func wideValue(of count: Int64) -> Double {
        if exponent >= 0 { return Double(Int128(count) * PowerOfTen.wide(exponent)) }
        return Double.nearest(Int128(count), over: PowerOfTen.wide(-exponent))
    }
}

extension Double {
    /// The double nearest to `numerator / denominator`, correctly rounded (ties to even), for
    /// magnitudes below 2^126; nan for 0/0, infinite for a denominator of zero.
    public static func nearest(_ numerator: Int128, over denominator: Int128) -> Double {
        if numerator == 0 || denominator == 0 { return Double(numerator) / Double(denominator) }
        let divisor = denominator.magnitude
        var (quotient, rest) = numerator.magnitude.quotientAndRemainder(dividingBy: divisor)
        var scale = 1.0
        // 53 bits of the result, one that halves, one that says whether anything lies below.
        while quotient >> 54 == 0 {
            rest <<= 1
            quotient <<= 1
            scale *= 0.5
            if rest >= divisor {
                rest -= divisor
                quotient |= 1
            }
        }
        if rest != 0 { quotient |= 1 }
        let magnitude = Double(quotient) * scale
        return (numerator < 0) != (denominator < 0) ? -magnitude : magnitude
    }
}
