import Market

/// The way from the doubles of a ticket to an instrument's exact units, in the directions that
/// orders are rounded.
struct OrderUnits: Hashable, Sendable {
    /// Beyond 2^53 units neighbouring doubles are further apart than one unit.
    static let largestCount: Double = 9_007_199_254_740_992

    let priceStep: Int64
    let quantityStep: Int64
    let allowsNonPositivePrices: Bool
    /// Units in one; below one where the exponent is positive.
    private let priceMultiplier: Double
    private let quantityMultiplier: Double

    init(_ instrument: Instrument) {
        priceStep = max(1, instrument.priceStep.rawValue)
        quantityStep = max(1, instrument.quantityStep.rawValue)
        allowsNonPositivePrices = instrument.allowsNonPositivePrices
        priceMultiplier = Self.power(-instrument.priceExponent)
        quantityMultiplier = Self.power(-instrument.quantityExponent)
    }

    /// A multiple of the price step at or beyond `value` in the direction given; nil where it
    /// cannot be one.
    func price(_ value: Double, up: Bool) -> Int64? {
        guard let scaled = Self.scaled(value, by: priceMultiplier) else { return nil }
        let count = Int64(scaled.rounded(up ? .up : .down))
        return (up ? Rounding.ceiling : .floor).multiple(of: priceStep, count)
    }

    /// The nearest unit, whatever the step; nil where it cannot be one.
    func nearestPrice(_ value: Double) -> Int64? {
        Self.scaled(value, by: priceMultiplier).map { Int64($0.rounded(.toNearestOrEven)) }
    }

    /// A distance between two prices, in units, not below one step.
    func distance(_ value: Double) -> Int64? {
        guard value > 0, let scaled = Self.scaled(value, by: priceMultiplier) else { return nil }
        let count = Rounding.halfEven.multiple(
            of: priceStep, Int64(scaled.rounded(.toNearestOrEven)))
        return count.map { max($0, priceStep) }
    }

    /// The magnitude of a quantity, toward zero to the lot; nil where there are too many units.
    @inline(__always) func quantity(_ value: Double) -> Int64? {
        guard let scaled = Self.scaled(value.magnitude, by: quantityMultiplier) else { return nil }
        let count = Int64(scaled.rounded(.down))
        return count - count % quantityStep
    }

    /// A volume in quantity units, cut; what is too large for the unit is all that the unit can
    /// say.
    func volume(_ value: Double) -> Int64 {
        guard value > 0 else { return 0 }
        let scaled = value * quantityMultiplier
        return scaled < Self.largestCount * 1_000
            ? Int64((scaled * (1 + 0x1p-50)).rounded(.down)) : .max
    }

    func value(ofPrice units: Int64) -> Double { value(ofPrice: Double(units)) }
    func value(ofPrice units: Double) -> Double { units / priceMultiplier }
    func value(ofQuantity units: Int64) -> Double { Double(units) / quantityMultiplier }
    func value(ofQuantity units: UInt64) -> Double { Double(units) / quantityMultiplier }

    /// `value` counted in units; whole where only the double's own rounding stands in between (0.3
    /// / 0.1 is a little less than 3).
    @inline(__always) private static func scaled(_ value: Double, by multiplier: Double) -> Double?
    {
        let scaled = value * multiplier
        guard scaled.magnitude <= largestCount else { return nil }
        let nearest = scaled.rounded(.toNearestOrEven)
        return (scaled - nearest).magnitude <= scaled.magnitude * 0x1p-48 ? nearest : scaled
    }

    private static func power(_ exponent: Int) -> Double {
        exponent >= 0 ? PowerOfTen.double(exponent) : 1 / PowerOfTen.double(-exponent)
    }
}
