import CTapedeck
package import Market

extension Portfolio {
    /// Steps 1 to 4 for one event: corporate actions and session changes, resting orders, marks,
    /// risk rules.
    package mutating func advance(_ run: EventRun, _ index: Int) {
        let event = unsafe run.events[index]
        begin(event)
        guard fault == nil else { return }
        if event.time >= deadline {
            if nextFunding < event.time { accrueFunding(before: event.time) }
            expire(at: event.time)
            if hasLatency { arrive(at: event.time) }
        }
        switch Int(event.type) {
        case Int(TD_EVENT_BAR), Int(TD_EVENT_TRADE), Int(TD_EVENT_QUOTE):
            unsafe trade(on: run, index)
        case Int(TD_EVENT_DEPTH): unsafe showDepth(run, index)
        case Int(TD_EVENT_SPLIT): split(event)
        case Int(TD_EVENT_DIVIDEND): payDividend(event)
        case Int(TD_EVENT_FUNDING): fund(event)
        case Int(TD_EVENT_STANDING): changeStanding(event)
        case Int(TD_EVENT_SESSION_OPEN): openSession(event)
        case Int(TD_EVENT_SESSION_CLOSE): closeSession(event)
        case Int(TD_EVENT_COMMAND):
            if event.command.slot == 0 || event.command.slot == slot { command(event.command) }
        default: break
        }
        fireTimers()
        settle()
        assert(fault != nil || books.check(), "the books close after every event")
    }

    /// Comes to a new event: what its time ends is over.
    private mutating func begin(_ event: Event) {
        // Books that have failed have no worth to be sampled.
        if fault != nil { return pass(event) }
        if let pending = curve.pending, event.time > pending.time {
            if curve.sampling == .bar { sample(at: pending.time) }
            if event.time > dayEnds {
                if chargesDays { accrueDays(before: event.time) }
                endDay()
            }
        } else if chargesDays, event.time > dayEnds, dayEnds != .min {
            accrueDays(before: event.time)
        }
        sequence = event.sequence
        flags = event.flags
        now = Timestamp(nanoseconds: event.time)
        curve.pending = (event.sequence, event.time)
        if event.time > dayEnds { dayEnds = SessionClock.midnight(after: event.time - 1) }
    }

    /// Market data: matches them against resting orders, marks, and looks at the risk rules.
    private mutating func trade(on run: EventRun, _ index: Int) {
        let event = unsafe run.events[index]
        let prices = unsafe run.prices[index]
        guard Int(event.instrument) < listings.count else { return }
        let standsIn = readsDetail && standsIn(event)
        guard standsIn || isMatched(event) else { return noteUnmatched(event, prices) }
        meet(event, prices)
        guard fault == nil else { return }
        if standsIn {
            books.mark(
                event.instrument, prices, isBar: true, time: Timestamp(nanoseconds: event.time))
        } else {
            unsafe books.mark(run, from: index, to: index + 1)
        }
        guard event.type == TD_EVENT_BAR else {
            return endTick(
                event.instrument, atTrade: event.type == TD_EVENT_TRADE ? prices.close : nil)
        }
        closeBar(event, prices)
        if !hasNoLimits { watchRisk() }
        refreshBand(event.instrument)
    }

    /// Whether orders meet this event.
    func isMatched(_ event: Event) -> Bool {
        let matching = listings[Int(event.instrument)].matching
        if event.type == TD_EVENT_BAR { return matching == 0 || matching == event.timeframe }
        return listings[Int(event.instrument)].matchesTicks
    }

    /// A bar that orders do not meet: statistics count it where the instrument is matched in ticks.
    func isCounted(_ event: Event) -> Bool {
        event.type == TD_EVENT_BAR
            && listings[Int(event.instrument)].matching == event.timeframe | Portfolio.ticks
    }

    private mutating func noteUnmatched(_ event: Event, _ prices: ExactPrices) {
        if isCounted(event) { noteBar(event, prices) }
    }

    /// Whether a longer bar takes the place of shorter ones, of which none came since the last
    /// longer one.
    private mutating func standsIn(_ event: Event) -> Bool {
        let place = Int(event.instrument)
        guard event.type == TD_EVENT_BAR, event.timeframe == listings[place].coarse else {
            return false
        }
        let opens = event.time - Int64(event.timeframe) * 1_000_000_000
        let hasNone = listings[place].lastBar <= max(opens, listings[place].lastCoarse)
        listings[place].lastCoarse = event.time
        if hasNone { barsWithoutDetail += 1 }
        return hasNone
    }

    private mutating func fireTimers() {
        while let timer = timers.take(due: now.rawValue) {
            var event = privateEvent(TD_EVENT_TIMER, 0)
            event.timer = td_timer(id: timer.id, due: timer.due, reserved: (0, 0, 0))
            told.append(event)
        }
    }

    /// Ends what had its time, before anything is matched against the event.
    private mutating func expire(at time: Int64) {
        var place = 0
        while place < orders.count {
            let slot = orders.slot(at: place)
            if orders[slot].expires <= time {
                let id = orders[slot].id
                end(slot, .expired, .time)
                place = orders.placeAfter(id)
            } else {
                place += 1
            }
        }
    }

    /// The time from which on events are not quiet.
    mutating func refreshDeadline() {
        deadline = hasNoLimits ? timers.next : min(timers.next, risk.deadline(books))
        if dayEnds < deadline { deadline = dayEnds + 1 }
        if nextFunding < deadline { deadline = nextFunding + 1 }
        if hasLatency { deadline = min(deadline, nextArrival) }
        if !hasExpiring { return }
        for place in 0..<orders.count {
            deadline = min(deadline, orders[orders.slot(at: place)].expires)
        }
    }
}
