import CTapedeck
import Market

/// From what a ticket measures its size in to a side and a quantity.
extension Portfolio {
    func resolve(_ ticket: inout Ticket, _ asked: td_order) -> Reason? {
        let instrument = ticket.order.instrument
        let wanted: Int64
        switch ticket.measure {
        case .quantity: wanted = ticket.units
        case .target: wanted = ticket.units &- expected(of: instrument)
        case .share, .strength, .strengthOfTarget:
            let mark = books.mark(of: instrument).rawValue
            guard mark != 0 else { return .noPrice }
            ticket.order.side = ticket.order.wanted < 0 ? -1 : 1
            wanted = sized(ticket.order, isTarget: ticket.measure != .strength, at: mark)
            ticket.order.isTarget = ticket.measure != .strength
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
    func sized(_ order: WorkingOrder, isTarget: Bool, at price: Int64) -> Int64 {
        var probe = order
        probe.side = order.wanted < 0 ? -1 : 1
        let share = order.wanted.magnitude
        var rate = 1.0
        if order.flags & WorkingOrder.sized != 0, case .percentOfEquity(let part) = settings.sizing {
            rate = Double(part.rawValue) / 1e9
        }
        let budget = Double(books.equity.rawValue) * share * rate
        let magnitude = units(worth: Int128(budget.rounded(.toNearestOrEven)), probe, at: price)
        let wanted = order.wanted < 0 ? -magnitude : magnitude
        return isTarget ? wanted &- expected(of: order.instrument, but: order.id) : wanted
    }

    /// The largest whole number of lots that cost no more than `budget` at a price, slippage and fee included.
    func units(worth budget: Int128, _ order: WorkingOrder, at price: Int64) -> Int64 {
        let step = listings[Int(order.instrument)].units.quantityStep
        let paid = estimatedPrice(order, at: price)
        func fits(_ lots: Int64) -> Bool {
            guard let value = worth(order.instrument, lots * step, at: paid),
                let fee = expectedFee(order.instrument, lots * step, at: paid)
            else { return false }
            return value + fee <= budget
        }
        guard budget > 0, fits(1) else { return 0 }
        var low: Int64 = 1
        var high: Int64 = 2
        while high < Int64.max / 4 / step && fits(high) {
            low = high
            high *= 2
        }
        while low + 1 < high {
            let middle = low + (high - low) / 2
            if fits(middle) { low = middle } else { high = middle }
        }
        return low * step
    }

    /// An order whose size is a share or a strength takes it again at the price that it fills at.
    mutating func resize(_ slot: Int32, at price: Int64) -> Bool {
        let order = orders[slot]
        guard !order.wanted.isNaN, order.filled == 0, order.isInFlight, !order.isStop else { return true }
        let wanted = sized(order, isTarget: order.isTarget, at: price)
        let step = listings[Int(order.instrument)].units.quantityStep
        let quantity = Int64(wanted.magnitude) / step * step
        guard quantity > 0, wanted < 0 ? !order.isBuy : order.isBuy else {
            end(slot, .cancelled, .roundsToZero)
            return false
        }
        orders[slot].quantity = quantity
        return true
    }
}
