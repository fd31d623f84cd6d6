import Market

/// Buying power is equity times leverage, less what positions are worth and working orders will take. What only
/// reduces a position needs none.
extension Portfolio {
    /// The price and the fee of a fill.
    struct FillCosts {
        var price: Int64
        var fee: Money
    }

    /// Equity times leverage, less gross exposure.
    var freePower: Int128 {
        let equity = Int128(books.equity.rawValue)
        let powered = settings.leverage == .one ? equity : equity * Int128(settings.leverage.rawValue) / 1_000_000_000
        return powered - Int128(books.openPositions == 0 ? 0 : books.exposure.gross.rawValue)
    }

    /// What new orders may still take.
    var buyingPower: Money {
        Money(Int64(clamping: freePower - Int128(committed.taken) - Int128(committed.released)))
    }

    /// Signed units that orders in flight will move the position by, but for one order.
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

    /// How much of `quantity` would open or add, given the position and the orders in flight before it.
    func opening(_ order: WorkingOrder, _ quantity: Int64) -> Int64 {
        if order.reducesOnly { return 0 }
        var base = books.quantity(of: order.instrument).rawValue &+ flight(of: order.instrument, but: order.id)
        if order.isHeld {
            // It starts from where its parent will have led.
            let parent = orders.slot(of: order.parent)
            if parent >= 0 && !orders[parent].isInFlight && orders[parent].instrument == order.instrument {
                base &+= orders[parent].remaining &* orders[parent].direction
            }
        }
        let against = order.isBuy ? max(0, -base) : max(0, base)
        return max(0, quantity - against)
    }

    /// What an order will take of buying power, negative where it gives back; nil on overflow.
    func power(of order: WorkingOrder, at price: Int64) -> Int64? {
        let opening = opening(order, order.remaining)
        let instrument = instruments[Int(order.instrument)]
        guard let opened = instrument.value(of: Quantity(opening), at: Price(price)) else { return nil }
        if opening == 0 && !order.isInFlight { return 0 }
        let fee = estimatedFee(order, order.remaining, at: price).rawValue
        let need = Int128(opened.rawValue.magnitude) + Int128(max(0, fee))
        var given: Int128 = 0
        if order.isInFlight && opening < order.remaining && !order.reducesOnly {
            let closing = Quantity(order.remaining - opening)
            let mark = books.mark(of: order.instrument)
            guard let closed = instrument.value(of: closing, at: mark) else { return nil }
            given = Int128(closed.rawValue.magnitude)
        }
        return Int64(exactly: need - given)
    }

    /// Whether an order may work; shrinks it where the settings ask for that.
    mutating func grant(_ order: inout WorkingOrder, at price: Int64) -> Reason? {
        guard var need = power(of: order, at: price) else { return .overflow }
        if need > 0 {
            let free = freePower - Int128(committed.taken) - Int128(committed.released) + Int128(shared(with: order))
            if Int128(need) > free {
                guard settings.partial else { return .buyingPower }
                shrink(&order, at: price, into: free)
                guard order.quantity > order.filled, let smaller = power(of: order, at: price) else { return .buyingPower }
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

    /// The largest whole number of lots whose opening part fits into `power`.
    private func shrink(_ order: inout WorkingOrder, at price: Int64, into power: Int128) {
        let step = listings[Int(order.instrument)].units.quantityStep
        var low = order.filled / step
        var high = order.quantity / step
        while low < high {
            let middle = low + (high - low + 1) / 2
            var smaller = order
            smaller.quantity = middle * step
            if let need = self.power(of: smaller, at: price), Int128(need) <= power { low = middle } else { high = middle - 1 }
        }
        order.quantity = low * step
    }

    /// How much of a fill the account can bear now: all, with `partial` what fits, else what only closes.
    func affordable(_ order: WorkingOrder, _ quantity: Int64, _ costs: FillCosts) -> Int64 {
        let position = books.quantity(of: order.instrument).rawValue
        let against = order.isBuy ? max(0, -position) : max(0, position)
        let closing = min(quantity, against)
        if closing == quantity { return quantity }
        if fits(order, quantity, closing, costs) { return quantity }
        guard settings.partial else { return closing }
        let step = listings[Int(order.instrument)].units.quantityStep
        var low = closing / step
        var high = quantity / step
        while low < high {
            let middle = low + (high - low + 1) / 2
            let fee = estimatedFee(order, middle * step, at: costs.price)
            let fits = fits(order, middle * step, closing, FillCosts(price: costs.price, fee: fee))
            if fits { low = middle } else { high = middle - 1 }
        }
        return low * step
    }

    private func fits(_ order: WorkingOrder, _ quantity: Int64, _ closing: Int64, _ costs: FillCosts) -> Bool {
        let instrument = instruments[Int(order.instrument)]
        guard let opened = instrument.value(of: Quantity(quantity - closing), at: Price(costs.price)),
            let closed = instrument.value(of: Quantity(closing), at: books.mark(of: order.instrument))
        else { return false }
        let need = Int128(opened.rawValue.magnitude) - Int128(closed.rawValue.magnitude) + Int128(costs.fee.rawValue)
        // Orders in flight that close elsewhere give back what they hold at the same open.
        let released = Int128(committed.released) - Int128(min(0, order.reserved))
        return need <= freePower - released
    }

    /// Gives an order its share of buying power outside the checks: it was granted with its parent.
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
        let after = remaining == quantity ? 0 : Int64(Int128(before) * Int128(remaining - quantity) / Int128(remaining))
        committed.replace(before, with: after)
        orders[slot].reserved = after
    }
}
