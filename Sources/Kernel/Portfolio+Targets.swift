import CTapedeck
import Market

/// From what a ticket measures its size in to a side, prices and a quantity.
extension Portfolio {
    mutating func resolve(
        _ ticket: inout Ticket, _ slot: Int32, _ asked: td_order, _ units: OrderUnits
    ) -> Reason? {
        let instrument = orders[slot].instrument
        do throws(Fault) {
            switch ticket.measure {
            case .quantity:
                setSize(slot, ticket.units)
                return ticket.readPrices(asked, into: &orders[slot], units)
            case .target: setSize(slot, ticket.units &- expected(of: instrument))
            case .strength:
                orders[slot].side = asked.quantity < 0 ? -1 : 1
                if let reason = ticket.readPrices(asked, into: &orders[slot], units) {
                    return reason
                }
                orders[slot].plannedStop = ticket.exits.stopLoss
                return try setSized(slot, at: estimatedPrice(slot))
            case .share, .strengthOfTarget:
                orders[slot].isTarget = true
                orders[slot].plannedStop = units.price(asked.stop_loss, up: false) ?? 0
                let mark = books.mark(of: instrument).rawValue
                let side = asked.quantity < 0 ? Side.sell : .buy
                let price = estimatedPrice(instrument, side, at: mark)
                if let reason = try setSized(slot, at: price) { return reason }
            }
        } catch {
            return .overflow
        }
        return orders[slot].quantity == 0
            ? nil : ticket.readPrices(asked, into: &orders[slot], units)
    }

    private mutating func setSize(_ slot: Int32, _ wanted: Int64) {
        let step = listings[Int(orders[slot].instrument)].units.quantityStep
        orders[slot].side = wanted < 0 ? -1 : 1
        orders[slot].quantity = Int64(clamping: wanted.magnitude) / step * step
    }

    private mutating func setSized(_ slot: Int32, at price: Int64) throws(Fault) -> Reason? {
        if price == 0 { return .noPrice }
        switch try sized(slot, at: price) {
        case .units(let wanted): setSize(slot, wanted)
        case .refused(let reason): return reason
        }
        return nil
    }

    /// The position that will be there when all orders in flight and all limits have filled.
    func expected(of instrument: InstrumentID, but id: UInt64 = 0) -> Int64 {
        books.quantity(of: instrument).rawValue &+ pending(of: instrument, but: id)
    }

    /// Signed units that working orders will change the position by, exits left out.
    @inline(__always)
    func pending(of instrument: InstrumentID, but id: UInt64 = 0) -> Int64 {
        var sum: Int64 = 0
        var slot = orders.first(of: instrument)
        while slot >= 0 {
            let counts =
                orders[slot].isInFlight || (orders[slot].isLimitLike && orders[slot].role == .plain)
            if counts && orders[slot].id != id {
                sum &+= orders[slot].remaining &* orders[slot].direction
            }
            slot = orders[slot].next
        }
        return sum
    }

    /// What a share of equity or a strength comes to.
    private enum Sized {
        /// Signed units of the order.
        case units(Int64)
        case refused(Reason)
    }

    /// The size of an order that a share or a strength stands for, at the price that it would pay.
    private func sized(_ slot: Int32, at price: Int64) throws(Fault) -> Sized {
        let instrument = orders[slot].instrument
        let strength = orders[slot].wanted
        var wanted: Int64
        if orders[slot].flags & WorkingOrder.sized == 0 {
            let budget = (Double(books.equity.rawValue) * strength.magnitude).rounded(
                .toNearestOrEven)
            guard budget.magnitude <= Double(Books.largestAmount) else { throw .overflow }
            wanted = try units(worth: Int128(budget), instrument, at: price)
        } else {
            let stop = orders[slot].plannedStop
            let size = sizer.size(
                strength.magnitude, of: instrument, at: Price(price),
                stop: stop == 0 ? nil : Price(stop), books,
                statistics)
            switch size {
            case .budget(let money):
                wanted = try units(worth: Int128(money.rawValue), instrument, at: price)
            case .units(let units): wanted = units.rawValue
            case .refused(let reason): return .refused(reason)
            }
        }
        if strength < 0 { wanted = -wanted }
        let id = orders[slot].id
        if orders[slot].isTarget { wanted &-= expected(of: instrument, but: id) }
        if orders[slot].flags & WorkingOrder.sized != 0 {
            wanted =
                risk.cut(
                    Quantity(wanted), of: instrument, at: Price(price),
                    pending: Quantity(pending(of: instrument, but: id)), books
                ).rawValue
        }
        return .units(wanted)
    }

    /// The largest whole number of lots that cost no more than `budget` at a price, fee included.
    private func units(
        worth budget: Int128, _ instrument: InstrumentID, at price: Int64
    ) throws(Fault) -> Int64 {
        let step = listings[Int(instrument)].units.quantityStep
        let one = try cost(step, instrument, at: price)
        guard price != 0, budget > 0, one <= budget else { return 0 }
        // What one lot costs alone says where to begin; a least fee, or the rounding of what a
        // small lot costs, makes it too much or too little.
        var low: Int64 = 0
        var high = Int64(clamping: budget / max(1, one))
        while costs(high, times: step, instrument, at: price, noMoreThan: budget) {
            low = high
            guard high < Int64.max / 4 / step else { break }
            high *= 2
        }
        while low + 1 < high {
            let middle = low + (high - low) / 2
            if costs(middle, times: step, instrument, at: price, noMoreThan: budget) {
                low = middle
            } else {
                high = middle
            }
        }
        return low * step
    }

    /// What cannot be counted costs more than any budget.
    private func costs(
        _ lots: Int64, times step: Int64, _ instrument: InstrumentID, at price: Int64,
        noMoreThan budget: Int128
    ) -> Bool {
        let (quantity, overflow) = lots.multipliedReportingOverflow(by: step)
        if overflow { return false }
        do throws(Fault) {
            return try cost(quantity, instrument, at: price) <= budget
        } catch {
            return false
        }
    }

    private func cost(
        _ quantity: Int64, _ instrument: InstrumentID, at price: Int64
    ) throws(Fault) -> Int128 {
        let fee = try expectedFee(instrument, quantity, at: price)
        return Int128(try worth(instrument, quantity, at: price)) + Int128(fee)
    }

    /// An order whose size is a share or a strength takes it again at the price that it fills at.
    /// - Returns: whether anything is left of it.
    mutating func resize(_ slot: Int32, at price: Int64) throws(Fault) -> Bool {
        if orders[slot].wanted.isNaN { return true }
        guard orders[slot].filled == 0, orders[slot].isInFlight, !orders[slot].isStop else {
            return true
        }
        let side = orders[slot].side
        let paid = estimatedPrice(orders[slot].instrument, side > 0 ? .buy : .sell, at: price)
        let refusal = try setSized(slot, at: paid)
        if refusal == nil && orders[slot].quantity > 0 && orders[slot].side == side { return true }
        orders[slot].side = side
        end(slot, .cancelled, refusal ?? .roundsToZero)
        return false
    }
}
