package import CTapedeck
package import Market

/// The openings and closings of calendars, one after another in the order of events.
package struct SessionCursor {
    private struct Upcoming {
        let calendar: TradingCalendar
        let number: UInt32
        var session: Session
        var isOpening = true

        var event: Event {
            .session(isOpening ? .sessionOpen : .sessionClose, session, calendar: number)
        }
    }

    /// One of each calendar that still has sessions, by number.
    private var upcoming: [Upcoming] = []
    private var next: Event?
    private let last: Timestamp

    /// Of the calendars with these numbers, from the session on that `first` lies in, or the next
    /// one.
    package init(
        _ numbers: [UInt32], of calendars: RunCalendars, from first: Timestamp,
        through last: Timestamp
    ) throws(TradingCalendar.UnknownName) {
        self.last = last
        for number in numbers.sorted() {
            let calendar = try TradingCalendar.named(calendars.names[Int(number)])
            // A daily bar bears the time of its session's close, and that session is still to be
            // opened.
            guard let session = calendar.session(closingAfter: first - 1) else { continue }
            upcoming.append(Upcoming(calendar: calendar, number: number, session: session))
        }
        advance()
    }

    /// Whether none will come.
    package var isEmpty: Bool { next == nil }

    /// The next one if it comes before `event`; in any case when there is no event.
    package mutating func take(before event: Event?) -> Event? {
        guard let next else { return nil }
        if let event, !EventOrder.precedes(next, event) { return nil }
        advance()
        return next
    }

    private mutating func advance() {
        if let place = upcoming.firstIndex(where: { isNext($0) }) { step(place) }
        next = nil
        for candidate in upcoming {
            let event = candidate.event
            if event.time <= last.rawValue, next.map({ EventOrder.precedes(event, $0) }) ?? true {
                next = event
            }
        }
    }

    private func isNext(_ candidate: Upcoming) -> Bool {
        guard let next else { return false }
        return candidate.number == next.session.calendar
    }

    private mutating func step(_ place: Int) {
        if upcoming[place].isOpening {
            upcoming[place].isOpening = false
        } else if let session = upcoming[place].calendar.session(
            after: upcoming[place].session.date)
        {
            upcoming[place].session = session
            upcoming[place].isOpening = true
        } else {
            upcoming.remove(at: place)
        }
    }
}
