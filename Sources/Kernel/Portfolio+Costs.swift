import Market

/// What a fill costs beyond the price that the market showed.
extension Portfolio {
    /// The price and the fee of a fill.
    struct FillCosts {
        var price: Int64
        var fee: Money
    }

    /// What a fill would cost; a fault of this portfolio where it cannot be said.
    func costs(_ order: WorkingOrder, _ quantity: Int64, _ encounter: Encounter) throws(Fault) -> FillCosts {
        let price = try slipped(order, quantity, encounter)
        let isMaker = order.isLimitLike && !encounter.takes
        let fee = try commissions.estimate(
            order.instrument, Quantity(quantity), at: Price(price), isMaker: isMaker)
        return FillCosts(price: price, fee: fee)
    }

    /// Slippage never passes a limit: only an open that was better than it leaves room.
    private func slipped(
        _ order: WorkingOrder, _ quantity: Int64, _ encounter: Encounter
    ) throws(Fault) -> Int64 {
        if settings.execution.slippage == .none { return encounter.price }
        if settings.execution.slippageOn == .entries && reduces(order) { return encounter.price }
        var bounds = SlippageModel.Bounds(limit: order.isLimitLike ? Price(order.limit) : nil)
        if settings.execution.slippageWithinBar { bounds.bar = Price(encounter.low)...Price(encounter.high) }
        return try slip(order, encounter.price, quantity, bounds)
    }

    private func slip(
        _ order: WorkingOrder, _ price: Int64, _ quantity: Int64, _ bounds: SlippageModel.Bounds
    ) throws(Fault) -> Int64 {
        let listing = listings[Int(order.instrument)]
        let model = slippage[Int(order.instrument)]
        let window = model.deviationWindow
        let conditions = SlippageModel.Conditions(
            spread: listing.spread, volume: listing.volume,
            deviation: window.flatMap { statistics.deviation(order.instrument, window: $0) })
        let side = order.isBuy ? Side.buy : .sell
        return try model.price(Price(price), side, quantity: Quantity(quantity), conditions, within: bounds).rawValue
    }

    /// The price that an order is expected to fill at, slippage included: its limit, its stop, or the last price.
    func estimatedPrice(_ order: WorkingOrder) -> Int64 {
        let mark = books.mark(of: order.instrument).rawValue
        return estimatedPrice(order, at: order.isWaitingStop ? order.stop : mark)
    }

    /// The same where it meets a price.
    func estimatedPrice(_ order: WorkingOrder, at price: Int64) -> Int64 {
        if order.kind == .limit || order.kind == .stopLimit { return order.limit }
        if settings.execution.slippage == .none { return price }
        return (try? slip(order, price, order.quantity, SlippageModel.Bounds())) ?? price
    }
}
