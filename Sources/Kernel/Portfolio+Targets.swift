import CTapedeck
import Market

/// From what a ticket measures its size in to a side and a quantity.
extension Portfolio {
    func resolve(_ ticket: inout Ticket) -> Reason? {
        let instrument = ticket.order.instrument
        let wanted: Int64
        switch ticket.measure {
        case .quantity: wanted = ticket.units
        case .target: wanted = ticket.units &- expected(of: instrument)
        case .share, .strength, .strengthOfTarget:
            let mark = books.mark(of: instrument).rawValue
            guard mark != 0 else { return .noPrice }
            ticket.order.side = ticket.order.wanted < 0 ? -1 : 1
            ticket.order.isTarget = ticket.measure != .strength
            do throws(Fault) {
                wanted = try sized(ticket.order, isTarget: ticket.order.isTarget, at: mark)
            } catch {
                return .overflow
            }
        }
        guard wanted.magnitude <= Int64.max.magnitude / 4 else { return .overflow }
        let step = listings[Int(instrument)].units.quantityStep
        ticket.order.side = wanted < 0 ? -1 : 1
        ticket.order.quantity = Int64(wanted.magnitude) / step * step
        return nil
    }

    /// The position that will be there when all orders in flight and all limits have filled.
    func expected(of instrument: InstrumentID, but id: UInt64 = 0) -> Int64 {
        books.quantity(of: instrument).rawValue &+ pending(of: instrument, but: id)
    }

    /// Signed units that working orders will change the position by, exits left out.
    func pending(of instrument: InstrumentID, but id: UInt64 = 0) -> Int64 {
        var sum: Int64 = 0
        var slot = orders.first(of: instrument)
        while slot >= 0 {
            let counts = orders[slot].isInFlight || (orders[slot].isLimitLike && orders[slot].role == .plain)
            if counts && orders[slot].id != id { sum &+= orders[slot].remaining &* orders[slot].direction }
            slot = orders[slot].next
        }
        return sum
    }

    /// Signed units for an order whose size is a share of equity or a strength, at a price.
    func sized(
        _ order: borrowing WorkingOrder, isTarget: Bool, at price: Int64
    ) throws(Fault) -> Int64 {
        var rate = 1.0
        if order.flags & WorkingOrder.sized != 0, case .percentOfEquity(let part) = sizing {
            rate = Double(part.rawValue) / 1e9
        }
        let budget = Double(books.equity.rawValue) * order.wanted.magnitude * rate
        let paid = estimatedPrice(order.instrument, order.wanted < 0 ? .sell : .buy, at: price)
        let magnitude = try units(worth: Int128(budget.rounded(.toNearestOrEven)), order.instrument, at: paid)
        let wanted = order.wanted < 0 ? -magnitude : magnitude
        return isTarget ? wanted &- expected(of: order.instrument, but: order.id) : wanted
    }

    /// The largest whole number of lots that cost no more than `budget` at a price, fee included.
    private func units(
        worth budget: Int128, _ instrument: InstrumentID, at price: Int64
    ) throws(Fault) -> Int64 {
        let step = listings[Int(instrument)].units.quantityStep
        func fits(_ lots: Int64) throws(Fault) -> Bool {
            let value = try worth(instrument, lots * step, at: price)
            return Int128(value) + Int128(try expectedFee(instrument, lots * step, at: price)) <= budget
        }
        guard budget > 0, try fits(1) else { return 0 }
        var low: Int64 = 1
        var high: Int64 = 2
        while high < Int64.max / 4 / step {
            guard try fits(high) else { break }
            low = high
            high *= 2
        }
        while low + 1 < high {
            let middle = low + (high - low) / 2
            if try fits(middle) { low = middle } else { high = middle }
        }
        return low * step
    }

    /// An order whose size is a share or a strength takes it again at the price that it fills at.
    mutating func resize(_ slot: Int32, at price: Int64) throws(Fault) -> Bool {
        if orders[slot].wanted.isNaN { return true }
        guard orders[slot].filled == 0, orders[slot].isInFlight, !orders[slot].isStop else { return true }
        let wanted = try sized(orders[slot], isTarget: orders[slot].isTarget, at: price)
        let step = listings[Int(orders[slot].instrument)].units.quantityStep
        let quantity = Int64(wanted.magnitude) / step * step
        guard quantity > 0, (wanted > 0) == orders[slot].isBuy else {
            end(slot, .cancelled, .roundsToZero)
            return false
        }
        orders[slot].quantity = quantity
        return true
    }
}
