import CTapedeck
import Market

extension Portfolio {
    /// The session events of the tape name a calendar; only its instruments are concerned.
    mutating func openSession(_ event: Event) {
        guard let clock = clocks.firstIndex(where: { $0.calendar == event.session.calendar }) else {
            return
        }
        expireDayOrders(clock)
        clocks[clock].open(event.session.opens, event.session.closes)
        unrest(clock)
        startSession()
    }

    /// DAY orders end, equity is sampled, and the books are checked in every build.
    mutating func closeSession(_ event: Event) {
        guard let clock = clocks.firstIndex(where: { $0.calendar == event.session.calendar }) else {
            return
        }
        closeAuction(clock)
        clocks[clock].close()
        expireDayOrders(clock)
        endSession(at: now.rawValue)
    }

    /// The UTC day is over, which is a session's close for calendars that never speak.
    mutating func endDay() {
        guard clocks.contains(where: { !$0.hasSpoken }) else { return }
        for clock in clocks.indices where !clocks[clock].hasSpoken { closeAuction(clock) }
        endSession(at: dayEnds)
        startSession()
    }

    private mutating func endSession(at time: Int64) {
        if curve.sampling == .session { sample(at: time) }
        books.check()
        if !hasNoLimits {
            for breach in risk.endSession(books) { enforce(breach) }
        }
    }

    /// A day's loss counts from here, and a pause until the next session is over.
    private mutating func startSession() {
        if !hasNoLimits {
            risk.startDay(books)
            refreshAllBands()
        }
        if resumesNextSession {
            resumesNextSession = false
            isPaused = false
        }
    }

    private mutating func expireDayOrders(_ clock: Int) {
        let number = clocks[clock].number
        forEachOrder(after: 0) { portfolio, slot in
            let instrument = Int(portfolio.orders[slot].instrument)
            if portfolio.orders[slot].lastSession <= number
                && portfolio.listings[instrument].clock == clock
            {
                portfolio.end(slot, .expired, .sessionClosed)
            }
        }
    }
}
