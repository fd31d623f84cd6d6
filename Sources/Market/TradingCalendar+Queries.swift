extension TradingCalendar {
    /// A market without a session for longer than this is taken as one that has ended.
    private static let longestPause = 400

    /// The session that is open at `time`.
    package func session(containing time: Timestamp) -> Session? {
        let today = localDate(of: time)
        // A session of tomorrow's date may have opened this evening, one of yesterday's still be
        // open.
        for days in -reach.upperBound ... -reach.lowerBound {
            if let session = session(on: today + days), session.contains(time) { return session }
        }
        return nil
    }

    package func isOpen(at time: Timestamp) -> Bool { session(containing: time) != nil }

    /// The first session that opens after `time`.
    package func session(openingAfter time: Timestamp) -> Session? {
        first(from: localDate(of: time)) { $0.opens > time }
    }

    /// The first session that closes after `time`: the open one, or the next.
    package func session(closingAfter time: Timestamp) -> Session? {
        first(from: localDate(of: time)) { $0.closes > time }
    }

    /// The last session that opened at or before `time`: the open one, or the last.
    package func session(openedBy time: Timestamp) -> Session? {
        last(from: localDate(of: time)) { $0.opens <= time }
    }

    /// The last session that closed at or before `time`.
    package func session(closedBy time: Timestamp) -> Session? {
        last(from: localDate(of: time)) { $0.closes <= time }
    }

    package func nextOpen(after time: Timestamp) -> Timestamp? {
        session(openingAfter: time)?.opens
    }
    package func nextClose(after time: Timestamp) -> Timestamp? {
        session(closingAfter: time)?.closes
    }

    /// The neighbours of a session's date.
    package func session(after date: CivilDate) -> Session? {
        first(from: date + 2) { $0.date > date }
    }
    package func session(before date: CivilDate) -> Session? {
        last(from: date - 2) { $0.date < date }
    }

    /// The date of the session that is open at `time`, else of the next one.
    package func sessionDate(of time: Timestamp) -> CivilDate? { session(closingAfter: time)?.date }

    /// The local date of an instant.
    package func localDate(of time: Timestamp) -> CivilDate {
        let local = Int(time.wholeSeconds) + zone.offset(at: time)
        return CivilDate(dayNumber: Int32(CivilDate.floor(local, 86_400)))
    }

    /// The sessions of the dates from `first` through `last`.
    package func sessions(from first: CivilDate, through last: CivilDate) -> Sessions {
        Sessions(calendar: self, upcoming: first, last: last)
    }

    package func sessionCount(from first: CivilDate, through last: CivilDate) -> Int {
        sessions(from: first, through: last).reduce(0) { count, _ in count + 1 }
    }

    /// Whole minutes that the market is open in the sessions of these dates.
    package func openMinutes(from first: CivilDate, through last: CivilDate) -> Int {
        let length = sessions(from: first, through: last).reduce(0) { $0 + $1.length }
        return Int(length / (60 * Timestamp.nanosecondsPerSecond))
    }

    /// Nanoseconds that the market is open in [from, to).
    package func openTime(from: Timestamp, to: Timestamp) -> Int64 {
        var total: Int64 = 0
        var session = session(closingAfter: from)
        while let open = session, open.opens < to {
            total += min(open.closes, to) - max(open.opens, from)
            session = self.session(after: open.date)
        }
        return total
    }

    /// The first from the day before `date` on that matches.
    private func first(from date: CivilDate, where matches: (Session) -> Bool) -> Session? {
        var day = date - 1
        for _ in 0...Self.longestPause {
            if let session = session(on: day), matches(session) { return session }
            day = day + 1
        }
        return nil
    }

    /// The last until the day after `date` that matches.
    private func last(from date: CivilDate, where matches: (Session) -> Bool) -> Session? {
        var day = date + 1
        for _ in 0...Self.longestPause {
            if let session = session(on: day), matches(session) { return session }
            day = day - 1
        }
        return nil
    }

    /// Sessions one after another.
    package struct Sessions: Sequence, IteratorProtocol, Sendable {
        let calendar: TradingCalendar
        var upcoming: CivilDate
        let last: CivilDate

        package mutating func next() -> Session? {
            while upcoming <= last {
                let session = calendar.session(on: upcoming)
                upcoming = upcoming + 1
                if let session { return session }
            }
            return nil
        }
    }
}
