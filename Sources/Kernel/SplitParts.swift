import Market

/// A position over a split, in units of `1 / denominator` of a quantity unit: the whole lots that
/// stay and the fraction that is paid in cash.
struct SplitParts: Hashable, Sendable {
    let numerator: Int64
    let denominator: Int64
    /// All of it, and the part in cash; signed.
    let total: Int64
    let fraction: Int64
    /// What stays, in quantity units.
    let whole: Int64

    init(_ quantity: Int64, _ terms: SplitTerms) throws(Fault) {
        numerator = terms.numerator
        denominator = terms.denominator
        let (total, overflow) = quantity.multipliedReportingOverflow(by: terms.numerator)
        if overflow || total == .min { throw .overflow }
        let (lot, tooLarge) = max(1, terms.lot.rawValue).multipliedReportingOverflow(
            by: terms.denominator)
        self.total = total
        fraction = tooLarge ? total : total % lot
        whole = (total - fraction) / terms.denominator
    }

    /// What the fraction is worth at `price.0 / price.1`.
    func money(at price: (Int64, Int64), _ scale: ValueScale) throws(Fault) -> Int64 {
        let (divisor, overflow) = price.1.multipliedReportingOverflow(by: denominator)
        if overflow { throw .overflow }
        return try scale.money(fraction, at: price.0, over: divisor)
    }
}

extension SplitTerms {
    /// A quantity in new units, cut; the largest there is where it does not fit.
    func quantity(_ value: Int64) -> Int64 {
        Int64(clamping: Int128(value) * Int128(numerator) / Int128(denominator))
    }

    /// A price of a new unit; nil where it does not fit.
    func price(_ value: Int64, _ rounding: Rounding) -> Int64? {
        rounding.quotient(Int128(value) * Int128(denominator), Int128(numerator))
    }
}

extension BooksPosition {
    /// The mark after the split, as a reduced fraction.
    func splitMark(_ terms: SplitTerms) throws(Fault) -> (Int64, Int64) {
        let price = markDivisor == 1 ? mark : markNumerator
        let up = Int128(price) * Int128(terms.denominator)
        let down = Int128(markDivisor) * Int128(terms.numerator)
        let common = Int128.commonDivisor(up, down)
        guard let numerator = Int64(exactly: up / common),
            let divisor = Int64(exactly: down / common)
        else {
            throw .overflow
        }
        return (numerator, divisor)
    }
}
