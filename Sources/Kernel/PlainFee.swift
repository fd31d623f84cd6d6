import Market

/// What a fill costs where that is nothing but a share of its value, rounded once: one product.
struct PlainFee: Hashable, Sendable {
    /// Of quantity times price.
    private let taker: WorthFactor
    private let maker: WorthFactor
    private let scale: ValueScale
    /// Every fee is such a share.
    let isAll: Bool

    init(_ settings: CommissionSettings, _ scale: ValueScale) {
        let taker = settings.isPlain ? WorthFactor(settings.taker ?? settings.rate, scale) : nil
        let maker = settings.isPlain ? WorthFactor(settings.maker ?? settings.rate, scale) : nil
        isAll = taker != nil && maker != nil
        self.taker = taker ?? .zero
        self.maker = maker ?? .zero
        self.scale = scale
    }

    /// Negative for a rebate; nil where it has to be computed in full.
    @inline(__always)
    func fee(_ quantity: Quantity, at price: Price, isMaker: Bool) throws(Fault) -> Money? {
        guard isAll else { return nil }
        let (value, isWide) = quantity.rawValue.multipliedReportingOverflow(by: price.rawValue)
        if isWide || value == .min { return nil }
        return Money(try (isMaker ? maker : taker).worth(at: abs(value), 0, scale))
    }
}

extension CommissionSettings {
    /// Nothing but a share of the value, to the money's own unit.
    fileprivate var isPlain: Bool {
        perTrade == .zero && perUnit == .zero && minimum == nil && maximum == nil
            && step.rawValue <= 1
            && rounding == .halfEven && tiers.isEmpty
    }
}

extension WorthFactor {
    /// A share of what quantity times price is worth.
    fileprivate init?(_ rate: Rate, _ scale: ValueScale) {
        self.init(
            Int128(scale.numerator) * Int128(rate.rawValue),
            over: Int128(scale.denominator) * 1_000_000_000)
    }
}
