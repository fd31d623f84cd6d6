import Market

/// What the limits of this portfolio have to say, and what follows from it.
extension Portfolio {
    /// Whether a limit refuses an order.
    func riskTicket(_ slot: Int32, at price: Int64) -> RiskTicket {
        RiskTicket(
            instrument: orders[slot].instrument,
            quantity: Quantity(orders[slot].remaining &* orders[slot].direction),
            price: Price(price),
            pending: Quantity(pending(of: orders[slot].instrument, but: orders[slot].id)), time: now
        )
    }

    /// A refusal by a limit, written down; a limit may want more than to refuse.
    mutating func checkRisk(_ slot: Int32, at price: Int64) -> Reason? {
        guard !hasNoLimits, risk.limits.checksOrders, !orders[slot].reducesOnly else { return nil }
        guard let breach = risk.refusal(of: riskTicket(slot, at: price), books) else {
            risk.countOrder(at: now)
            return nil
        }
        enforce(breach)
        return breach.reason
    }

    /// Asks the rules that look at marks, and does what they want.
    @inline(__always)
    mutating func watchRisk() {
        while fault == nil, let breach = risk.nextBreach(books, at: now) { enforce(breach) }
        // What a margin call closes at once is looked at with the next market data.
        riskIsDue = false
        if watchesMargin { watchMargin() }
    }

    /// A breach goes to the records.
    mutating func write(_ breach: RiskBreach) {
        let counts = recordCounts
        records.breaches.append(breach.record(sequence: sequence, time: now))
        digestBooks(since: counts)
    }

    mutating func enforce(_ breach: RiskBreach) {
        write(breach)
        let isOfOne = Int(breach.instrument) < listings.count
        switch breach.action {
        case .reject: return
        case .flatten, .reduce:
            if isOfOne {
                close(breach.instrument, because: breach.reason)
            } else {
                flatten(because: breach.reason)
            }
        case .pauseUntilNextSession:
            flatten(because: breach.reason)
            // An operator's pause outlives the session; only the rule's own ends with it.
            if !isPaused { resumesNextSession = true }
            isPaused = true
        case .disable: disable(because: breach.reason)
        }
    }

    /// After a fill: the position's exits are measured anew.
    @inline(__always)
    mutating func tellRisk(_ instrument: InstrumentID, opened: Bool) {
        if hasNoLimits { return }
        risk.positionChanged(instrument, opened: opened, books, statistics)
        refreshBand(instrument)
        riskIsDue = true
    }

    /// To be called when whatever happened is over: bands and deadline are right again.
    mutating func settle() {
        refreshBands()
        refreshDeadline()
    }

    /// Makes the bands anew of what was touched; all of them where what equity may move by has to
    /// be shared out anew.
    private mutating func refreshBands() {
        switch touched {
        case .none: return
        // The one instrument that there is, without a position: no rule is about its price.
        case .one(let instrument) where bands.count == 1 && books.openPositions == 0:
            makeBand(instrument)
        case .one(let instrument) where hasNoLimits || risk.roomHolds(books, but: instrument):
            makeBand(instrument)
        case .one, .all:
            if !hasNoLimits { risk.shareRoom(books) }
            for place in bands.indices { makeBand(InstrumentID(place)) }
        }
        touched = .none
    }
}
