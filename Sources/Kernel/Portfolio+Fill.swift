import CTapedeck
import Market

extension Portfolio {
    /// Fills an order that met a price, as far as its kind, the position, the volume and the cash
    /// allow.
    /// - Returns: how much was filled.
    @discardableResult mutating func execute(_ slot: Int32, _ encounter: Encounter) -> Int64 {
        guard fault == nil else { return 0 }
        do throws(Fault) {
            guard try resize(slot, at: encounter.price), var fill = allowed(slot, encounter) else {
                return 0
            }
            var costs = try costs(slot, fill.quantity, encounter)
            let paid = try affordable(slot, fill.quantity, costs)
            if paid < fill.quantity {
                guard paid > 0 && orders[slot].timeInForce != .fok else {
                    end(slot, .cancelled, .buyingPower)
                    return 0
                }
                fill.quantity = paid
                fill.ending = .buyingPower
                costs = try self.costs(slot, paid, encounter)
            }
            fill.price = costs.price
            try book(slot, fill, costs, encounter)
            return fill.quantity
        } catch {
            books.fault = error
            return 0
        }
    }

    /// Books a fill and says what became of the order.
    private mutating func book(
        _ slot: Int32, _ fill: PlannedFill, _ costs: FillCosts, _ encounter: Encounter
    ) throws(Fault) {
        let instrument = orders[slot].instrument
        let quantity = Quantity(fill.quantity &* orders[slot].direction)
        let isMaker = orders[slot].isLimitLike && !encounter.takes
        let reason = orders[slot].reason(reducing: held(against: orders[slot].side, instrument) > 0)
        let fee =
            commissions.hasTiers(instrument) && !encounter.isFree
            ? try commissions.charge(
                instrument, quantity, at: Price(fill.price), isMaker: isMaker,
                // A bar that closes with the month belongs to it.
                time: Timestamp(nanoseconds: now.rawValue &- 1))
            : costs.fee
        let counts = recordCounts
        let outcome = books.apply(
            Execution(
                instrument: instrument, quantity: quantity, price: Price(fill.price), fee: fee,
                sequence: sequence, time: now, reason: reason),
            &records)
        if let fault { throw fault }
        if execution.volumeLimit != nil && encounter.shown == nil {
            listings[Int(instrument)].liquidity -= fill.quantity
        }
        release(slot, filling: fill.quantity)
        orders[slot].filled += fill.quantity
        var record = FillRecord(
            order: orders[slot].id, tag: orders[slot].tag, sequence: sequence, time: now,
            quantity: quantity,
            price: Price(fill.price), cash: outcome.cash, fee: outcome.fee,
            realised: outcome.realised,
            cashAfter: outcome.cashAfter, positionAfter: outcome.positionAfter,
            instrument: instrument,
            reason: reason, isMaker: isMaker, isAmbiguous: encounter.isAmbiguous)
        record.rate = books.rateToBase(of: instrument)
        note(record)
        digestBooks(since: counts)
        tellRisk(instrument, opened: outcome.opened)
        finish(slot, fill, encounter, closed: outcome.closed)
    }

    /// How much of an order fills, and at what price.
    struct PlannedFill {
        var quantity: Int64
        var price: Int64 = 0
        /// Why what remains after this fill is cancelled; nil where it goes on working.
        var ending: Reason?
    }

    /// What the position and the volume leave of an order; nil where that is nothing, which has
    /// then been dealt with.
    private mutating func allowed(_ slot: Int32, _ encounter: Encounter) -> PlannedFill? {
        var plan = PlannedFill(quantity: orders[slot].remaining, price: encounter.price)
        let held = held(against: orders[slot].side, orders[slot].instrument)
        if plan.quantity > held {
            if orders[slot].reducesOnly {
                guard held > 0 else {
                    end(slot, .cancelled, .positionClosed)
                    return nil
                }
                plan.quantity = held
                orders[slot].quantity = orders[slot].filled + held
            } else if !allowsShort && !orders[slot].isBuy {
                guard held > 0 && orders[slot].timeInForce != .fok else {
                    end(slot, .cancelled, .shortNotAllowed)
                    return nil
                }
                plan.quantity = held
                plan.ending = .shortNotAllowed
            }
        }
        if let shown = encounter.shown {
            let step = listings[Int(orders[slot].instrument)].units.quantityStep
            plan.quantity = min(plan.quantity, shown / step * step)
            return plan.quantity > 0 ? plan : nil
        }
        return execution.volumeLimit == nil || supply(slot, &plan) ? plan : nil
    }

    /// Cuts a fill to the volume that is left.
    /// - Returns: whether anything is left of it.
    private mutating func supply(_ slot: Int32, _ plan: inout PlannedFill) -> Bool {
        let place = Int(orders[slot].instrument)
        let step = listings[place].units.quantityStep
        let available = listings[place].liquidity / step * step
        guard plan.quantity > available else { return true }
        let force = orders[slot].timeInForce
        if force == .fok || (available == 0 && force == .ioc) {
            end(slot, .cancelled, .notEnoughVolume)
            return false
        }
        guard available > 0 else {
            postpone(slot)
            return false
        }
        plan.quantity = available
        if force == .ioc { plan.ending = .notEnoughVolume }
        return true
    }

    /// There is nothing left to take in this event: the order waits for the next, a stop as what it
    /// has become.
    private mutating func postpone(_ slot: Int32) {
        orders[slot].liveAfter = sequence
        guard orders[slot].isWaitingStop else { return }
        orders[slot].isTriggered = true
        orders[slot].state = .triggered
        note(slot, .triggered)
    }

    /// Says what became of the order and of those that depend on it.
    private mutating func finish(
        _ slot: Int32, _ fill: PlannedFill, _ encounter: Encounter, closed: Bool
    ) {
        if orders[slot].isWaitingStop { orders[slot].isTriggered = true }
        if orders[slot].remaining == 0 {
            filledOrders.insert(orders[slot].id)
            note(slot, .filled)
            // Those that depend on it are looked at while it is still there to be asked.
            orders.unlink(slot)
        } else {
            // What is left found no more to take in this event.
            orders[slot].liveAfter = sequence
            orders[slot].state = .partlyFilled
            note(slot, .partlyFilled)
        }
        follow(slot, fill, encounter, closed: closed)
        if orders[slot].remaining == 0 {
            discard(slot)
        } else if let ending = fill.ending, orders[slot].isLinked {
            end(slot, .cancelled, ending)
        }
    }

    /// Ends an order that was not filled whole, and what waited for it.
    mutating func end(_ slot: Int32, _ state: OrderState, _ reason: Reason) {
        release(slot, filling: orders[slot].remaining)
        note(slot, state, reason)
        let parent = orders[slot].hasChildren ? orders[slot].id : 0
        discard(slot)
        if parent != 0 { endChildren(of: parent) }
    }

    private mutating func discard(_ slot: Int32) {
        let instrument = orders[slot].instrument
        orders.remove(slot)
        refreshBand(instrument)
    }
}
