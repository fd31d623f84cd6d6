package import CTapedeck
import Market

extension Portfolio {
    /// Asks for an order. It is accepted or refused at once, with a reason; an accepted one is live from the next
    /// event on. A target that is met already is accepted as order number zero and leaves no trace.
    package mutating func submit(_ asked: td_order) -> Submission {
        var ticket = Ticket()
        let refusal = prepare(&ticket, asked)
        if refusal == nil && ticket.order.quantity == 0 {
            return Submission(status: td_status(TD_OK), order: 0, reason: .none)
        }
        ticket.order.id = nextOrder
        nextOrder += 1
        let id = ticket.order.id
        if let reason = refusal ?? admit(&ticket) {
            note(ticket.order, .rejected, reason)
            return Submission(status: td_status(TD_E_REJECTED), order: id, reason: reason)
        }
        accept(ticket)
        return Submission(status: td_status(TD_OK), order: id, reason: .none)
    }

    /// Reads a ticket, decides side and quantity, and rounds its prices.
    private mutating func prepare(_ ticket: inout Ticket, _ asked: td_order) -> Reason? {
        ticket.order.instrument = asked.instrument
        ticket.order.tag = asked.tag
        if let reason = standing { return reason }
        guard Int(asked.instrument) < listings.count else { return .unknownInstrument }
        let units = listings[Int(asked.instrument)].units
        if let reason = ticket.read(asked, units, now: now.rawValue) { return reason }
        if execution.outsideSession == .reject && !isInSession(asked.instrument) { return .outsideSession }
        if let reason = resolve(&ticket) { return reason }
        if ticket.order.quantity == 0 { return ticket.isTarget ? nil : .roundsToZero }
        return ticket.readPrices(asked, units)
    }

    /// Why nothing at all is accepted at present.
    private var standing: Reason? {
        if fault != nil { return .fault }
        if isDisabled { return .disabled }
        if Int(flags) & Int(TD_FLAG_WARM_UP) != 0 { return .warmUp }
        return nil
    }

    /// Checks what an order would mean for this portfolio.
    private mutating func admit(_ ticket: inout Ticket) -> Reason? {
        start(&ticket.order)
        let price = estimatedPrice(ticket.order)
        let instrument = Int(ticket.order.instrument)
        if price == 0 && !listings[instrument].units.allowsNonPositivePrices { return .noPrice }
        if !books.hasRate(for: ticket.order.instrument) { return .noPrice }
        if let reason = checkSize(ticket.order, at: price) { return reason }
        if let reason = checkParent(&ticket.order) { return reason }
        if let reason = checkSide(ticket.order) { return reason }
        if ticket.order.isPostOnly && isMarketable(ticket.order) { return .wouldTrade }
        return grant(&ticket.order, at: price)
    }

    /// What an order starts from: the level of a trailing stop, the session it dies with, whether it rests.
    private func start(_ order: inout WorkingOrder) {
        let place = Int(order.instrument)
        let mark = books.mark(of: order.instrument).rawValue
        if order.kind == .trailingStop && order.stop == 0 && mark != 0 {
            order.stop = order.trailingLevel(from: mark, listings[place].units)
        }
        if order.timeInForce == .day {
            let clock = clocks[listings[place].clock]
            if clock.hasSpoken {
                order.lastSession = clock.sessionOfOrder(at: now.rawValue)
            } else {
                order.expires = SessionClock.midnight(after: now.rawValue)
            }
        }
        order.hasRested = order.kind == .limit && mark != 0 && !isMarketable(order)
    }

    /// Whether a limit would trade at the last price.
    func isMarketable(_ order: borrowing WorkingOrder) -> Bool {
        let mark = books.mark(of: order.instrument).rawValue
        return mark != 0 && (order.isBuy ? mark <= order.limit : mark >= order.limit)
    }

