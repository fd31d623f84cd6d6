package import CTapedeck
import Market

extension Portfolio {
    /// Ends an order that still works or waits, and what waits for it.
    package mutating func cancel(_ order: UInt64) -> td_status {
        guard order > 0, order < nextOrder else { return td_status(TD_E_INVALID) }
        let slot = orders.slot(of: order)
        guard slot >= 0 else { return td_status(TD_E_STALE) }
        end(slot, .cancelled, .byAuthor)
        refreshDeadline()
        return td_status(TD_OK)
    }

    /// Changes quantity, prices and expiry of an order that works or waits; what the ticket leaves at zero stays as
    /// it is. Nothing changes where the new terms are refused.
    package mutating func replace(_ order: UInt64, with asked: td_order) -> Submission {
        guard order > 0, order < nextOrder else {
            return Submission(status: td_status(TD_E_INVALID), order: order, reason: .unknownOrder)
        }
        let slot = orders.slot(of: order)
        guard slot >= 0 else {
            return Submission(status: td_status(TD_E_STALE), order: order, reason: .unknownOrder)
        }
        var changed = orders[slot]
        if let reason = change(&changed, asked) {
            return Submission(status: td_status(TD_E_REJECTED), order: order, reason: reason)
        }
        committed.replace(orders[slot].reserved, with: changed.reserved)
        changed.state = changed.isHeld ? .held : .replaced
        orders[slot] = changed
        note(changed, .replaced)
        replaceExits(of: changed, asked)
        refreshBand(changed.instrument)
        refreshDeadline()
        return Submission(status: td_status(TD_OK), order: order, reason: .none)
    }

    private mutating func change(_ order: inout WorkingOrder, _ asked: td_order) -> Reason? {
        if fault != nil { return .fault }
        if isDisabled { return .disabled }
        guard asked.quantity.isFinite, asked.limit.isFinite, asked.stop.isFinite, asked.trail.isFinite,
            asked.stop_loss.isFinite, asked.take_profit.isFinite, asked.trailing_stop.isFinite
        else { return .notFinite }
        if let reason = changeQuantity(&order, asked) ?? changePrices(&order, asked) { return reason }
        if asked.expires != 0 {
            guard order.timeInForce == .gtd, asked.expires > now.rawValue else { return .badTimeInForce }
            order.expires = asked.expires
        }
        guard order.role == .plain else { return nil }
        let price = estimatedPrice(order)
        let instrument = instruments[Int(order.instrument)]
        if !instrument.meetsMinimumNotional(Quantity(order.quantity), at: Price(price)) { return .belowMinimum }
        if order.isPostOnly && isMarketable(order) { return .wouldTrade }
        order.hasRested = order.hasRested && !isMarketable(order)
        return regrant(&order, at: price)
    }

    /// Asks for buying power anew, with what the order had given back first.
    private mutating func regrant(_ order: inout WorkingOrder, at price: Int64) -> Reason? {
        let before = order.reserved
        committed.replace(before, with: 0)
        let reason = grant(&order, at: price)
        committed.replace(0, with: before)
        return reason
    }

    private func changeQuantity(_ order: inout WorkingOrder, _ asked: td_order) -> Reason? {
        if asked.quantity == 0 { return nil }
        let units = listings[Int(order.instrument)].units
        guard let quantity = units.quantity(asked.quantity) else { return .overflow }
        guard (asked.quantity > 0) == order.isBuy else { return .badType }
        guard quantity > order.filled else { return .roundsToZero }
        if !order.isBuy && !settings.allowShort && !order.reducesOnly && !order.isHeld {
            let others = books.quantity(of: order.instrument).rawValue &+ flight(of: order.instrument, but: order.id)
            if others < quantity - order.filled { return .shortNotAllowed }
        }
        order.quantity = quantity
        order.wanted = .nan
        return nil
    }

    private func changePrices(_ order: inout WorkingOrder, _ asked: td_order) -> Reason? {
        let units = listings[Int(order.instrument)].units
        if asked.limit != 0 {
            guard order.kind == .limit || order.kind == .stopLimit else { return .badType }
            order.limit = units.orderPrice(asked.limit, up: !order.isBuy)
            if order.limit == 0 { return .badPrice }
        }
        if asked.stop != 0 {
            guard order.isWaitingStop else { return .badType }
            order.stop = units.orderPrice(asked.stop, up: order.isBuy)
            if order.stop == 0 { return .badPrice }
        }
        if asked.trail != 0 {
            guard order.kind == .trailingStop && !order.isTriggered else { return .badType }
            order.trail = Ticket.trail(asked.trail, byShare: order.trailsByShare, units)
            if order.trail == 0 { return .badPrice }
        }
        return nil
    }

    /// Moves the exits that stand or wait beside an order.
    private mutating func replaceExits(of parent: WorkingOrder, _ asked: td_order) {
        guard parent.hasChildren else { return }
        let units = listings[Int(parent.instrument)].units
        for id in parent.id + 1 ... parent.id + Self.mostExits {
            let slot = orders.slot(of: id)
            guard slot >= 0, orders[slot].parent == parent.id else { continue }
            var exit = orders[slot]
            switch exit.role {
            case .stopLoss: exit.stop = units.exitPrice(asked.stop_loss, up: !parent.isBuy) ?? exit.stop
            case .takeProfit: exit.limit = units.exitPrice(asked.take_profit, up: parent.isBuy) ?? exit.limit
            case .trailingStop:
                let trail = Ticket.trail(asked.trailing_stop, byShare: exit.trailsByShare, units)
                if trail != 0 { exit.trail = trail }
            case .plain: continue
            }
            if exit.stop == orders[slot].stop && exit.limit == orders[slot].limit && exit.trail == orders[slot].trail {
                continue
            }
            orders[slot] = exit
            note(exit, .replaced)
        }
    }
}

extension OrderUnits {
    /// A new price for an exit; nil to leave it.
    func exitPrice(_ value: Double, up: Bool) -> Int64? {
        if value == 0 { return nil }
        let price = orderPrice(value, up: up)
        return price == 0 ? nil : price
    }
}
