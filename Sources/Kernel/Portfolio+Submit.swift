package import CTapedeck
import Market

extension Portfolio {
    /// Asks for an order. It is accepted or refused at once, with a reason; an accepted one is live
    /// from the next event on. A target that is met already is accepted as order number zero and
    /// leaves no trace.
    package mutating func submit(_ asked: td_order) -> Submission {
        if let answer = submitPlain(asked) { return answer }
        var ticket = Ticket()
        let slot = orders.draft()
        var refusal = prepare(&ticket, slot, asked)
        if refusal == nil && orders[slot].quantity == 0 {
            orders.drop(slot)
            return Submission(status: td_status(TD_OK), order: 0, reason: .none)
        }
        let id = nextOrder
        orders[slot].id = id
        nextOrder += 1
        if refusal == nil { refusal = admit(slot) }
        if let refusal {
            note(slot, .rejected, refusal)
            orders.drop(slot)
            settle()
            return Submission(status: td_status(TD_E_REJECTED), order: id, reason: refusal)
        }
        accept(slot, ticket.exits)
        return Submission(status: td_status(TD_OK), order: id, reason: .none)
    }

    /// Reads a ticket, decides side and quantity, and rounds its prices.
    private mutating func prepare(
        _ ticket: inout Ticket, _ slot: Int32, _ asked: td_order
    ) -> Reason? {
        orders[slot].instrument = asked.instrument
        orders[slot].tag = asked.tag
        if let reason = standing { return reason }
        guard Int(asked.instrument) < listings.count else { return .unknownInstrument }
        if listings[Int(asked.instrument)].isDelisted { return .delisted }
        let units = listings[Int(asked.instrument)].units
        if let reason = ticket.read(asked, into: &orders[slot], units, now: now.rawValue) {
            return reason
        }
        if execution.outsideSession == .reject && !isInSession(asked.instrument) {
            return .outsideSession
        }
        if let reason = resolve(&ticket, slot, asked, units) { return reason }
        return orders[slot].quantity == 0 && !ticket.isTarget ? .roundsToZero : nil
    }

    /// Why nothing at all is accepted at present.
    @inline(__always) var standing: Reason? {
        if fault != nil { return .fault }
        if isDisabled { return .disabled }
        if Int(flags) & Int(TD_FLAG_WARM_UP) != 0 { return .warmUp }
        return nil
    }

    /// Checks what an order would mean for this portfolio.
    private mutating func admit(_ slot: Int32) -> Reason? {
        start(slot)
        let price = estimatedPrice(slot)
        let instrument = orders[slot].instrument
        if price == 0 && !listings[Int(instrument)].units.allowsNonPositivePrices {
            return .noPrice
        }
        if !books.hasRate(for: instrument) { return .noPrice }
        if let reason = checkSize(slot, at: price) { return reason }
        if let reason = checkParent(slot) { return reason }
        if let reason = checkSide(slot) { return reason }
        if orders[slot].isPostOnly && isMarketable(slot) { return .wouldTrade }
        if let reason = checkRisk(slot, at: price) { return reason }
        return grant(slot, at: price)
    }

    /// What an order starts from: the level of a trailing stop, the session it dies with, whether
    /// it rests.
    private mutating func start(_ slot: Int32) {
        let place = Int(orders[slot].instrument)
        let mark = books.mark(of: orders[slot].instrument).rawValue
        if orders[slot].kind == .trailingStop && orders[slot].stop == 0 && mark != 0 {
            orders[slot].stop = orders[slot].trailingLevel(from: mark, listings[place].units)
        }
        if orders[slot].timeInForce == .day {
            let clock = listings[place].clock
            if clocks[clock].hasSpoken {
                orders[slot].lastSession = clocks[clock].sessionOfOrder(at: now.rawValue)
            } else {
                orders[slot].expires = SessionClock.midnight(after: now.rawValue)
            }
        }
        orders[slot].hasRested = orders[slot].kind == .limit && mark != 0 && !isMarketable(slot)
        // The closing price is one that comes after it.
        if orders[slot].kind == .onClose && listings[place].matchesTicks {
            orders[slot].liveAfter = sequence
        }
    }

    /// Whether a limit would trade at what the other side shows, or at the last price.
    func isMarketable(_ slot: Int32) -> Bool {
        let price = takingPrice(orders[slot].instrument, orders[slot].side)
        return price != 0 && orders[slot].reaches(price)
    }