    func checkSize(_ order: borrowing WorkingOrder, at price: Int64) -> Reason? {
        let place = Int(order.instrument)
        do throws(Fault) {
            let value = try listings[place].scale.money(order.quantity, at: price)
            return value.magnitude >= listings[place].minimumNotional.magnitude ? nil : .belowMinimum
        } catch {
            return .overflow
        }
    }

    func checkSide(_ order: borrowing WorkingOrder) -> Reason? {
        let position = books.quantity(of: order.instrument).rawValue
        let against = order.isBuy ? max(0, -position) : max(0, position)
        if isPaused && against < order.remaining { return .paused }
        // What a held order finds when it wakes is looked at then.
        if order.isHeld { return nil }
        if order.reducesOnly { return against > 0 ? nil : .notReducing }
        guard !allowsShort, !order.isBuy else { return nil }
        return position &+ flight(of: order.instrument, but: order.id) < order.remaining ? .shortNotAllowed : nil
    }

    /// An order that another triggers is held until that one is filled.
    private func checkParent(_ order: inout WorkingOrder) -> Reason? {
        guard order.parent != 0 else { return nil }
        guard order.parent < nextOrder - 1 else { return .unknownOrder }
        if filledOrders.contains(order.parent) { return nil }
        guard orders.slot(of: order.parent) >= 0 else { return .parentEnded }
        order.state = .held
        return nil
    }

    private mutating func accept(_ ticket: consuming Ticket) {
        let exits = ticket.exits
        ticket.order.hasChildren = exits.areThere
        committed.replace(0, with: ticket.order.reserved)
        let slot = orders.insert(ticket.order)
        note(slot, orders[slot].state)
        if orders[slot].isHeld {
            let parent = orders.slot(of: orders[slot].parent)
            orders[parent].hasChildren = true
        }
        if exits.areThere { accept(exits, of: slot) }
        let instrument = orders[slot].instrument
        fillInstantly(slot)
        refreshBand(instrument)
        refreshDeadline()
    }

    /// The exits of a ticket are orders of their own, held until it fills.
    private mutating func accept(_ exits: Ticket.Exits, of parent: Int32) {
        if exits.stopLoss != 0 {
            let slot = hold(.stop, .stopLoss, of: parent)
            orders[slot].stop = exits.stopLoss
            note(slot, .held)
        }
        if exits.takeProfit != 0 {
            let slot = hold(.limit, .takeProfit, of: parent)
            orders[slot].limit = exits.takeProfit
            orders[slot].hasRested = true
            note(slot, .held)
        }
        if exits.trailingStop != 0 {
            let slot = hold(.trailingStop, .trailingStop, of: parent)
            orders[slot].trail = exits.trailingStop
            orders[slot].flags |= orders[parent].flags & WorkingOrder.trailPercent
            note(slot, .held)
        }
    }

    private mutating func hold(_ kind: OrderKind, _ role: WorkingOrder.Role, of parent: Int32) -> Int32 {
        var exit = WorkingOrder()
        exit.id = nextOrder
        exit.parent = orders[parent].id
        exit.tag = orders[parent].tag
        exit.instrument = orders[parent].instrument
        exit.side = -orders[parent].side
        exit.flags = WorkingOrder.reduceOnly
        exit.state = .held
        exit.kind = kind
        exit.role = role
        nextOrder += 1
        return orders.insert(exit)
    }

    /// Under `fill: instant` a market order fills at the close that the strategy has just seen.
    mutating func fillInstantly(_ slot: Int32) {
        guard execution.fill == .instant, orders[slot].kind == .market, !orders[slot].isHeld,
            isInSession(orders[slot].instrument)
        else { return }
        fillAtMark(slot)
    }

    /// Fills at the last price; what it wakes is live from the next event on.
    mutating func fillAtMark(_ slot: Int32) {
        let close = books.mark(of: orders[slot].instrument).rawValue
        let bar = BarPath(
            ExactPrices(open: close, high: close, low: close, close: close), sequence: sequence, isStrict: isStrict)
        var encounter = Encounter(at: close, in: bar)
        encounter.isLast = true
        execute(slot, encounter)
    }
}
