extension TradingCalendar {
    /// Why tables from outside make no calendar.
    package enum Problem: Error, Hashable, Sendable {
        case noName
        case noWeekday
        /// Hours that end before they begin, last longer than a day, or reach further than one day
        /// away; extended hours that do not hold the regular ones.
        case badHours(Hours)
        case twice(CivilDate)
        /// Two sessions that are open at one time.
        case overlap(CivilDate, CivilDate)
    }

    /// A calendar of one's own. A special day may also lie on a weekend or on a holiday.
    package static func make(
        name: String, zone: ZoneRules, weekdays: [Weekday] = workingDays, hours: Hours,
        holidays: [Holiday] = [], specialDays: [SpecialDay] = [], extended: Hours? = nil,
        knownYears: ClosedRange<Int>? = nil
    ) throws(Problem) -> TradingCalendar {
        guard !name.isEmpty else { throw .noName }
        guard !weekdays.isEmpty else { throw .noWeekday }
        for each in [hours] + specialDays.map(\.hours) where !each.isSound { throw .badHours(each) }
        if let extended,
            extended.opens > hours.opens || extended.closes < hours.closes || !extended.isSound
        {
            throw .badHours(extended)
        }
        try refuseRepeated(holidays.map(\.date))
        try refuseRepeated(specialDays.map(\.date))
        let calendar = TradingCalendar(
            name: name, zone: zone, weekdays: weekdays, knownYears: knownYears ?? rulesYears,
            eras: [Era(from: CivilDate(1970, 1, 1), hours: hours)], holidays: holidays,
            specialDays: specialDays, extended: extended)
        try calendar.refuseOverlaps()
        return calendar
    }

    private static func refuseRepeated(_ dates: [CivilDate]) throws(Problem) {
        let sorted = dates.sorted()
        for (a, b) in zip(sorted, sorted.dropFirst()) where a == b { throw .twice(a) }
    }

    /// Regular sessions cannot overlap, being at most a day long; special ones may reach into a
    /// neighbour.
    private func refuseOverlaps() throws(Problem) {
        for day in specialDays {
            for date in [day.date - 1, day.date] {
                guard let first = session(on: date), let second = session(on: date + 1) else {
                    continue
                }
                if second.opens < first.closes { throw .overlap(date, date + 1) }
            }
        }
    }
}

extension TradingCalendar.Hours {
    fileprivate var isSound: Bool {
        opens < closes && closes - opens <= 86_400 && opens >= -86_400 && closes <= 172_800
    }
}

extension TradingCalendar {
    /// Sessions in an average year of the known ones, to the nearest whole: 252 in New York, 365
    /// for a market that never shuts.
    package var sessionsPerYear: Double {
        let years = min(knownYears.count, 28)
        let last = min(knownYears.upperBound, knownYears.lowerBound + years - 1)
        let count = sessionCount(
            from: CivilDate(knownYears.lowerBound, 1, 1), through: CivilDate(last, 12, 31))
        return (Double(count) / Double(years)).rounded()
    }

    /// Bars of this length in a year: the factor that makes figures annual. Months are 12, weeks
    /// 52, days sessions; shorter bars fill the regular session, a short last one counting as one.
    package func periodsPerYear(_ frame: TimeFrame) -> Double {
        if frame >= .month { return 12 * Double(TimeFrame.month.seconds) / Double(frame.seconds) }
        if frame >= .week { return 52 * Double(TimeFrame.week.seconds) / Double(frame.seconds) }
        if frame.seconds == 0 || frame.isOfDates { return sessionsPerYear }
        let hours = eras[eras.count - 1].hours
        let bars = (hours.closes - hours.opens + Int(frame.seconds) - 1) / Int(frame.seconds)
        return sessionsPerYear * Double(bars)
    }
}
