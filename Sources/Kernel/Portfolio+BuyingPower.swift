package import Market

/// Buying power is equity times leverage, less what positions are worth and working orders will
/// take. What only reduces a position needs none. All of it in the base currency.
extension Portfolio {
    /// Equity times leverage, less gross exposure.
    @inline(__always)
    var freePower: Int128 {
        let equity = Int128(books.equity.rawValue)
        let allowed =
            leverage == .one
            ? equity
            : Rounding.floor.wideQuotient(equity * Int128(leverage.rawValue), 1_000_000_000) ?? 0
        return allowed - Int128(books.openPositions == 0 ? 0 : books.exposure.gross.rawValue)
    }

    /// What new orders may still take.
    @inline(__always)
    var unreservedPower: Int128 { freePower - Int128(committed.taken) - Int128(committed.released) }

    /// The same as money.
    package var buyingPower: Money { Money(Int64(clamping: unreservedPower)) }

    /// The magnitude of what a quantity is worth at a price.
    func worth(
        _ instrument: InstrumentID, _ quantity: Int64, at price: Int64
    ) throws(Fault) -> Int64 {
        if quantity == 0 { return 0 }
        let value = try listings[Int(instrument)].scale.money(quantity, at: price)
        return Int64(books.inBase(Money(value), of: instrument).rawValue.magnitude)
    }

