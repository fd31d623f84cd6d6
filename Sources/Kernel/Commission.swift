package import Market

/// What a fill of one instrument costs, exact: summed as a fraction and rounded once.
package struct Commission: Hashable, Sendable {
    private let settings: CommissionSettings
    private let scale: ValueScale
    /// `10^-quantityExponent`: quantity units in one unit.
    private let unit: Int128
    private let perUnitFactor: Int128
    let plain: PlainFee

    package init(_ settings: CommissionSettings, _ instrument: Instrument) {
        self.settings = settings
        scale = ValueScale(instrument)
        unit = PowerOfTen.wide(max(0, -instrument.quantityExponent))
        perUnitFactor = PowerOfTen.wide(max(0, instrument.quantityExponent))
        plain = PlainFee(settings, scale)
    }

    var hasTiers: Bool { !settings.tiers.isEmpty }

    /// The rate of a fill, after `traded` in the same month.
    package func rate(isMaker: Bool, traded: Money = .zero) -> Rate {
        if let tier = settings.tiers.last(where: { $0.from <= traded }) {
            return (isMaker ? tier.maker : tier.taker) ?? tier.rate
        }
        return (isMaker ? settings.maker : settings.taker) ?? settings.rate
    }

    /// The fee of a fill, negative for a rebate. Minimum and maximum hold for what the rounding
    /// gives.
    package func fee(
        _ quantity: Quantity, at price: Price, isMaker: Bool, traded: Money = .zero
    ) throws(Fault) -> Money {
        if let fee = try plain.fee(quantity, at: price, isMaker: isMaker) { return fee }
        return try summedFee(quantity, at: price, isMaker: isMaker, traded: traded)
    }

    private func summedFee(
        _ quantity: Quantity, at price: Price, isMaker: Bool, traded: Money
    ) throws(Fault) -> Money {
        let rate = rate(isMaker: isMaker, traded: traded).rawValue
        var sum = Fraction(Int128(settings.perTrade.rawValue), 1)
        if rate != 0 {
            let value = Int128(quantity.rawValue) * Int128(price.rawValue)
            try sum.add(
                Int128(value.magnitude), times: Int128(scale.numerator), times: Int128(rate),
                over: Int128(scale.denominator) * 1_000_000_000)
        }
        if settings.perUnit != .zero {
            try sum.add(
                Int128(quantity.rawValue.magnitude), times: Int128(settings.perUnit.rawValue),
                times: perUnitFactor,
                over: unit)
        }
        let step = max(1, settings.step.rawValue)
        let (divisor, overflow) = sum.denominator.multipliedReportingOverflow(by: Int128(step))
        if overflow { throw .overflow }
        let steps = try Books.amount(settings.rounding.rounding.quotient(sum.numerator, divisor))
        var fee = try Books.amount(Int64(exactly: Int128(steps) * Int128(step)))
        if let minimum = settings.minimum { fee = max(fee, minimum.rawValue) }
        if let maximum = settings.maximum { fee = min(fee, maximum.rawValue) }
        return Money(fee)
    }
}

extension CommissionSettings.Rounding {
    package var rounding: Rounding {
        switch self {
        case .halfEven: .halfEven
        case .halfUp: .halfUp
        case .up: .up
        }
    }
}

/// A sum of fractions that says when it no longer fits.
private struct Fraction {
    var numerator: Int128
    var denominator: Int128

    init(_ numerator: Int128, _ denominator: Int128) {
        self.numerator = numerator
        self.denominator = denominator
    }

    mutating func add(
        _ a: Int128, times b: Int128, times c: Int128, over divisor: Int128
    ) throws(Fault) {
        let shared = Int128.commonDivisor(denominator, divisor)
        let product = try Self.product(a, try Self.product(b, c))
        let own = try Self.product(numerator, divisor / shared)
        let added = try Self.product(product, denominator / shared)
        let (sum, overflow) = own.addingReportingOverflow(added)
        if overflow { throw .overflow }
        denominator = try Self.product(denominator, divisor / shared)
        numerator = sum
    }

    private static func product(_ a: Int128, _ b: Int128) throws(Fault) -> Int128 {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        if overflow { throw .overflow }
        return product
    }
}
