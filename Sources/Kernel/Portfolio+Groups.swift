import Market

/// What a fill means for other orders: brackets, one-cancels-other, one-triggers-other, exits of a closed position.
extension Portfolio {
    /// The exits of a ticket have the numbers right after it.
    static let mostExits: UInt64 = 3

    mutating func follow(_ order: WorkingOrder, _ fill: PlannedFill, _ encounter: Encounter, closed: Bool) {
        if order.oco != 0 { endGroup(order.oco, but: order.id) }
        if order.role != .plain { reduceSiblings(of: order, by: fill.quantity) }
        if order.hasChildren { wakeChildren(of: order, fill, encounter) }
        if closed { endExits(order.instrument) }
    }

    private mutating func endGroup(_ group: UInt32, but id: UInt64) {
        forEachOrder(after: 0) { portfolio, slot in
            if portfolio.orders[slot].oco == group && portfolio.orders[slot].id != id {
                portfolio.end(slot, .cancelled, .siblingFilled)
            }
        }
    }

    /// One exit of a bracket filled: the others protect what is left, and what is left of the entry is off.
    private mutating func reduceSiblings(of order: WorkingOrder, by quantity: Int64) {
        let entry = orders.slot(of: order.parent)
        if entry >= 0 { end(entry, .cancelled, .positionClosed) }
        for id in order.parent + 1 ... order.parent + Self.mostExits where id != order.id {
            let slot = orders.slot(of: id)
            guard slot >= 0, orders[slot].parent == order.parent, orders[slot].role != .plain else { continue }
            guard orders[slot].remaining > quantity else {
                end(slot, .cancelled, .siblingFilled)
                continue
            }
            orders[slot].quantity -= quantity
            orders[slot].state = .replaced
            note(orders[slot], .replaced, .siblingFilled)
        }
    }

    /// A parent filled: its exits become live for what filled, other children when it is filled whole.
    private mutating func wakeChildren(of parent: WorkingOrder, _ fill: PlannedFill, _ encounter: Encounter) {
        let position = books.quantity(of: parent.instrument).rawValue
        forEachOrder(after: parent.id) { portfolio, slot in
            guard portfolio.orders[slot].parent == parent.id else { return }
            if portfolio.orders[slot].role == .plain {
                if parent.remaining == 0 && portfolio.orders[slot].isHeld {
                    portfolio.wake(slot, parent, encounter)
                }
                return
            }
            // The exits of what was only a way out have nothing to protect.
            guard position.signum() == parent.direction else {
                return portfolio.end(slot, .cancelled, .positionClosed)
            }
            portfolio.growExit(slot, parent, min(fill.quantity, Int64(position.magnitude)), fill.price, encounter)
        }
    }

    private mutating func growExit(
        _ slot: Int32, _ parent: WorkingOrder, _ quantity: Int64, _ price: Int64, _ encounter: Encounter
    ) {
        if !orders[slot].isHeld {
            orders[slot].quantity += quantity
            orders[slot].state = .replaced
            note(orders[slot], .replaced)
            return
        }
        orders[slot].quantity = quantity
        if orders[slot].role == .trailingStop {
            orders[slot].stop = orders[slot].trailingLevel(from: price, listings[Int(parent.instrument)].units)
        }
        wake(slot, parent, encounter)
    }

    /// A held order starts to work at the point of the path that its parent filled at.
    private mutating func wake(_ slot: Int32, _ parent: WorkingOrder, _ encounter: Encounter) {
        orders[slot].state = .accepted
        orders[slot].since = encounter.since
        orders[slot].turnPrice = encounter.price
        orders[slot].turnedAt = sequence
        if encounter.isLast || !worksInEntryBar(orders[slot], parent, encounter) { orders[slot].liveAfter = sequence }
        if orders[slot].role == .plain { reserve(slot) }
        note(orders[slot], .accepted)
        orders.activate(slot)
        refreshBand(orders[slot].instrument)
    }

    /// `entry_bar_exits`.
    private func worksInEntryBar(_ exit: WorkingOrder, _ parent: WorkingOrder, _ encounter: Encounter) -> Bool {
        switch settings.execution.entryBarExits {
        case .live: return true
        case .nextBar: return false
        case .marketOnly:
            if parent.isInFlight && !parent.isStop { return true }
            guard parent.kind == .stop, exit.role == .takeProfit else { return false }
            return !isStopTouched(of: parent, encounter)
        }
    }

    private func isStopTouched(of parent: WorkingOrder, _ encounter: Encounter) -> Bool {
        for id in parent.id + 1 ... parent.id + Self.mostExits {
            let slot = orders.slot(of: id)
            guard slot >= 0, orders[slot].parent == parent.id, orders[slot].isStop else { continue }
            if parent.isBuy ? encounter.low <= orders[slot].stop : encounter.high >= orders[slot].stop { return true }
        }
        return false
    }

    /// A position came to its end: what could only reduce it has nothing left to do.
    mutating func endExits(_ instrument: InstrumentID) {
        var slot = orders.first(of: instrument)
        while slot >= 0 {
            let id = orders[slot].id
            if orders[slot].reducesOnly && !reduces(orders[slot]) { end(slot, .cancelled, .positionClosed) }
            slot = orders.next(after: id, in: slot, of: instrument)
        }
    }

    /// The parent ended: what still waits for it will never start.
    mutating func endChildren(of parent: UInt64) {
        forEachOrder(after: parent) { portfolio, slot in
            if portfolio.orders[slot].parent == parent && portfolio.orders[slot].isHeld {
                portfolio.end(slot, .cancelled, .parentEnded)
            }
        }
    }

    /// Visits all orders sent after one, held ones included, in the order sent.
    mutating func forEachOrder(after id: UInt64, _ visit: (inout Portfolio, Int32) -> Void) {
        var place = orders.placeAfter(id)
        while place < orders.count {
            let slot = orders.slot(at: place)
            let here = orders[slot].id
            visit(&self, slot)
            place = orders.placeAfter(here)
        }
    }
}
