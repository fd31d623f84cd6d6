import Market

/// Fills that open a position whole or close it whole, of a portfolio with one currency and average
/// cost: most fills are such, and need none of the parts.
extension Books {
    @inline(__always) func isWhole(_ execution: Execution) -> Bool {
        guard isPlain, lots != .fifo, execution.feeInAsset.isZero else { return false }
        let held = positions[Int(execution.instrument)].quantity
        return held == 0 || held == 0 &- execution.quantity.rawValue
    }

    /// From flat.
    @inline(__always)
    mutating func openWhole(_ execution: Execution) throws(Fault) -> ExecutionOutcome {
        let id = Int(execution.instrument)
        let (quantity, price) = (execution.quantity.rawValue, execution.price.rawValue)
        if quantity == .min { throw .overflow }
        let fee = try Self.amount(execution.fee.rawValue)
        var after = positions[id]
        let notional = try after.scale.money(quantity, at: price)
        let cost = try Self.sum(after.cost, notional)
        let change = BooksChange(
            value: notional &- after.value, cost: cost &- after.cost, fee: fee)
        var totals = ledger
        try totals.add(change)
        ledger = totals
        after.quantity = quantity
        after.fineCost += Int128(notional) << Int128(BooksPosition.fractionBits)
        after.cost = cost
        after.noteMark(price, worth: notional)
        positions[id] = after
        trips[id] = OpenRoundTrip(execution, side: quantity < 0 ? -1 : 1)
        let magnitude = Int64(quantity.magnitude)
        trips[id].enter(magnitude, at: price, fee: fee, held: magnitude)
        openPositions += 1
        if quantity < 0 { shortPositions += 1 }
        var outcome = ExecutionOutcome()
        outcome.cash = Money(-notional)
        outcome.fee = Money(fee)
        outcome.cashAfter = cash
        outcome.positionAfter = execution.quantity
        outcome.opened = true
        return outcome
    }

    /// To flat.
    @inline(__always)
    mutating func closeWhole(
        _ execution: Execution, _ records: inout Records
    ) throws(Fault) -> ExecutionOutcome {
        let id = Int(execution.instrument)
        let (quantity, price) = (execution.quantity.rawValue, execution.price.rawValue)
        if quantity == .min { throw .overflow }
        let fee = try Self.amount(execution.fee.rawValue)
        var after = positions[id]
        let (value, cost, bars) = (after.value, after.cost, after.bars)
        let notional = try after.scale.money(quantity, at: price)
        after.includeInRange(price)
        let range = try after.openRange()
        after.quantity = 0
        let realised = try after.reduce(by: after.fineCost, paying: notional)
        after.noteMark(price, worth: 0)
        after.bars = 0
        var totals = ledger
        try totals.add(
            BooksChange(
                value: 0 &- value, cost: after.cost &- cost, realised: realised, fee: fee))
        ledger = totals
        positions[id] = after
        if let range { trips[id].reach(range) }
        trips[id].exit(
            Int64(quantity.magnitude), at: price, fee: fee, realised: realised)
        finishTrip(execution, bars: bars, &records)
        if quantity > 0 { shortPositions -= 1 }
        var outcome = ExecutionOutcome()
        outcome.cash = Money(-notional)
        outcome.realised = Money(realised)
        outcome.fee = Money(fee)
        outcome.cashAfter = cash
        outcome.closed = true
        return outcome
    }
}

extension BooksPosition {
    /// Marks at a price after the quantity changed, given what it is worth there.
    @inline(__always) fileprivate mutating func noteMark(_ price: Int64, worth: Int64) {
        factor = quantity == 0 ? .zero : WorthFactor(quantity, scale)
        mark = price
        markNumerator = price
        markDivisor = 1
        value = worth
        startRange()
    }
}
