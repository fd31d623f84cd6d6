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
            ticket.order.id = id
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
        if settings.execution.outsideSession == .reject && !isInSession(asked.instrument) { return .outsideSession }
        if let reason = resolve(&ticket, asked) { return reason }
        if ticket.order.quantity == 0 { return isTarget(ticket) ? nil : .roundsToZero }
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
        var order = ticket.order
        start(&order)
        let price = estimatedPrice(order)
        if price == 0 && !listings[Int(order.instrument)].units.allowsNonPositivePrices { return .noPrice }
        if let reason = checkSize(order, at: price) ?? checkParent(&order) ?? checkSide(order) { return reason }
        if order.isPostOnly && isMarketable(order) { return .wouldTrade }
        if let reason = grant(&order, at: price) { return reason }
        ticket.order = order
        return nil
    }

    /// What an order starts from: the level of a trailing stop, the session it dies with, whether it rests.
    private func start(_ order: inout WorkingOrder) {
        let listing = listings[Int(order.instrument)]
        let mark = books.mark(of: order.instrument).rawValue
        if order.kind == .trailingStop && order.stop == 0 && mark != 0 {
            order.stop = order.trailingLevel(from: mark, listing.units)
        }
        if order.timeInForce == .day {
            let clock = clocks[listing.clock]
            if clock.hasSpoken {
                order.lastSession = clock.sessionOfOrder(at: now.rawValue)
            } else {
                order.expires = SessionClock.midnight(after: now.rawValue)
            }
        }
        order.hasRested = order.kind == .limit && mark != 0 && !isMarketable(order)
    }

    /// Whether a limit would trade at the last price.
    func isMarketable(_ order: WorkingOrder) -> Bool {
        let mark = books.mark(of: order.instrument).rawValue
        return mark != 0 && (order.isBuy ? mark <= order.limit : mark >= order.limit)
    }

    private func checkSize(_ order: WorkingOrder, at price: Int64) -> Reason? {
        let instrument = instruments[Int(order.instrument)]
        guard instrument.value(of: Quantity(order.quantity), at: Price(price)) != nil else { return .overflow }
        return instrument.meetsMinimumNotional(Quantity(order.quantity), at: Price(price)) ? nil : .belowMinimum
    }

    private func checkSide(_ order: WorkingOrder) -> Reason? {
        let position = books.quantity(of: order.instrument).rawValue
        let against = order.isBuy ? max(0, -position) : max(0, position)
        if isPaused && against < order.quantity { return .paused }
        // What a held order finds when it wakes is looked at then.
        if order.isHeld { return nil }
        if order.reducesOnly { return against > 0 ? nil : .notReducing }
        guard !settings.allowShort, !order.isBuy else { return nil }
        return position &+ flight(of: order.instrument) < order.quantity ? .shortNotAllowed : nil
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

    private mutating func accept(_ ticket: Ticket) {
        var order = ticket.order
        order.hasChildren = ticket.hasExits
        committed.replace(0, with: order.reserved)
        let slot = orders.insert(order)
        note(order, order.state)
        if order.isHeld {
            let parent = orders.slot(of: order.parent)
            orders[parent].hasChildren = true
        }
        acceptExits(ticket)
        fillInstantly(slot)
        refreshBand(order.instrument)
        refreshDeadline()
    }

    /// The exits of a ticket are orders of their own, held until it fills.
    private mutating func acceptExits(_ ticket: Ticket) {
        guard ticket.hasExits else { return }
        var exit = WorkingOrder()
        exit.parent = ticket.order.id
        exit.tag = ticket.order.tag
        exit.instrument = ticket.order.instrument
        exit.side = -ticket.order.side
        exit.flags = WorkingOrder.reduceOnly
        exit.state = .held
        if ticket.stopLoss != 0 {
            var stop = exit
            stop.kind = .stop
            stop.role = .stopLoss
            stop.stop = ticket.stopLoss
            hold(stop)
        }
        if ticket.takeProfit != 0 {
            var target = exit
            target.kind = .limit
            target.role = .takeProfit
            target.limit = ticket.takeProfit
            target.hasRested = true
            hold(target)
        }
        if ticket.trailingStop != 0 {
            var trailing = exit
            trailing.kind = .trailingStop
            trailing.role = .trailingStop
            trailing.trail = ticket.trailingStop
            trailing.flags |= ticket.order.flags & WorkingOrder.trailPercent
            hold(trailing)
        }
    }

    private mutating func hold(_ exit: WorkingOrder) {
        var exit = exit
        exit.id = nextOrder
        nextOrder += 1
        _ = orders.insert(exit)
        note(exit, .held)
    }

    /// Under `fill: instant` a market order fills at the close that the strategy has just seen.
    mutating func fillInstantly(_ slot: Int32) {
        let order = orders[slot]
        guard settings.execution.fill == .instant, order.kind == .market, !order.isHeld, isInSession(order.instrument)
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

    private func isTarget(_ ticket: Ticket) -> Bool {
        ticket.measure == .target || ticket.measure == .share || ticket.measure == .strengthOfTarget
    }
}
