package import Market

extension Books {
    /// Equity times leverage, less the worth of the positions and what is `reserved` for working orders; negative
    /// when more is used than there is.
    package func buyingPower(leverage: Rate, reserved: Money = .zero) -> Money {
        let allowed = leverage == .one
            ? Int128(equity.rawValue)
            : Rounding.floor.wideQuotient(Int128(equity.rawValue) * Int128(leverage.rawValue), 1_000_000_000) ?? 0
        let free = allowed - Int128(exposure.gross.rawValue) - Int128(reserved.rawValue)
        return Money(Int64(clamping: free))
    }

    /// What a fill would take of the buying power: the worth of what it opens and its fee, less the worth at the
    /// mark of what it closes. In the base currency.
    package func need(
        _ instrument: InstrumentID, _ quantity: Quantity, at price: Price, fee: Money
    ) throws(Fault) -> Money {
        let id = Int(instrument)
        let held = positions[id].quantity
        let opposite = held.signum() == -quantity.rawValue.signum()
        let closing = opposite ? Int64(min(held.magnitude, quantity.rawValue.magnitude)) : 0
        let opening = Int64(clamping: quantity.rawValue.magnitude) - closing
        let opened = try positions[id].scale.money(opening, at: price.rawValue).magnitude
        let closed = try positions[id].scale.money(closing, at: positions[id].mark).magnitude
        let total = try Self.sum(try Self.sum(Int64(opened), fee.rawValue), -Int64(closed))
        return Money(inBase(total, positions[id].currency))
    }

    /// Whether a fill would only bring the position nearer to zero.
    package func reduces(_ instrument: InstrumentID, _ quantity: Quantity) -> Bool {
        let held = positions[Int(instrument)].quantity
        return held.signum() == -quantity.rawValue.signum() && quantity.rawValue.magnitude <= held.magnitude
    }
}
