package import Market

/// The sessions of a calendar between two dates, laid out for look-ups without a search.
package struct SessionTable: Sendable {
    package let sessions: [Session]
    package let zone: ZoneRules
    private let firstDay: Int
    /// For each day the place of the first session on or after it.
    private let places: [Int32]

    /// `sessions` in the order of their dates.
    package init(_ sessions: [Session], zone: ZoneRules) {
        self.sessions = sessions
        self.zone = zone
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

    /// Whether the table reaches a date at all.
    package func covers(_ day: Int) -> Bool {
        guard let first = sessions.first, let last = sessions.last else { return false }
        return Int(first.date.dayNumber) <= day && day <= Int(last.date.dayNumber)
    }
}
