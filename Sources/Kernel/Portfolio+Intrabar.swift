import Market

/// An order and the price at which it meets a bar.
struct Encounter {
    /// Before slippage.
    var price: Int64
    /// How the price was reached; at the open nothing of the path is over.
    var since = WorkingOrder.Since.open
    /// It takes what was there rather than waiting for somebody.
    var takes = true
    /// More than one outcome was possible; the assumption about the path decided.
    var isAmbiguous = false
    /// Nothing of the event comes after this.
    var isLast = false
    /// What there is at this price, as a book or a queue says; nil where that is for `volume_limit`
    /// to say.
    var shown: Int64?
    /// Nobody charges for it.
    var isFree = false
    /// The range that slippage may be kept within.
    let low: Int64
    let high: Int64

    init(at price: Int64, in bar: BarPath) {
        self.price = price
        low = bar.low
        high = bar.high
    }

    /// At one price that a quote, a level or a trade has shown.
    init(at price: Int64, showing shown: Int64? = nil, takes: Bool = true) {
        self.price = price
        self.shown = shown
        self.takes = takes
        low = price
        high = price
    }
}

/// Which order fills next inside a bar.
struct IntrabarChoice {
    var slot: Int32
    var price: Int64
    var isAmbiguous: Bool
}

extension Portfolio {
    /// The next order that a bar reaches after its open, by the assumption about its path; nil when
    /// it reaches none any more.
    func choose(_ bar: BarPath, _ instrument: InstrumentID) -> IntrabarChoice? {
        var best: Int32 = -1
        var price: Int64 = 0
        var slot = orders.first(of: instrument)
        while slot >= 0 {
            if let level = assumed(slot, bar),
                best < 0 || isRivalAndFirst(slot, level, before: best, price)
            {
                best = slot
                price = level
            }
            slot = orders[slot].next
        }
        guard best >= 0 else { return nil }
        return IntrabarChoice(slot: best, price: price, isAmbiguous: isAmbiguous(best, bar))
    }

    /// The price at which an order is taken to fill inside the bar; nil where it is taken not to.
    private func assumed(_ slot: Int32, _ bar: BarPath) -> Int64? {
        guard waitsInside(slot) else { return nil }
        switch bar.reach(orders[slot]) {
        case .never: return nil
        case .certain(let price): return price
        case .possible(let price): return orders[slot].isWaitingStop == stopsFirst ? price : nil
        }
    }

    private func waitsInside(_ slot: Int32) -> Bool {
        orders[slot].liveAfter < sequence
            && (orders[slot].isWaitingStop || orders[slot].isLimitLike)
    }

    /// Of a stop and a target the stop is the worse for the portfolio.
    private var stopsFirst: Bool { execution.intrabar != .optimistic }

    /// Whether `slot` takes the place of an order sent before it.
    private func isRivalAndFirst(
        _ slot: Int32, _ price: Int64, before other: Int32, _ otherPrice: Int64
    ) -> Bool {
        guard areRivals(slot, other) else { return false }
        let isUpward = BarPath.isUpward(orders[slot])
        if isUpward == BarPath.isUpward(orders[other]) {
            // The price passes the nearer one first.
            return isUpward ? price < otherPrice : price > otherPrice
        }
        return orders[slot].isWaitingStop != orders[other].isWaitingStop
            && orders[slot].isWaitingStop == stopsFirst
    }

    /// Whether the fill of one takes the other's place: linked orders, and exits of the same
    /// position.
    private func areRivals(_ a: Int32, _ b: Int32) -> Bool {
        if orders[a].oco != 0 && orders[a].oco == orders[b].oco { return true }
        return orders[a].side == orders[b].side && reduces(a)
    }

    /// Whether a fill would take away from the position as it is.
    func reduces(_ slot: Int32) -> Bool {
        held(against: orders[slot].side, orders[slot].instrument) > 0
    }

    /// Whether the bar alone does not say that this order came first, or that it was reached.
    func isAmbiguous(_ chosen: Int32, _ bar: BarPath) -> Bool {
        if case .possible = bar.reach(orders[chosen]) { return true }
        var slot = orders.first(of: orders[chosen].instrument)
        while slot >= 0 {
            if slot != chosen, waitsInside(slot), areRivals(slot, chosen),
                BarPath.isUpward(orders[slot]) != BarPath.isUpward(orders[chosen]),
                bar.reach(orders[slot]) != .never
            {
                return true
            }
            slot = orders[slot].next
        }
        return false
    }

    /// Fills along the path that `intrabar: path` assumes.
    mutating func walk(_ bar: BarPath, _ instrument: InstrumentID) {
        var walk = BarWalk(bar)
        while fault == nil, !walk.isOver {
            var best: Int32 = -1
            var distance = UInt64.max
            var slot = orders.first(of: instrument)
            while slot >= 0 {
                if waitsInside(slot), let here = walk.distance(to: orders[slot], bar),
                    best < 0 || here < distance
                {
                    best = slot
                    distance = here
                }
                slot = orders[slot].next
            }
            guard best >= 0 else {
                walk.finishLeg()
                continue
            }
            if distance > 0 {
                walk.move(to: orders[best].isLimitLike ? orders[best].limit : orders[best].stop)
            }
            meet(
                IntrabarChoice(
                    slot: best, price: walk.position, isAmbiguous: isAmbiguous(best, bar)), bar)
        }
    }

    /// Fills what was chosen, at its price inside the bar.
    mutating func meet(_ choice: IntrabarChoice, _ bar: BarPath) {
        let slot = choice.slot
        var encounter = Encounter(at: choice.price, in: bar)
        encounter.isAmbiguous = choice.isAmbiguous
        let isImmediate =
            orders[slot].turnedAt == sequence && orders[slot].since != .open
            && orders[slot].turnPrice == choice.price
        encounter.since =
            isImmediate ? orders[slot].since : BarPath.isUpward(orders[slot]) ? .rising : .falling
        encounter.takes = isImmediate
        reach(slot, encounter)
    }

    /// A stop or a limit is reached: it fills, or a stop-limit goes on as a limit from here.
    mutating func reach(_ slot: Int32, _ encounter: Encounter) {
        guard orders[slot].kind == .stopLimit && !orders[slot].isTriggered else {
            execute(slot, encounter)
            return
        }
        orders[slot].isTriggered = true
        orders[slot].since = encounter.since
        orders[slot].turnPrice = encounter.price
        orders[slot].turnedAt = sequence
        orders[slot].state = .triggered
        let isMarketable =
            orders[slot].isBuy
            ? encounter.price <= orders[slot].limit : encounter.price >= orders[slot].limit
        if isMarketable {
            var taking = encounter
            taking.takes = true
            execute(slot, taking)
        } else {
            note(slot, .triggered)
        }
    }
}
