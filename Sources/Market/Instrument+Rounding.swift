extension Price {
    /// The nearest multiple of `step` in the given direction, or nil where it does not fit.
    @inlinable package func rounded(toStep step: Price, _ rounding: Rounding) -> Price? {
        rounding.multiple(of: step.rawValue, rawValue).map { Price($0) }
    }

    /// A limit's price on the passive side of the step: a buy's down, a sell's up.
    @inlinable package func roundedAsLimit(_ side: Side, toStep step: Price) -> Price? {
        rounded(toStep: step, side == .buy ? .floor : .ceiling)
    }

    /// A stop's price against the trader: a buy's up, a sell's down.
    @inlinable package func roundedAsStop(_ side: Side, toStep step: Price) -> Price? {
        rounded(toStep: step, side == .buy ? .ceiling : .floor)
    }
}

extension Quantity {
    /// The nearest multiple of `step`, which is above zero, toward zero.
    @inlinable package func rounded(toStep step: Quantity) -> Quantity {
        Quantity(rawValue / step.rawValue * step.rawValue)
    }
}

extension Instrument {
    /// The units of its prices and quantities.
    package var priceScale: DecimalScale { DecimalScale(exponent: priceExponent) }
    package var quantityScale: DecimalScale { DecimalScale(exponent: quantityExponent) }

    /// What `quantity` is worth at `price`: price x quantity x multiplier in the currency's unit,
    /// rounded once; nil where it does not fit.
    package func value(
        of quantity: Quantity, at price: Price, rounding: Rounding = .halfEven
    ) -> Money? {
        let product = Int128(price.rawValue) * Int128(quantity.rawValue)
        let (units, overflow) = product.multipliedReportingOverflow(by: Int128(multiplier))
        if overflow { return nil }
        let shift = priceExponent + quantityExponent + currency.exponent
        if shift < 0 { return rounding.quotient(units, PowerOfTen.wide(-shift)).map { Money($0) } }
        guard shift <= PowerOfTen.largestInteger else { return units == 0 ? .zero : nil }
        let (scaled, overflowed) = units.multipliedReportingOverflow(by: PowerOfTen.wide(shift))
        return overflowed ? nil : Int64(exactly: scaled).map { Money($0) }
    }

    /// Whether an order of this value is large enough.
    package func meetsMinimumNotional(_ quantity: Quantity, at price: Price) -> Bool {
        guard minimumNotional > .zero else { return true }
        // Cut, not rounded: a whole minimum is reached exactly when the cut value reaches it.
        guard let value = value(of: quantity, at: price, rounding: .towardZero) else { return true }
        return value >= minimumNotional || value.rawValue <= -minimumNotional.rawValue
    }
}
