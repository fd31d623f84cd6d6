import Market

/// What a fill means for other orders: brackets, one-cancels-other, one-triggers-other, exits of a
/// closed position.
extension Portfolio {
    /// The exits of a ticket have the numbers right after it.
    static let mostExits: UInt64 = 3

    mutating func follow(_ slot: Int32, _ fill: PlannedFill, _ encounter: Encounter, closed: Bool) {
        if orders[slot].oco != 0 { endGroup(orders[slot].oco, but: orders[slot].id) }
        if orders[slot].role != .plain { reduceSiblings(of: slot, by: fill.quantity) }
        if orders[slot].hasChildren { wakeChildren(of: slot, fill, encounter) }
        if closed { endExits(orders[slot].instrument) }
    }

    private mutating func endGroup(_ group: UInt32, but id: UInt64) {
        forEachOrder(after: 0) { portfolio, slot in
            if portfolio.orders[slot].oco == group && portfolio.orders[slot].id != id {
                portfolio.end(slot, .cancelled, .siblingFilled)
            }
        }
    }

    /// One exit of a bracket filled: the others protect what is left, and what is left of the entry
    /// is off.
    private mutating func reduceSiblings(of exit: Int32, by quantity: Int64) {
        let parent = orders[exit].parent
        let entry = orders.slot(of: parent)
        if entry >= 0 { end(entry, .cancelled, .positionClosed) }
        for id in parent + 1...parent + Self.mostExits where id != orders[exit].id {
            let slot = orders.slot(of: id)
            guard slot >= 0, orders[slot].parent == parent, orders[slot].role != .plain else {
                continue
            }
            guard orders[slot].remaining > quantity else {
                end(slot, .cancelled, .siblingFilled)
                continue
            }
            orders[slot].quantity -= quantity
            orders[slot].state = .replaced
            note(slot, .replaced, .siblingFilled)
        }
    }

    /// A parent filled: its exits become live for what filled, other children when it is filled
    /// whole.
    private mutating func wakeChildren(
        of parent: Int32, _ fill: PlannedFill, _ encounter: Encounter
    ) {
        let position = books.quantity(of: orders[parent].instrument).rawValue
        let id = orders[parent].id
        forEachOrder(after: id) { portfolio, slot in
            guard portfolio.orders[slot].parent == id else { return }
            if portfolio.orders[slot].role == .plain {
                if portfolio.orders[parent].remaining == 0 && portfolio.orders[slot].isHeld {
                    portfolio.wake(slot, parent, encounter)
                }
                return
            }
            // The exits of what was only a way out have nothing to protect.
            guard position.signum() == portfolio.orders[parent].direction else {
                return portfolio.end(slot, .cancelled, .positionClosed)
            }
            portfolio.growExit(
                slot, parent, min(fill.quantity, Int64(position.magnitude)), fill.price, encounter)
        }
    }

    private mutating func growExit(
        _ slot: Int32, _ parent: Int32, _ quantity: Int64, _ price: Int64, _ encounter: Encounter
    ) {
        if !orders[slot].isHeld {
            orders[slot].quantity += quantity
            orders[slot].state = .replaced
            note(slot, .replaced)
            return
        }
        orders[slot].quantity = quantity
        if orders[slot].role == .trailingStop {
            let units = listings[Int(orders[slot].instrument)].units
            orders[slot].stop = orders[slot].trailingLevel(from: price, units)
        }
        wake(slot, parent, encounter)
    }

    /// A held order starts to work at the point of the path that its parent filled at.
    private mutating func wake(_ slot: Int32, _ parent: Int32, _ encounter: Encounter) {
        orders[slot].state = .accepted
        orders[slot].since = encounter.since
        orders[slot].turnPrice = encounter.price
        orders[slot].turnedAt = sequence
        if encounter.isLast || !worksInEntryBar(slot, parent, encounter) {
            orders[slot].liveAfter = sequence
        }
        if orders[slot].role == .plain { reserve(slot) }
        note(slot, .accepted)
        orders.activate(slot)
        refreshBand(orders[slot].instrument)
    }

    /// `entry_bar_exits`.
    private func worksInEntryBar(_ exit: Int32, _ parent: Int32, _ encounter: Encounter) -> Bool {
        switch execution.entryBarExits {
        case .live: return true
        case .nextBar: return false
        case .marketOnly:
            if orders[parent].isInFlight && !orders[parent].isStop { return true }
            guard orders[parent].kind == .stop, orders[exit].role == .takeProfit else {
                return false
            }
            return !isStopTouched(of: parent, encounter)
        }
    }

    private func isStopTouched(of parent: Int32, _ encounter: Encounter) -> Bool {
        let id = orders[parent].id
        for exit in id + 1...id + Self.mostExits {
            let slot = orders.slot(of: exit)
            guard slot >= 0, orders[slot].parent == id, orders[slot].isStop else { continue }
            let stop = orders[slot].stop
            if orders[parent].isBuy ? encounter.low <= stop : encounter.high >= stop { return true }
        }
        return false
    }

    /// A position came to its end: what could only reduce it has nothing left to do.
    mutating func endExits(_ instrument: InstrumentID) {
        var slot = orders.first(of: instrument)
        while slot >= 0 {
            let id = orders[slot].id
            if orders[slot].reducesOnly && held(against: orders[slot].side, instrument) == 0 {
                end(slot, .cancelled, .positionClosed)
            }
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
