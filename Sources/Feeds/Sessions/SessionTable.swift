package import Market

/// The sessions of a calendar between two dates, laid out for look-ups without a search.
package struct SessionTable: Sendable {
    package let calendar: TradingCalendar
    package let sessions: [Session]
    private let firstDay: Int
    /// For each day the place of the first session on or after it.
    private let places: [Int32]

    package var zone: ZoneRules { calendar.zone }

    /// The dates that files of prices are expected to hold.
    private static let years = 1928...2099

    /// Nil for a market that never shuts: its bars need no look at a calendar.
    package init?(_ calendar: TradingCalendar) {
        guard calendar.name != "24/7",
            let first = CivilDate(year: Self.years.lowerBound, month: 1, day: 1),
            let last = CivilDate(year: Self.years.upperBound, month: 12, day: 31)
        else { return nil }
        self.init(calendar, from: first, through: last)
    }

    package init(_ calendar: TradingCalendar, from first: CivilDate, through last: CivilDate) {
        self.calendar = calendar
        sessions = Array(calendar.sessions(from: first, through: last))
        firstDay = Int(sessions.first?.date.dayNumber ?? 0) - 1
        let lastDay = Int(sessions.last?.date.dayNumber ?? 0)
        var places: [Int32] = []
        var place = 0
        for day in firstDay...max(firstDay, lastDay) {
            while place < sessions.count, Int(sessions[place].date.dayNumber) < day { place += 1 }
            places.append(Int32(place))
        }
        self.places = places
    }

    /// The place of the first session on or after a day; `sessions.count` when there is none.
    package func place(onOrAfter day: Int) -> Int {
        let index = day - firstDay
        if index < 0 { return 0 }
        return index < places.count ? Int(places[index]) : sessions.count
    }

    /// The session of a date.
    package func session(on day: Int) -> Session? {
        let place = place(onOrAfter: day)
        guard place < sessions.count, Int(sessions[place].date.dayNumber) == day else { return nil }
        return sessions[place]
    }

    /// The place of the session that is open at `time`, or of the first to open after it.
    package func place(at time: Int64) -> Int {
        let day = Int(Timestamp(nanoseconds: time).date.dayNumber)
        var place = place(onOrAfter: day - 1)
        while place < sessions.count, sessions[place].closes.rawValue <= time { place += 1 }
        return place
    }

    /// The last session of the dates before `day`.
    package func last(before day: Int) -> Session? {
        let place = place(onOrAfter: day)
        return place > 0 ? sessions[place - 1] : nil
    }
}
