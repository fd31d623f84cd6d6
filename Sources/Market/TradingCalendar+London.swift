/// London Stock Exchange.
extension TradingCalendar {
    package static var london: TradingCalendar {
        var holidays = londonSpecialClosures
        for year in rulesYears { holidays += londonHolidays(year) }
        let shut = Set(holidays.map(\.date))
        var early: [SpecialDay] = []
        for year in rulesYears {
            // Half days: the last sessions before Christmas and of the year.
            for eve in [CivilDate(year, 12, 24), CivilDate(year, 12, 31)] {
                var date = eve
                while !workingDays.contains(date.weekday) || shut.contains(date) { date = date - 1 }
                early.append(SpecialDay(date: date, hours: Hours(opens: 28_800, closes: 45_000)))
            }
        }
        return TradingCalendar(
            name: "XLON", zone: .london, weekdays: workingDays, knownYears: 2000...2027,
            eras: [Era(from: CivilDate(1970, 1, 1), hours: Hours(opens: 28_800, closes: 59_400))],
            holidays: holidays, specialDays: early)
    }

    private static func londonHolidays(_ year: Int) -> [Holiday] {
        var holidays: [Holiday] = []
        func add(_ date: CivilDate, _ name: String) {
            holidays.append(Holiday(date: date, name: name))
        }
        let newYear = CivilDate(year, 1, 1)
        let isWeekend = newYear.weekday == .saturday || newYear.weekday == .sunday
        add(isWeekend ? newYear.next(.monday) : newYear, "New Year's Day")
        add(CivilDate.easter(year) - 2, "Good Friday")
        add(CivilDate.easter(year) + 1, "Easter Monday")
        add(earlyMay(year), "Early May Bank Holiday")
        add(springHoliday(year), "Spring Bank Holiday")
        add(CivilDate(year, 8, 31).previous(.monday), "Summer Bank Holiday")
        // On a weekend both move on, past each other.
        let christmas = CivilDate(year, 12, 25)
        switch christmas.weekday {
        case .friday:
            add(christmas, "Christmas")
            add(christmas + 3, "Boxing Day")
        case .saturday:
            add(christmas + 2, "Christmas")
            add(christmas + 3, "Boxing Day")
        case .sunday:
            add(christmas + 1, "Boxing Day")
            add(christmas + 2, "Christmas")
        default:
            add(christmas, "Christmas")
            add(christmas + 1, "Boxing Day")
        }
        return holidays
    }

    /// The first Monday of May, or the day of victory in Europe at its round anniversaries.
    private static func earlyMay(_ year: Int) -> CivilDate {
        year == 1995 || year == 2020 ? CivilDate(year, 5, 8) : CivilDate(year, 5, 1).next(.monday)
    }

    /// The last Monday of May, moved beside the Queen's jubilees.
    private static func springHoliday(_ year: Int) -> CivilDate {
        switch year {
        case 2002, 2012: CivilDate(year, 6, 4)
        case 2022: CivilDate(year, 6, 2)
        default: CivilDate(year, 5, 31).previous(.monday)
        }
    }

    private static let londonSpecialClosures: [Holiday] = [
        Holiday(date: CivilDate(1999, 12, 31), name: "Millennium"),
        Holiday(date: CivilDate(2002, 6, 3), name: "Golden Jubilee"),
        Holiday(date: CivilDate(2011, 4, 29), name: "Royal wedding"),
        Holiday(date: CivilDate(2012, 6, 5), name: "Diamond Jubilee"),
        Holiday(date: CivilDate(2022, 6, 3), name: "Platinum Jubilee"),
        Holiday(date: CivilDate(2022, 9, 19), name: "Funeral of Elizabeth II"),
        Holiday(date: CivilDate(2023, 5, 8), name: "Coronation of Charles III"),
    ]
}