    /// What a fill is expected to cost, rebates left out.
    func expectedFee(
        _ instrument: InstrumentID, _ quantity: Int64, at price: Int64
    ) throws(Fault) -> Int64 {
        let fee = try commissions.estimate(instrument, Quantity(quantity), at: Price(price))
        return max(0, books.inBase(fee, of: instrument).rawValue)
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
    private func opening(_ slot: Int32) -> Int64 {
        if orders[slot].reducesOnly { return 0 }
        let instrument = orders[slot].instrument
        var base =
            books.quantity(of: instrument).rawValue &+ flight(of: instrument, but: orders[slot].id)
        if orders[slot].isHeld {
            // It starts from where its parent will have led.
            let parent = orders.slot(of: orders[slot].parent)
            if parent >= 0, !orders[parent].isInFlight, orders[parent].instrument == instrument {
                base &+= orders[parent].remaining &* orders[parent].direction
            }
        }
        let against = orders[slot].isBuy ? max(0, -base) : max(0, base)
        return max(0, orders[slot].remaining - against)
    }

    /// What an order will take of buying power, negative where it gives back.
    private func power(of slot: Int32, at price: Int64) throws(Fault) -> Int64 {
        let opening = opening(slot)
        let remaining = orders[slot].remaining
        if opening == 0 && !orders[slot].isInFlight { return 0 }
        let instrument = orders[slot].instrument
        let opened = try worth(instrument, opening, at: price)
        var need = try Books.sum(opened, expectedFee(instrument, remaining, at: price))
        if orders[slot].isInFlight && opening < remaining {
            let mark = books.mark(of: instrument).rawValue
            need = try Books.sum(need, -worth(instrument, remaining - opening, at: mark))
        }
        return need
    }

    /// Reserves what an order needs, given what it has reserved already; shrinks it where that is
    /// wanted.
    /// - Returns: why it may not work; nil if it may.
    mutating func grant(_ slot: Int32, at price: Int64) -> Reason? {
        do throws(Fault) {
            let before = orders[slot].reserved
            orders[slot].reserved = try power(of: slot, at: price)
            if orders[slot].reserved <= max(0, before) { return nil }
            let group = shared(with: orders[slot].oco, but: orders[slot].id)
            let free = unreservedPower + Int128(before) + Int128(group)
            if Int128(orders[slot].reserved) <= free { return nil }
            return shrinks(slot) ? try shrink(slot, at: price, into: free) : .buyingPower
        } catch {
            return .overflow
        }
    }

    /// Whether an order may become smaller for want of buying power: the settings say so, or its
    /// size is the operator's anyway.
    private func shrinks(_ slot: Int32) -> Bool {
        shrinksOrders || orders[slot].flags & WorkingOrder.sized != 0
    }

    private mutating func shrink(
        _ slot: Int32, at price: Int64, into free: Int128
    ) throws(Fault) -> Reason? {
        let step = listings[Int(orders[slot].instrument)].units.quantityStep
        var low = orders[slot].filled / step
        var high = orders[slot].quantity / step
        while low < high {
            let middle = low + (high - low + 1) / 2
            orders[slot].quantity = middle * step
            if Int128(try power(of: slot, at: price)) <= free {
                low = middle
            } else {
                high = middle - 1
            }
        }
        orders[slot].quantity = low * step
        orders[slot].reserved = try power(of: slot, at: price)
        return orders[slot].remaining > 0 ? nil : .buyingPower
    }

    /// What the working orders of the same group have reserved: only one of them will need it.
    private func shared(with group: UInt32, but id: UInt64) -> Int64 {
        guard group != 0 else { return 0 }
        var most: Int64 = 0
        for place in 0..<orders.count {
            let slot = orders.slot(at: place)
            if orders[slot].oco == group && orders[slot].id != id {
                most = max(most, orders[slot].reserved)
            }
        }
        return most
    }

    /// How much of a fill the account can bear now: all of it, with `partial` what fits, else what
    /// only closes.
    func affordable(_ slot: Int32, _ quantity: Int64, _ costs: FillCosts) throws(Fault) -> Int64 {
        let instrument = orders[slot].instrument
        let closing = min(quantity, held(against: orders[slot].side, instrument))
        if closing == quantity { return quantity }
        let fee = books.inBase(costs.fee, of: instrument).rawValue
        if try fits(slot, quantity, closing, at: costs.price, fee: fee) { return quantity }
        guard shrinks(slot) else { return closing }
        let step = listings[Int(instrument)].units.quantityStep
        var low = closing / step
        var high = quantity / step
        while low < high {
            let middle = low + (high - low + 1) / 2
            let fee = try expectedFee(instrument, middle * step, at: costs.price)
            let fits = try fits(slot, middle * step, closing, at: costs.price, fee: fee)
            if fits { low = middle } else { high = middle - 1 }
        }
        return low * step
    }

    /// How much of the position a side would close.
    @inline(__always) func held(against side: Int8, _ instrument: InstrumentID) -> Int64 {
        let position = books.quantity(of: instrument).rawValue
        return side > 0 ? max(0, -position) : max(0, position)
    }

    private func fits(
        _ slot: Int32, _ quantity: Int64, _ closing: Int64, at price: Int64, fee: Int64
    ) throws(Fault) -> Bool {
        let instrument = orders[slot].instrument
        let opened = try worth(instrument, quantity - closing, at: price)
        let closed = try worth(instrument, closing, at: books.mark(of: instrument).rawValue)
        // Orders in flight that close elsewhere give back what they hold at the same open.
        let released = Int128(committed.released) - Int128(min(0, orders[slot].reserved))
        return Int128(opened) - Int128(closed) + Int128(fee) <= freePower - released
    }

    /// Reserves anew for an order that a parent's fill has woken.
    mutating func reserve(_ slot: Int32) {
        do throws(Fault) {
            let need = try power(of: slot, at: estimatedPrice(slot))
            committed.replace(orders[slot].reserved, with: need)
            orders[slot].reserved = need
        } catch {
            books.fault = error
        }
    }

    /// A part of an order is about to stop working.
    mutating func release(_ slot: Int32, filling quantity: Int64) {
        let before = orders[slot].reserved
        guard before != 0 else { return }
        let remaining = orders[slot].remaining
        let after =
            remaining == quantity
            ? 0 : Int64(Int128(before) * Int128(remaining - quantity) / Int128(remaining))
        committed.replace(before, with: after)
        orders[slot].reserved = after
    }
}
