package import CTapedeck
import Market

extension Portfolio {
    /// Ends an order that still works or waits, and what waits for it.
    package mutating func cancel(_ order: UInt64) -> td_status {
        guard order > 0, order < nextOrder else { return td_status(TD_E_INVALID) }
        let slot = orders.slot(of: order)
        guard slot >= 0 else { return td_status(TD_E_STALE) }
        if send(nil, to: order, slot) { return td_status(TD_OK) }
        end(slot, .cancelled, .byAuthor)
        settle()
        return td_status(TD_OK)
    }

    /// Changes quantity, prices and expiry of an order that works or waits; what the ticket leaves
    /// at zero stays as it is. Nothing changes where the new terms are refused.
    package mutating func replace(_ order: UInt64, with asked: td_order) -> Submission {
        guard order > 0, order < nextOrder else {
            return Submission(status: td_status(TD_E_INVALID), order: order, reason: .unknownOrder)
        }
        let slot = orders.slot(of: order)
        guard slot >= 0 else {
            return Submission(status: td_status(TD_E_STALE), order: order, reason: .unknownOrder)
        }
        if send(asked, to: order, slot) {
            return Submission(status: td_status(TD_OK), order: order, reason: .none)
        }
        return applyReplacement(order, slot, asked)
    }

    mutating func applyReplacement(_ order: UInt64, _ slot: Int32, _ asked: td_order) -> Submission
    {
        let before = OrderTerms(orders[slot])
        if let reason = change(slot, asked) {
            // A rule that the new terms broke may have ended the order itself.
            if orders.slot(of: order) == slot { before.restore(&orders[slot]) }
            return Submission(status: td_status(TD_E_REJECTED), order: order, reason: reason)
        }
        committed.replace(before.reserved, with: orders[slot].reserved)
        if !orders[slot].isHeld { orders[slot].state = .replaced }
        note(slot, .replaced)
        if orders[slot].hasChildren { replaceExits(of: slot, asked) }
        refreshBand(orders[slot].instrument)
        settle()
        return Submission(status: td_status(TD_OK), order: order, reason: .none)
    }

    private mutating func change(_ slot: Int32, _ asked: td_order) -> Reason? {
        if fault != nil { return .fault }
        if isDisabled { return .disabled }
        guard asked.quantity.isFinite, asked.limit.isFinite, asked.stop.isFinite,
            asked.trail.isFinite,
            asked.stop_loss.isFinite, asked.take_profit.isFinite, asked.trailing_stop.isFinite
        else { return .notFinite }
        if let reason = changeQuantity(slot, asked) { return reason }
        if let reason = changePrices(slot, asked) { return reason }
        if asked.expires != 0 {
            guard orders[slot].timeInForce == .gtd, asked.expires > now.rawValue else {
                return .badTimeInForce
            }
            orders[slot].expires = asked.expires
        }
        guard orders[slot].role == .plain else { return nil }
        if !orders[slot].isHeld, let reason = checkSide(slot) { return reason }
        let price = estimatedPrice(slot)
        if let reason = checkSize(slot, at: price) { return reason }
        let isMarketable = isMarketable(slot)
        if orders[slot].isPostOnly && isMarketable { return .wouldTrade }
        orders[slot].hasRested = orders[slot].hasRested && !isMarketable
        if let reason = checkRisk(slot, at: price) { return reason }
        return grant(slot, at: price)
    }

    private mutating func changeQuantity(_ slot: Int32, _ asked: td_order) -> Reason? {
        if asked.quantity == 0 { return nil }
        let units = listings[Int(orders[slot].instrument)].units
        guard let quantity = units.quantity(asked.quantity) else { return .overflow }
        guard (asked.quantity > 0) == orders[slot].isBuy else { return .badType }
        guard quantity > orders[slot].filled else { return .roundsToZero }
        orders[slot].quantity = quantity
        orders[slot].wanted = .nan
        return nil
    }

    private mutating func changePrices(_ slot: Int32, _ asked: td_order) -> Reason? {
        let units = listings[Int(orders[slot].instrument)].units
        let isBuy = orders[slot].isBuy
        if asked.limit != 0 {
            guard orders[slot].kind == .limit || orders[slot].kind == .stopLimit else {
                return .badType
            }
            orders[slot].limit = units.orderPrice(asked.limit, up: !isBuy)
            if orders[slot].limit == 0 { return .badPrice }
        }
        if asked.stop != 0 {
            guard orders[slot].isWaitingStop else { return .badType }
            orders[slot].stop = units.orderPrice(asked.stop, up: isBuy)
            if orders[slot].stop == 0 { return .badPrice }
        }
        if asked.trail != 0 {
            guard orders[slot].kind == .trailingStop && !orders[slot].isTriggered else {
                return .badType
            }
            orders[slot].trail = Ticket.trail(
                asked.trail, byShare: orders[slot].trailsByShare, units)
            if orders[slot].trail == 0 { return .badPrice }
        }
        return nil
    }

    /// Moves the exits that stand or wait beside an order.
    private mutating func replaceExits(of parent: Int32, _ asked: td_order) {
        let units = listings[Int(orders[parent].instrument)].units
        let isBuy = orders[parent].isBuy
        let first = orders[parent].id + 1
        for id in first..<first + Self.mostExits {
            let slot = orders.slot(of: id)
            guard slot >= 0, orders[slot].parent == orders[parent].id else { continue }
            let before = OrderTerms(orders[slot])
            switch orders[slot].role {
            case .stopLoss:
                orders[slot].stop = units.exitPrice(asked.stop_loss, up: !isBuy) ?? before.stop
            case .takeProfit:
                orders[slot].limit = units.exitPrice(asked.take_profit, up: isBuy) ?? before.limit
            case .trailingStop:
                let trail = Ticket.trail(
                    asked.trailing_stop, byShare: orders[slot].trailsByShare, units)
                if trail != 0 { orders[slot].trail = trail }
            case .plain: continue
            }
            if OrderTerms(orders[slot]) != before { note(slot, .replaced) }
        }
    }
}

/// What a replacement may change of an order.
private struct OrderTerms: Hashable {
    let quantity, limit, stop, trail, expires, reserved: Int64
    let wanted: UInt64
    let hasRested: Bool

    init(_ order: borrowing WorkingOrder) {
        quantity = order.quantity
        limit = order.limit
        stop = order.stop
        trail = order.trail
        expires = order.expires
        reserved = order.reserved
        wanted = order.wanted.bitPattern
        hasRested = order.hasRested
    }

    func restore(_ order: inout WorkingOrder) {
        order.quantity = quantity
        order.limit = limit
        order.stop = stop
        order.trail = trail
        order.expires = expires
        order.reserved = reserved
        order.wanted = Double(bitPattern: wanted)
        order.hasRested = hasRested
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
