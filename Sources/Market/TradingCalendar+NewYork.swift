/// New York Stock Exchange; Nasdaq keeps the same days and hours.
extension TradingCalendar {
    package static var newYork: TradingCalendar {
        var holidays = newYorkSpecialClosures
        var early: [SpecialDay] = []
        for year in rulesYears {
            holidays += newYorkHolidays(year)
            early += newYorkEarlyCloses(year)
        }
        return TradingCalendar(
            name: "XNYS", zone: .newYork, weekdays: workingDays, knownYears: 1990...2027,
            eras: [Era(from: CivilDate(1970, 1, 1), hours: Hours(opens: 34_200, closes: 57_600))],
            holidays: holidays, specialDays: early,
            extended: Hours(opens: 14_400, closes: 72_000))
    }

    private static func newYorkHolidays(_ year: Int) -> [Holiday] {
        var holidays: [Holiday] = []
        func add(_ date: CivilDate, _ name: String) {
            holidays.append(Holiday(date: date, name: name))
        }
        /// A Saturday moves to Friday, a Sunday to Monday.
        func addObserved(_ date: CivilDate, _ name: String) {
            add(
                date.weekday == .saturday ? date - 1 : date.weekday == .sunday ? date + 1 : date,
                name)
        }
        let newYear = CivilDate(year, 1, 1)
        // The last session of the year is not given up for a New Year's Day on Saturday.
        if newYear.weekday != .saturday { addObserved(newYear, "New Year's Day") }
        if year >= 1998 { add(CivilDate(year, 1, 15).next(.monday), "Martin Luther King Jr. Day") }
        if year >= 1971 {
            add(CivilDate(year, 2, 15).next(.monday), "Washington's Birthday")
            add(CivilDate(year, 5, 31).previous(.monday), "Memorial Day")
        } else {
            addObserved(CivilDate(year, 2, 22), "Washington's Birthday")
            addObserved(CivilDate(year, 5, 30), "Memorial Day")
        }
        add(CivilDate.easter(year) - 2, "Good Friday")
        if year >= 2022 { addObserved(CivilDate(year, 6, 19), "Juneteenth") }
        addObserved(CivilDate(year, 7, 4), "Independence Day")
        add(CivilDate(year, 9, 1).next(.monday), "Labor Day")
        add(CivilDate(year, 11, 22).next(.thursday), "Thanksgiving")
        addObserved(CivilDate(year, 12, 25), "Christmas")
        return holidays
    }

    private static func newYorkEarlyCloses(_ year: Int) -> [SpecialDay] {
        guard year >= 1990 else { return [] }
        var dates: [CivilDate] = []
        if year >= 1992 { dates.append(CivilDate(year, 11, 22).next(.thursday) + 1) }
        let eve = CivilDate(year, 12, 24)
        if eve.weekday.rawValue < Weekday.friday.rawValue { dates.append(eve) }
        if year >= 1995 { dates += independenceEve(year) }
        if year == 1997 || year == 2003 { dates.append(CivilDate(year, 12, 26)) }
        if year == 1999 { dates.append(CivilDate(year, 12, 31)) }
        // Two o'clock and nothing after it, since 1993 one o'clock and trading afterwards until
        // five.
        let (closes, ends) = year < 1993 ? (50_400, 50_400) : (46_800, 61_200)
        return dates.map {
            SpecialDay(date: $0, hours: Hours(opens: 34_200, closes: closes), extendedCloses: ends)
        }
    }

    /// The shortened session beside Independence Day.
    private static func independenceEve(_ year: Int) -> [CivilDate] {
        let day = CivilDate(year, 7, 4)
        switch day.weekday {
        case .tuesday, .wednesday, .friday: return [day - 1]
        // Until 2012 the Friday after a Thursday was the short one.
        case .thursday: return [year < 2013 ? day + 1 : day - 1]
        case .monday, .saturday, .sunday: return []
        }
    }

    private static let newYorkSpecialClosures: [Holiday] = [
        Holiday(date: CivilDate(1994, 4, 27), name: "Funeral of Richard Nixon"),
        Holiday(date: CivilDate(2001, 9, 11), name: "Attacks of 11 September"),
        Holiday(date: CivilDate(2001, 9, 12), name: "Attacks of 11 September"),
        Holiday(date: CivilDate(2001, 9, 13), name: "Attacks of 11 September"),
        Holiday(date: CivilDate(2001, 9, 14), name: "Attacks of 11 September"),
        Holiday(date: CivilDate(2004, 6, 11), name: "Funeral of Ronald Reagan"),
        Holiday(date: CivilDate(2007, 1, 2), name: "Mourning for Gerald Ford"),
        Holiday(date: CivilDate(2012, 10, 29), name: "Hurricane Sandy"),
        Holiday(date: CivilDate(2012, 10, 30), name: "Hurricane Sandy"),
        Holiday(date: CivilDate(2018, 12, 5), name: "Mourning for George H. W. Bush"),
        Holiday(date: CivilDate(2025, 1, 9), name: "Mourning for Jimmy Carter"),
    ]
}
