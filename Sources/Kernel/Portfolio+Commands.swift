package import CTapedeck
import Market

/// What an operator can tell one portfolio; the codes of `td_command.kind`.
package enum Command: UInt32, Hashable, Sendable, CaseIterable {
    /// No new positions; what reduces one is still accepted.
    case pause = 1
    /// Undoes a pause, and what disabled it.
    case resume
    /// Cancels every order and closes every position.
    case flatten
    /// Flattens, and accepts nothing any more.
    case kill
    /// A limit over all slots is broken: no new positions until it lets go. A pause of one's own is
    /// another thing.
    case hold = 16
    case letGo
}

extension Portfolio {
    /// Does what an operator wants. Kinds that concern the slot and not its portfolio are left to
    /// it.
    package mutating func command(_ command: td_command) {
        guard fault == nil, let kind = Command(rawValue: command.kind) else { return }
        switch kind {
        case .pause:
            isPaused = true
            resumesNextSession = false
        case .resume:
            isPaused = false
            isDisabled = false
            resumesNextSession = false
        case .flatten: flatten(because: command.cause)
        case .kill: disable(because: command.cause)
        case .hold: isHeldBack = true
        case .letGo: isHeldBack = false
        }
    }

    /// Ends trading: flattens, and accepts nothing any more.
    mutating func disable(because cause: Reason) {
        flatten(because: cause)
        isDisabled = true
    }

    /// Cancels every order and sends market orders that close every position.
    mutating func flatten(because cause: Reason) {
        forEachOrder(after: 0) { portfolio, slot in
            // A way out that was sent before is as good as a new one.
            let isWayOut =
                portfolio.orders[slot].cause != .none && portfolio.orders[slot].isMarketLike
            if !isWayOut { portfolio.end(slot, .cancelled, cause) }
        }
        for place in listings.indices { close(InstrumentID(place), because: cause) }
        settle()
    }

    /// Sends a market order that closes what no order in flight closes already.
    mutating func close(_ instrument: InstrumentID, because cause: Reason) {
        let expected = books.quantity(of: instrument).rawValue &+ flight(of: instrument)
        guard expected != 0, !books.quantity(of: instrument).isZero else { return }
        let slot = sendWayOut(of: instrument, expected, because: cause)
        fillInstantly(slot)
        refreshBand(instrument)
    }

    /// The end of data: orders end, positions are closed if the settings say so, and the last
    /// sample is taken.
    package mutating func finish() {
        guard fault == nil else { return }
        forEachOrder(after: 0) { portfolio, slot in portfolio.end(slot, .cancelled, .endOfData) }
        if execution.closeAtEnd {
            for place in listings.indices { closeAtLastPrice(InstrumentID(place)) }
        }
        sample(at: now.rawValue)
        books.check()
    }

    private mutating func closeAtLastPrice(_ instrument: InstrumentID) {
        let position = books.quantity(of: instrument).rawValue
        guard position != 0 else { return }
        let slot = sendWayOut(of: instrument, position, because: .endOfData)
        listings[Int(instrument)].liquidity = .max
        fillAtMark(slot)
    }

    mutating func sendWayOut(
        of instrument: InstrumentID, _ quantity: Int64, because cause: Reason
    ) -> Int32 {
        let slot = orders.draft()
        orders[slot].id = nextOrder
        nextOrder += 1
        orders[slot].instrument = instrument
        orders[slot].side = quantity > 0 ? -1 : 1
        orders[slot].quantity = Int64(clamping: quantity.magnitude)
        orders[slot].flags = WorkingOrder.reduceOnly
        orders[slot].cause = cause
        launch(slot)
        orders.insert(slot)
        note(slot, .accepted, cause)
        return slot
    }
}

extension td_command {
    /// What its orders bear as their reason: a limit's, or the operator's.
    fileprivate var cause: Reason { argument == UInt32(TD_REASON_RISK) ? .risk : .byOperator }
}
