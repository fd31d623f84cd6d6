import Market

/// What a fill costs beyond its price.
extension Portfolio {
    func costs(_ order: WorkingOrder, _ quantity: Int64, _ encounter: Encounter) -> FillCosts {
        let price = slipped(order, encounter)
        return FillCosts(price: price, fee: fee(order, quantity, price, isMaker: order.isLimitLike && !encounter.takes))
    }

    func estimatedFee(_ order: WorkingOrder, _ quantity: Int64, at price: Int64) -> Money {
        fee(order, quantity, price, isMaker: false)
    }

    /// The price that an order is expected to fill at, slippage included: its limit, its stop, or the last price.
    func estimatedPrice(_ order: WorkingOrder) -> Int64 {
        switch order.kind {
        case .limit, .stopLimit: return order.limit
        case .stop, .trailingStop:
            return slip(order, order.isTriggered ? books.mark(of: order.instrument).rawValue : order.stop)
        case .market, .onOpen, .onClose: return slip(order, books.mark(of: order.instrument).rawValue)
        }
    }

    /// The same for an order in flight that meets `price`.
    func estimatedPrice(_ order: WorkingOrder, at price: Int64) -> Int64 {
        order.isLimitLike ? order.limit : slip(order, price)
    }

    private func fee(_ order: WorkingOrder, _ quantity: Int64, _ price: Int64, isMaker: Bool) -> Money {
        let settings = settings.commissions[Int(order.instrument)]
        let value = instruments[Int(order.instrument)].value(of: Quantity(quantity), at: Price(price)) ?? .zero
        let fee = Rounding.halfEven.quotient(Int128(value.rawValue) * Int128(settings.rate.rawValue), 1_000_000_000) ?? 0
        return Money(settings.perTrade.rawValue + fee)
    }

    private func slipped(_ order: WorkingOrder, _ encounter: Encounter) -> Int64 {
        if order.isLimitLike { return encounter.price }
        if settings.execution.slippageOn == .entries && reduces(order) { return encounter.price }
        let price = slip(order, encounter.price)
        return settings.execution.slippageWithinBar ? min(max(price, encounter.low), encounter.high) : price
    }

    private func slip(_ order: WorkingOrder, _ price: Int64) -> Int64 {
        switch settings.execution.slippage {
        case .ticks(let n): return price + order.direction * n * listings[Int(order.instrument)].units.priceStep
        case .proportional(let rate):
            let whole: Int128 = 1_000_000_000
            return Rounding.halfEven.quotient(
                Int128(price) * (whole + Int128(order.direction) * Int128(rate.rawValue)), whole) ?? price
        default: return price
        }
    }
}
