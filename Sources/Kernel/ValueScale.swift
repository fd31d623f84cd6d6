import Market

/// From price and quantity to money: `quantity * price * numerator / denominator`, powers of ten
/// and multiplier.
struct ValueScale: Hashable, Sendable {
    let numerator: Int64
    let denominator: Int64
    /// 10 to this times money per whole unit makes money of a quantity unit.
    let quantityShift: Int

    init(_ instrument: Instrument) {
        let shift =
            instrument.priceExponent + instrument.quantityExponent + instrument.currency.exponent
        let up = PowerOfTen.wide(max(0, shift)) * Int128(instrument.multiplier)
        let down = PowerOfTen.wide(max(0, -shift))
        let common = Int128.commonDivisor(up, down)
        guard let numerator = Int64(exactly: up / common),
            let denominator = Int64(exactly: down / common)
        else {
            preconditionFailure(
                "the units of an instrument and its currency are at most 10^18 apart")
        }
        self.numerator = numerator
        self.denominator = denominator
        quantityShift = instrument.quantityExponent + instrument.currency.exponent
    }

    /// Money for `quantity` at `price / divisor`, rounded half to even.
    @inline(__always)
    func money(_ quantity: Int64, at price: Int64, over divisor: Int64 = 1) throws(Fault) -> Int64 {
        if denominator == 1, divisor == 1 {
            let (value, isWide) = quantity.multipliedReportingOverflow(by: price)
            let (money, isTooWide) = value.multipliedReportingOverflow(by: numerator)
            if !isWide, !isTooWide { return try Books.amount(money) }
        }
        return try wideMoney(quantity, at: price, over: divisor)
    }

    private func wideMoney(
        _ quantity: Int64, at price: Int64, over divisor: Int64
    ) throws(Fault) -> Int64 {
        let (product, overflow) =
            (Int128(quantity) * Int128(price)).multipliedReportingOverflow(by: Int128(numerator))
        if overflow { throw .overflow }
        return try Books.amount(
            Rounding.halfEven.quotient(product, Int128(denominator) * Int128(divisor)))
    }
}

extension Int128 {
    /// The greatest common divisor of two magnitudes, at least one.
    static func commonDivisor(_ first: Int128, _ second: Int128) -> Int128 {
        var (a, b) = (first.magnitude, second.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        return a == 0 ? 1 : Int128(a)
    }
}

extension Int64 {
    /// The greatest common divisor of a number and one above zero.
    static func commonDivisor(_ first: Int64, _ second: Int64) -> Int64 {
        var (a, b) = (first.magnitude, second.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        return Int64(a)
    }
}

extension Books {
    /// The amount, if books can hold it.
    static func amount(_ value: Int64?) throws(Fault) -> Int64 {
        guard let value else { throw .overflow }
        return try amount(value)
    }

    @inline(__always) static func amount(_ value: Int64) throws(Fault) -> Int64 {
        guard value.magnitude <= largestAmount.magnitude else { throw .overflow }
        return value
    }

    /// The sum of two amounts.
    @inline(__always) static func sum(_ a: Int64, _ b: Int64) throws(Fault) -> Int64 {
        try amount(a &+ b)
    }
}
