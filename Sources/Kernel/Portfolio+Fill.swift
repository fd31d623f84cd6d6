import CTapedeck
import Market

extension Portfolio {
    /// Fills an order that met a price, as far as its kind, the position, the volume and the cash allow.
    mutating func execute(_ slot: Int32, _ encounter: Encounter) {
        guard fault == nil else { return }
        do throws(Fault) {
            guard resize(slot, at: encounter.price), var fill = allowed(slot, encounter) else { return }
            let order = orders[slot]
            var costs = try costs(order, fill.quantity, encounter)
            let paid = affordable(order, fill.quantity, costs)
            if paid < fill.quantity {
                guard paid > 0 && order.timeInForce != .fok else { return end(slot, .cancelled, .buyingPower) }
                fill.quantity = paid
                fill.ending = .buyingPower
                costs = try self.costs(order, paid, encounter)
            }
            fill.price = costs.price
            try book(slot, fill, encounter)
        } catch {
            books.fault = error
        }
    }

    /// Books a fill and says what became of the order.
    private mutating func book(_ slot: Int32, _ fill: PlannedFill, _ encounter: Encounter) throws(Fault) {
        let order = orders[slot]
        let quantity = Quantity(fill.quantity &* order.direction)
        let isMaker = order.isLimitLike && !encounter.takes
        let reason = order.reason(reducing: reduces(order))
        let fee = try commissions.charge(
            order.instrument, quantity, at: Price(fill.price), isMaker: isMaker, time: now)
        let counts = recordCounts
        let outcome = books.apply(
            Execution(
                instrument: order.instrument, quantity: quantity, price: Price(fill.price), fee: fee,
                sequence: sequence, time: now, reason: reason),
            &records)
        if let fault { throw fault }
        if settings.execution.volumeLimit != nil { listings[Int(order.instrument)].liquidity -= fill.quantity }
        release(slot, filling: fill.quantity)
        orders[slot].filled += fill.quantity
        note(FillRecord(
            order: order.id, tag: order.tag, sequence: sequence, time: now, quantity: quantity,
            price: Price(fill.price), cash: outcome.cash, fee: outcome.fee, realised: outcome.realised,
            cashAfter: outcome.cashAfter, positionAfter: outcome.positionAfter, instrument: order.instrument,
            reason: reason, isMaker: isMaker, isAmbiguous: encounter.isAmbiguous))
        digestBooks(since: counts)
        finish(slot, fill, encounter, closed: outcome.closed)
    }

    /// How much of an order fills, and at what price.
    struct PlannedFill {
        var quantity: Int64
        var price: Int64 = 0
        /// Why what remains after this fill is cancelled; nil where it goes on working.
        var ending: Reason?
    }

    /// What the position and the volume leave of an order; nil where that is nothing, which has then been dealt
    /// with.
    private mutating func allowed(_ slot: Int32, _ encounter: Encounter) -> PlannedFill? {
        let order = orders[slot]
        let position = books.quantity(of: order.instrument).rawValue
        var plan = PlannedFill(quantity: order.remaining, price: encounter.price)
        let held = order.isBuy ? max(0, -position) : max(0, position)
        if order.reducesOnly && plan.quantity > held {
            guard held > 0 else {
                end(slot, .cancelled, .positionClosed)
                return nil
            }
            plan.quantity = held
            orders[slot].quantity = order.filled + held
        }
        if !settings.allowShort && !order.isBuy && plan.quantity > held {
            guard held > 0 && order.timeInForce != .fok else {
                end(slot, .cancelled, .shortNotAllowed)
                return nil
            }
            plan.quantity = held
            plan.ending = .shortNotAllowed
        }
        let listing = listings[Int(order.instrument)]
        let available = listing.liquidity == .max
            ? .max : listing.liquidity - listing.liquidity % listing.units.quantityStep
        if plan.quantity > available {
            if order.timeInForce == .fok || (available == 0 && order.timeInForce == .ioc) {
                end(slot, .cancelled, .notEnoughVolume)
                return nil
            }
            guard available > 0 else {
                postpone(slot)
                return nil
            }
            plan.quantity = available
            if order.timeInForce == .ioc { plan.ending = .notEnoughVolume }
        }
        return plan
    }

    /// There is nothing left to take in this event: the order waits for the next, a stop as what it has become.
    private mutating func postpone(_ slot: Int32) {
        orders[slot].liveAfter = sequence
        guard orders[slot].isWaitingStop else { return }
        orders[slot].isTriggered = true
        orders[slot].state = .triggered
        note(orders[slot], .triggered)
    }

    /// Says what became of the order and of those that depend on it.
    private mutating func finish(_ slot: Int32, _ fill: PlannedFill, _ encounter: Encounter, closed: Bool) {
        if orders[slot].isWaitingStop { orders[slot].isTriggered = true }
        let order = orders[slot]
        if order.remaining == 0 {
            filledOrders.insert(order.id)
            note(order, .filled)
            discard(slot)
        } else {
            // What is left found no more to take in this event.
            orders[slot].liveAfter = sequence
            orders[slot].state = .partlyFilled
            note(orders[slot], .partlyFilled)
        }
        follow(order, fill, encounter, closed: closed)
        if order.remaining > 0, let ending = fill.ending {
            let remaining = orders.slot(of: order.id)
            if remaining >= 0 { end(remaining, .cancelled, ending) }
        }
    }

    /// Ends an order that was not filled whole, and what waited for it.
    mutating func end(_ slot: Int32, _ state: OrderState, _ reason: Reason) {
        release(slot, filling: orders[slot].remaining)
        let order = orders[slot]
        note(order, state, reason)
        discard(slot)
        if order.hasChildren { endChildren(of: order.id) }
    }

    private mutating func discard(_ slot: Int32) {
        let instrument = orders[slot].instrument
        orders.remove(slot)
        refreshBand(instrument)
    }
}