    func checkSize(_ slot: Int32, at price: Int64) -> Reason? {
        let place = Int(orders[slot].instrument)
        do throws(Fault) {
            let value = try listings[place].scale.money(orders[slot].quantity, at: price)
            return value.magnitude >= listings[place].minimumNotional.magnitude
                ? nil : .belowMinimum
        } catch {
            return .overflow
        }
    }

    func checkSide(_ slot: Int32) -> Reason? {
        let instrument = orders[slot].instrument
        let against = held(against: orders[slot].side, instrument)
        if isPaused && against < orders[slot].remaining { return .paused }
        if isHeldBack && against < orders[slot].remaining { return .exposureLimit }
        // What a held order finds when it wakes is looked at then.
        if orders[slot].isHeld { return nil }
        if orders[slot].reducesOnly { return against > 0 ? nil : .notReducing }
        if allowsShort || orders[slot].isBuy { return nil }
        let there =
            books.quantity(of: instrument).rawValue &+ flight(of: instrument, but: orders[slot].id)
        return there < orders[slot].remaining ? .shortNotAllowed : nil
    }

    /// An order that another triggers is held until that one is filled.
    private mutating func checkParent(_ slot: Int32) -> Reason? {
        let parent = orders[slot].parent
        if parent == 0 { return nil }
        guard parent < orders[slot].id else { return .unknownOrder }
        if filledOrders.contains(parent) { return nil }
        guard orders.slot(of: parent) >= 0 else { return .parentEnded }
        orders[slot].state = .held
        return nil
    }

    private mutating func accept(_ slot: Int32, _ exits: Ticket.Exits) {
        let instrument = orders[slot].instrument
        orders[slot].hasChildren = exits.areThere
        committed.replace(0, with: orders[slot].reserved)
        if !orders[slot].isHeld { launch(slot) }
        if orders[slot].expires != .max { hasExpiring = true }
        orders.insert(slot)
        note(slot, orders[slot].state)
        if orders[slot].isHeld {
            let parent = orders.slot(of: orders[slot].parent)
            orders[parent].hasChildren = true
        }
        if exits.areThere { accept(exits, of: slot) }
        fillInstantly(slot)
        refreshBand(instrument)
        settle()
    }

    /// The exits of a ticket are orders of their own, held until it fills.
    private mutating func accept(_ exits: Ticket.Exits, of parent: Int32) {
        if exits.stopLoss != 0 {
            let slot = draft(.stop, .stopLoss, of: parent)
            orders[slot].stop = exits.stopLoss
            hold(slot)
        }
        if exits.takeProfit != 0 {
            let slot = draft(.limit, .takeProfit, of: parent)
            orders[slot].limit = exits.takeProfit
            orders[slot].hasRested = true
            hold(slot)
        }
        if exits.trailingStop != 0 {
            let slot = draft(.trailingStop, .trailingStop, of: parent)
            orders[slot].trail = exits.trailingStop
            orders[slot].flags |= orders[parent].flags & WorkingOrder.trailPercent
            hold(slot)
        }
    }

    private mutating func draft(
        _ kind: OrderKind, _ role: WorkingOrder.Role, of parent: Int32
    ) -> Int32 {
        let slot = orders.draft()
        orders[slot].parent = orders[parent].id
        orders[slot].tag = orders[parent].tag
        orders[slot].instrument = orders[parent].instrument
        orders[slot].side = -orders[parent].side
        orders[slot].flags = WorkingOrder.reduceOnly
        orders[slot].kind = kind
        orders[slot].role = role
        return slot
    }

    private mutating func hold(_ slot: Int32) {
        orders[slot].id = nextOrder
        nextOrder += 1
        orders[slot].state = .held
        orders.insert(slot)
        note(slot, .held)
    }

    /// Under `fill: instant` a market order fills at the close that the strategy has just seen.
    mutating func fillInstantly(_ slot: Int32) {
        guard execution.fill == .instant, orders[slot].kind == .market,
            orders[slot].liveAfter != .max, !orders[slot].isHeld,
            isInSession(orders[slot].instrument)
        else { return }
        fillAtMark(slot)
    }

    /// Fills at the last price, or at what the other side showed last; what it wakes is live from
    /// the next event on.
    mutating func fillAtMark(_ slot: Int32) {
        let close = takingPrice(orders[slot].instrument, orders[slot].side)
        let bar = BarPath(
            ExactPrices(open: close, high: close, low: close, close: close), sequence: sequence,
            isStrict: isStrict)
        var encounter = Encounter(at: close, in: bar)
        encounter.isLast = true
        execute(slot, encounter)
    }
}
