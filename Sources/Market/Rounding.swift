/// What happens to the part of a number that its unit cannot hold.
public enum Rounding: Hashable, Sendable {
    /// To the nearest, a tie to the even neighbour: the house's rule for money.
    case halfEven
    /// To the nearest, a tie away from zero.
    case halfUp
    /// Away from zero.
    case up
    /// Toward zero: the rule for quantities.
    case towardZero
    /// Toward minus infinity.
    case floor
    /// Toward plus infinity.
    case ceiling

    /// `numerator / denominator` rounded once, or nil where it does not fit. `denominator` is not
    /// zero.
    @inlinable public func quotient(_ numerator: Int128, _ denominator: Int128) -> Int64? {
        let (a, b) = (Int64(truncatingIfNeeded: numerator), Int64(truncatingIfNeeded: denominator))
        if Int128(a) == numerator, Int128(b) == denominator, b != -1 {
            let (whole, rest) = a.quotientAndRemainder(dividingBy: b)
            let step = step(
                isOdd: whole & 1 != 0, rest: rest.magnitude, divisor: b.magnitude,
                isNegative: (a < 0) != (b < 0))
            let (rounded, overflow) = whole.addingReportingOverflow(step)
            return overflow ? nil : rounded
        }
        guard let wide = wideQuotient(numerator, denominator) else { return nil }
        let narrow = Int64(truncatingIfNeeded: wide)
        return Int128(narrow) == wide ? narrow : nil
    }

    /// The same in 128 bits.
    @inlinable public func wideQuotient(_ numerator: Int128, _ denominator: Int128) -> Int128? {
        let (whole, overflow) = numerator.dividedReportingOverflow(by: denominator)
        if overflow { return nil }
        let rest = numerator &- whole &* denominator
        let step = step(
            isOdd: whole & 1 != 0, rest: rest.magnitude, divisor: denominator.magnitude,
            isNegative: (numerator < 0) != (denominator < 0))
        let (rounded, carried) = whole.addingReportingOverflow(Int128(step))
        return carried ? nil : rounded
    }

    /// What is added to a quotient that was cut toward zero.
    @inlinable func step<U: FixedWidthInteger & UnsignedInteger>(
        isOdd: Bool, rest: U, divisor: U, isNegative: Bool
    ) -> Int64 {
        if rest == 0 { return 0 }
        let away: Int64 = isNegative ? -1 : 1
        switch self {
        case .towardZero: return 0
        case .up: return away
        case .floor: return isNegative ? -1 : 0
        case .ceiling: return isNegative ? 0 : 1
        case .halfUp: return rest >= divisor - rest ? away : 0
        case .halfEven:
            let other = divisor - rest
            return rest > other || (rest == other && isOdd) ? away : 0
        }
    }

    /// `value` moved to a multiple of `step` (above zero), or nil where that does not fit.
    @inlinable public func multiple(of step: Int64, _ value: Int64) -> Int64? {
        if step == 1 { return value }
        guard step > 0, let count = quotient(Int128(value), Int128(step)) else { return nil }
        let (rounded, overflow) = count.multipliedReportingOverflow(by: step)
        return overflow ? nil : rounded
    }
}
