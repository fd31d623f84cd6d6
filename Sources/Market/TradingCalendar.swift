/// When a market trades: regular weekdays and hours in local time, without holidays, with special
/// days.
///
/// A value of a few sorted tables; every answer is computed from them, so it can be shared freely.
/// A session is open at t when `opens <= t < closes`.
package struct TradingCalendar: Sendable {
    /// The hours of a day as local seconds from midnight; an opening may lie on the evening before
    /// (negative), a closing after midnight (beyond 86,400).
    package struct Hours: Hashable, Sendable {
        package var opens: Int
        package var closes: Int
        package init(opens: Int, closes: Int) {
            self.opens = opens
            self.closes = closes
        }
    }

    /// Hours that hold from a date on.
    package struct Era: Hashable, Sendable {
        package var from: CivilDate
        package var hours: Hours
        package init(from: CivilDate, hours: Hours) {
            self.from = from
            self.hours = hours
        }
    }

    /// A date without trading.
    package struct Holiday: Hashable, Sendable, Dated {
        package var date: CivilDate
        package var name: String
        package init(date: CivilDate, name: String) {
            self.date = date
            self.name = name
        }
    }

    /// A date with other hours than usual, or a session on a day that usually has none.
    package struct SpecialDay: Hashable, Sendable, Dated {
        package var date: CivilDate
        package var hours: Hours
        /// When trading after the session ends, where that is not the usual time.
        package var extendedCloses: Int?
        package init(date: CivilDate, hours: Hours, extendedCloses: Int? = nil) {
            self.date = date
            self.hours = hours
            self.extendedCloses = extendedCloses
        }
    }

    package let name: String
    package let zone: ZoneRules
    /// The years whose holidays are known; outside them rules alone answer.
    package let knownYears: ClosedRange<Int>
    /// Ascending; the first also holds before its date.
    package let eras: [Era]
    /// Ascending by date.
    package let holidays: [Holiday]
    /// Ascending by date; they win over holidays.
    package let specialDays: [SpecialDay]
    /// When trading before a session begins and after it ends; nil where there is none.
    package let extended: Hours?
    /// One bit per regular weekday, Monday is bit 1.
    private let weekdayBits: UInt8
    /// How many days before and after its date a session may reach.
    let reach: ClosedRange<Int>

    /// Takes tables that are sound; see `TradingCalendar.checked` for what comes from outside.
    init(
        name: String, zone: ZoneRules, weekdays: [Weekday], knownYears: ClosedRange<Int>,
        eras: [Era],
        holidays: [Holiday] = [], specialDays: [SpecialDay] = [], extended: Hours? = nil
    ) {
        self.name = name
        self.zone = zone
        self.knownYears = knownYears
        self.eras = eras
        self.holidays = holidays.sorted { $0.date < $1.date }
        self.specialDays = specialDays.sorted { $0.date < $1.date }
        self.extended = extended
        weekdayBits = weekdays.reduce(0) { $0 | 1 << UInt8($1.rawValue) }
        let hours = eras.map(\.hours) + specialDays.map(\.hours)
        let before = hours.contains { $0.opens < 0 } ? -1 : 0
        let after = hours.contains { $0.closes > 86_400 } ? 1 : 0
        reach = before...after
    }

    /// The session that the exchange calls by `date`.
    package func session(on date: CivilDate) -> Session? {
        let usual = hours(on: date)
        if let index = index(of: date, in: specialDays) {
            let hours = specialDays[index].hours
            return session(date, hours, Self.kind(hours, usual))
        }
        guard isTradingWeekday(date.weekday), index(of: date, in: holidays) == nil else {
            return nil
        }
        return session(date, usual, .normal)
    }

    /// Whether sessions are usual on this weekday.
    package func isTradingWeekday(_ weekday: Weekday) -> Bool {
        weekdayBits >> UInt8(weekday.rawValue) & 1 == 1
    }

    /// The regular hours of a date, whether or not it has a session.
    package func hours(on date: CivilDate) -> Hours {
        for era in eras.reversed() where era.from <= date { return era.hours }
        return eras[0].hours
    }

    /// The name of the holiday on a date without session; nil for a weekend or a session.
    package func holiday(on date: CivilDate) -> String? {
        guard session(on: date) == nil else { return nil }
        return index(of: date, in: holidays).map { holidays[$0].name }
    }

    /// Trading before and after a session; nil where there is none.
    package func extendedHours(of session: Session) -> (opens: Timestamp, closes: Timestamp)? {
        guard let extended else { return nil }
        let special = index(of: session.date, in: specialDays).flatMap {
            specialDays[$0].extendedCloses
        }
        return (
            min(zone.timestamp(session.date, secondOfDay: extended.opens), session.opens),
            max(
                zone.timestamp(session.date, secondOfDay: special ?? extended.closes),
                session.closes)
        )
    }

    private func session(_ date: CivilDate, _ hours: Hours, _ kind: SessionKind) -> Session {
        Session(
            date: date, opens: zone.timestamp(date, secondOfDay: hours.opens),
            closes: zone.timestamp(date, secondOfDay: hours.closes), kind: kind)
    }

    private static func kind(_ hours: Hours, _ usual: Hours) -> SessionKind {
        if hours == usual { return .normal }
        if hours.opens == usual.opens, hours.closes < usual.closes { return .earlyClose }
        return hours.closes == usual.closes && hours.opens > usual.opens ? .lateOpen : .special
    }

    /// Where `date` stands in a sorted table.
    private func index(of date: CivilDate, in rows: [some Dated]) -> Int? {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].date < date { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low].date == date ? low : nil
    }
}

/// A row of a table by date.
private protocol Dated { var date: CivilDate { get } }
