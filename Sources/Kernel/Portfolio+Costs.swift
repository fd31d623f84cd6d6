import Market

/// What a fill costs beyond the price that the market showed.
extension Portfolio {
    /// The price and the fee of a fill.
    struct FillCosts {
        var price: Int64
        var fee: Money
    }

    /// What a fill would cost; a fault of this portfolio where it cannot be said.
    func costs(_ slot: Int32, _ quantity: Int64, _ encounter: Encounter) throws(Fault) -> FillCosts
    {
        if encounter.isFree { return FillCosts(price: encounter.price, fee: .zero) }
        let price =
            execution.slippage == .none
            ? encounter.price : try slipped(slot, quantity, encounter)
        let isMaker = orders[slot].isLimitLike && !encounter.takes
        let fee = try commissions.estimate(
            orders[slot].instrument, Quantity(quantity), at: Price(price), isMaker: isMaker)
        return FillCosts(price: price, fee: fee)
    }

    /// Slippage never passes a limit: only an open that was better than it leaves room.
    private func slipped(
        _ slot: Int32, _ quantity: Int64, _ encounter: Encounter
    ) throws(Fault) -> Int64 {
        if execution.slippageOn == .entries && reduces(slot) { return encounter.price }
        var bounds = SlippageModel.Bounds(
            limit: orders[slot].isLimitLike ? Price(orders[slot].limit) : nil)
        if execution.slippageWithinBar { bounds.bar = Price(encounter.low)...Price(encounter.high) }
        return try slip(
            orders[slot].instrument, orders[slot].isBuy ? .buy : .sell, encounter.price, quantity,
            bounds)
    }

    private func slip(
        _ instrument: InstrumentID, _ side: Side, _ price: Int64, _ quantity: Int64,
        _ bounds: SlippageModel.Bounds = SlippageModel.Bounds()
    ) throws(Fault) -> Int64 {
        let place = Int(instrument)
        let model = slippage[Int(instrument)]
        var conditions = SlippageModel.Conditions(
            spread: listings[place].spread, volume: listings[place].volume)
        if let window = model.deviationWindow {
            conditions.deviation = statistics.deviation(instrument, window: window)
        }
        return try model.price(
            Price(price), side, quantity: Quantity(quantity), conditions, within: bounds
        ).rawValue
    }

    /// The price that an order is expected to fill at, slippage included: its limit, its stop, or
    /// the last price.
    func estimatedPrice(_ slot: Int32) -> Int64 {
        let kind = orders[slot].kind
        if kind == .limit || kind == .stopLimit { return orders[slot].limit }
        let instrument = orders[slot].instrument
        let price =
            orders[slot].isWaitingStop
            ? orders[slot].stop : takingPrice(instrument, orders[slot].side)
        return estimatedPrice(
            instrument, orders[slot].isBuy ? .buy : .sell, at: price, orders[slot].quantity)
    }

    /// What a market order would pay where the market is at `price`.
    func estimatedPrice(
        _ instrument: InstrumentID, _ side: Side, at price: Int64, _ quantity: Int64 = 0
    ) -> Int64 {
        // Where there is no price yet, slippage makes none.
        let isUnknown =
            price == 0 && !listings[Int(instrument)].units.allowsNonPositivePrices
        if execution.slippage == .none || isUnknown { return price }
        do throws(Fault) {
            return try slip(instrument, side, price, quantity)
        } catch {
            // It will be the fill's fault, if it comes to that.
            return price
        }
    }
}
