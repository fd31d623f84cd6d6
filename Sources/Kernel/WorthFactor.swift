import Market

/// What a held quantity is worth for one unit of price: `factor / divisor` money units, reduced.
/// Made when the quantity changes, so that a mark costs one product.
struct WorthFactor: Hashable, Sendable {
    private let factor: Int64
    /// Zero where the factor does not fit 64 bits: then the worth is computed from quantity and
    /// scale.
    private let divisor: Int64
    private let reciprocal: Double

    static let zero = WorthFactor(factor: 0, divisor: 1)

    private init(factor: Int64, divisor: Int64) {
        self.factor = factor
        self.divisor = divisor
        reciprocal = divisor <= 1 ? 1 : 1 / Double(divisor)
    }

    /// Of `numerator / denominator`, which is above zero; nil where that does not fit reduced.
    init?(_ numerator: Int128, over denominator: Int128) {
        let common = Int128.commonDivisor(numerator, denominator)
        guard let factor = Int64(exactly: numerator / common),
            let divisor = Int64(exactly: denominator / common)
        else { return nil }
        self.init(factor: factor, divisor: divisor)
    }

    @inline(__always) init(_ quantity: Int64, _ scale: ValueScale) {
        if scale.denominator == 1 {
            let (factor, isWide) = quantity.multipliedReportingOverflow(by: scale.numerator)
            if !isWide {
                self.init(factor: factor, divisor: 1)
                return
            }
        }
        self.init(reducing: quantity, scale)
    }

    private init(reducing quantity: Int64, _ scale: ValueScale) {
        let (narrow, isWide) = quantity.multipliedReportingOverflow(by: scale.numerator)
        if !isWide {
            let common = Int64.commonDivisor(narrow, scale.denominator)
            self.init(factor: narrow / common, divisor: scale.denominator / common)
            return
        }
        let product = Int128(quantity) * Int128(scale.numerator)
        let common = Int128.commonDivisor(product, Int128(scale.denominator))
        if let factor = Int64(exactly: product / common) {
            self.init(factor: factor, divisor: scale.denominator / Int64(common))
        } else {
            self.init(factor: 0, divisor: 0)
        }
    }

    /// The worth at `price`, rounded half to even; `quantity` and `scale` are those it was made of.
    @inline(__always)
    func worth(at price: Int64, _ quantity: Int64, _ scale: ValueScale) throws(Fault) -> Int64 {
        let (product, overflow) = factor.multipliedReportingOverflow(by: price)
        if !overflow {
            if divisor == 1 { return try Books.amount(product) }
            // The double quotient is less than one off, and a whole one is exact by its remainder.
            if divisor > 0, divisor < 1 << 32, product.magnitude < 1 << 62 {
                let near = Double(product) * reciprocal
                if near.magnitude < 0x1p50 { return rounded(product, Int64(near)) }
            }
        }
        return try Self.fullWorth(at: price, factor, divisor, quantity, scale)
    }

    /// How far a price may fall and rise for the worth to fall by no more than `down` and to rise
    /// by no more than `up`. Never too far; zero where that is not known.
    @inline(__always) func way(down: Int64, up: Int64) -> (down: Int64, up: Int64) {
        if factor == 0 && divisor == 1 { return (.max, .max) }
        // One unit for the roundings of two worths.
        let (least, most) = (max(0, down &- 1), max(0, up &- 1))
        guard divisor > 0, factor != 0, least | most != 0 else { return (0, 0) }
        let steep =
            divisor == 1 ? factor.magnitude : (factor.magnitude &- 1) / divisor.magnitude &+ 1
        let (below, above) = (Int64(UInt64(least) / steep), Int64(UInt64(most) / steep))
        return factor > 0 ? (below, above) : (above, below)
    }

    /// `product / divisor` half to even, given a whole number that is at most one from the
    /// quotient. Masks instead of branches: the roundings of a series of prices cannot be
    /// predicted.
    @inline(__always) private func rounded(_ product: Int64, _ near: Int64) -> Int64 {
        let rest = product &- near &* divisor
        let isBelow = rest &>> 63
        let isAbove = (divisor &- 1 &- rest) &>> 63
        let whole = near &+ isBelow &- isAbove
        let doubled = (rest &+ (divisor & isBelow) &- (divisor & isAbove)) &* 2
        if doubled == divisor { return whole &+ (whole & 1) }
        return whole &- ((divisor &- doubled) &>> 63)
    }

    @inline(never) private static func fullWorth(
        at price: Int64, _ factor: Int64, _ divisor: Int64, _ quantity: Int64, _ scale: ValueScale
    ) throws(Fault) -> Int64 {
        if divisor == 0 { return try scale.money(quantity, at: price) }
        return try Books.amount(
            Rounding.halfEven.quotient(Int128(factor) * Int128(price), Int128(divisor)))
    }
}
