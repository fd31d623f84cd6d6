package import Market

/// Buying power is equity times leverage, less what positions are worth and working orders will take. What only
/// reduces a position needs none.
extension Portfolio {
    /// Equity times leverage, less gross exposure.
    var freePower: Int128 {
        let equity = Int128(books.equity.rawValue)
        let allowed = settings.leverage == .one
            ? equity : Rounding.floor.wideQuotient(equity * Int128(settings.leverage.rawValue), 1_000_000_000) ?? 0
        return allowed - Int128(books.openPositions == 0 ? 0 : books.exposure.gross.rawValue)
    }

    /// What new orders may still take.
    var unreservedPower: Int128 { freePower - Int128(committed.taken) - Int128(committed.released) }

    /// The same as money.
    package var buyingPower: Money { Money(Int64(clamping: unreservedPower)) }

    /// The magnitude of what a quantity is worth at a price, in the base currency; nil on overflow.
    func worth(_ instrument: InstrumentID, _ quantity: Int64, at price: Int64) -> Int128? {
        if quantity == 0 { return 0 }
        let value = instruments[Int(instrument)].value(of: Quantity(quantity), at: Price(price))
        return value.map { Int128(books.inBase($0, of: instrument).rawValue.magnitude) }
    }

    /// What a fill is expected to cost, in the base currency, rebates left out.
    func expectedFee(_ instrument: InstrumentID, _ quantity: Int64, at price: Int64) -> Int128? {
        guard let fee = try? commissions.estimate(instrument, Quantity(quantity), at: Price(price)) else { return nil }
        return Int128(max(0, books.inBase(fee, of: instrument).rawValue))
    }

    /// Signed units that orders in flight will move the position by, one order left out.
    func flight(of instrument: InstrumentID, but id: UInt64 = 0) -> Int64 {
        var sum: Int64 = 0
        var slot = orders.first(of: instrument)
        while slot >= 0 {
            if orders[slot].isInFlight && orders[slot].id != id {
                sum &+= orders[slot].remaining &* orders[slot].direction
            }
            slot = orders[slot].next
        }
        return sum
    }

    /// How much of an order would open or add, given the position and what is in flight before it.
    private func opening(_ order: WorkingOrder) -> Int64 {
        if order.reducesOnly { return 0 }
        var base = books.quantity(of: order.instrument).rawValue &+ flight(of: order.instrument, but: order.id)
        if order.isHeld {
            // It starts from where its parent will have led.
            let parent = orders.slot(of: order.parent)
            if parent >= 0, !orders[parent].isInFlight, orders[parent].instrument == order.instrument {
                base &+= orders[parent].remaining &* orders[parent].direction
            }
        }
        let against = order.isBuy ? max(0, -base) : max(0, base)
        return max(0, order.remaining - against)
    }

    /// What an order will take of buying power, negative where it gives back; nil on overflow.
    private func power(of order: WorkingOrder, at price: Int64) -> Int64? {
        let opening = opening(order)
        if opening == 0 && !order.isInFlight { return 0 }
        guard let opened = worth(order.instrument, opening, at: price),
            let fee = expectedFee(order.instrument, order.remaining, at: price)
        else { return nil }
        var given: Int128 = 0
        if order.isInFlight && opening < order.remaining {
            let mark = books.mark(of: order.instrument).rawValue
            guard let closed = worth(order.instrument, order.remaining - opening, at: mark) else { return nil }
            given = closed
        }
        return Int64(exactly: opened + fee - given)
    }

    /// Reserves what an order needs; shrinks it where the settings ask for that.
    /// - Returns: why it may not work; nil if it may.
    func grant(_ order: inout WorkingOrder, at price: Int64) -> Reason? {
        guard var need = power(of: order, at: price) else { return .overflow }
        if need > 0 {
            let free = unreservedPower + Int128(shared(with: order))
            if Int128(need) > free {
                guard settings.partial else { return .buyingPower }
                let lots = largest(from: order.filled, to: order.quantity, order.instrument) { quantity in
                    var smaller = order
                    smaller.quantity = quantity
                    return power(of: smaller, at: price).map { Int128($0) <= free } ?? false
                }
                order.quantity = lots
                guard lots > order.filled, let smaller = power(of: order, at: price) else { return .buyingPower }
                need = smaller
            }
        }
        order.reserved = need
        return nil
    }

    /// What the working orders of the same group have reserved: only one of them will need it.
    private func shared(with order: WorkingOrder) -> Int64 {
        guard order.oco != 0 else { return 0 }
        var most: Int64 = 0
        for place in 0..<orders.count {
            let other = orders[orders.slot(at: place)]
            if other.oco == order.oco && other.id != order.id { most = max(most, other.reserved) }
        }
        return most
    }

    /// How much of a fill the account can bear now: all of it, with `partial` what fits, else what only closes.
    func affordable(_ order: WorkingOrder, _ quantity: Int64, _ costs: FillCosts) -> Int64 {
        let position = books.quantity(of: order.instrument).rawValue
        let against = order.isBuy ? max(0, -position) : max(0, position)
        let closing = min(quantity, against)
        if closing == quantity { return quantity }
        let fee = Int128(books.inBase(costs.fee, of: order.instrument).rawValue)
        if fits(order, quantity, closing, at: costs.price, fee: fee) { return quantity }
        guard settings.partial else { return closing }
        return largest(from: closing, to: quantity, order.instrument) { smaller in
            guard let fee = expectedFee(order.instrument, smaller, at: costs.price) else { return false }
            return fits(order, smaller, closing, at: costs.price, fee: fee)
        }
    }

    private func fits(
        _ order: WorkingOrder, _ quantity: Int64, _ closing: Int64, at price: Int64, fee: Int128
    ) -> Bool {
        let mark = books.mark(of: order.instrument).rawValue
        guard let opened = worth(order.instrument, quantity - closing, at: price),
            let closed = worth(order.instrument, closing, at: mark)
        else { return false }
        // Orders in flight that close elsewhere give back what they hold at the same open.
        let released = Int128(committed.released) - Int128(min(0, order.reserved))
        return opened - closed + fee <= freePower - released
    }

    /// The largest multiple of the lot in `low...high` that `fits`, given that `low` does.
    private func largest(
        from low: Int64, to high: Int64, _ instrument: InstrumentID, _ fits: (Int64) -> Bool
    ) -> Int64 {
        let step = listings[Int(instrument)].units.quantityStep
        var low = low / step
        var high = high / step
        while low < high {
            let middle = low + (high - low + 1) / 2
            if fits(middle * step) { low = middle } else { high = middle - 1 }
        }
        return low * step
    }

    /// Reserves anew for an order that a parent's fill has woken.
    mutating func reserve(_ slot: Int32) {
        let need = power(of: orders[slot], at: estimatedPrice(orders[slot])) ?? 0
        committed.replace(orders[slot].reserved, with: need)
        orders[slot].reserved = need
    }

    /// A part of an order is about to stop working.
    mutating func release(_ slot: Int32, filling quantity: Int64) {
        let before = orders[slot].reserved
        guard before != 0 else { return }
        let remaining = orders[slot].remaining
        let after = remaining == quantity
            ? 0 : Int64(Int128(before) * Int128(remaining - quantity) / Int128(remaining))
        committed.replace(before, with: after)
        orders[slot].reserved = after
    }
}
