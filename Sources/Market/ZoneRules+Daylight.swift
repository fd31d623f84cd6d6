/// The rules by which clocks move. Facts of law; a year's two instants in seconds since 1970.
extension ZoneRules {
    func isDaylight(_ seconds: Int64, _ year: Int) -> Bool {
        switch daylight {
        case .none: return false
        case .unitedStates:
            guard let (first, last) = unitedStates(year) else { return false }
            // Clocks move at two o'clock as they show it: standard in spring, daylight in autumn.
            let noon = Int64(7200 - standardOffset)
            return seconds >= start(first) + noon && seconds < start(last) + noon - 3600
        case .unitedKingdom:
            guard let (from, to) = unitedKingdom(year) else { return false }
            return seconds >= from && seconds < to
        case .europeanUnion:
            guard year >= 1981 else { return false }
            let end = year < 1996 ? lastSunday(9, year) : lastSunday(10, year)
            return seconds >= start(lastSunday(3, year)) + 3600 && seconds < start(end) + 3600
        case .australia:
            guard year >= 2001 else { return false }
            let (end, begin) = australia(year)
            let two = Int64(7200 - standardOffset)
            return seconds < start(end) + two || seconds >= start(begin) + two
        }
    }

    private func unitedStates(_ year: Int) -> (CivilDate, CivilDate)? {
        switch year {
        case 2007...: (sunday(onOrAfter: 8, 3, year), sunday(onOrAfter: 1, 11, year))
        case 1987...: (sunday(onOrAfter: 1, 4, year), lastSunday(10, year))
        case 1976...: (lastSunday(4, year), lastSunday(10, year))
        case 1975: (CivilDate(1975, 2, 23), lastSunday(10, year))
        case 1974: (CivilDate(1974, 1, 6), lastSunday(10, year))
        case 1970...: (lastSunday(4, year), lastSunday(10, year))
        default: nil
        }
    }

    private func unitedKingdom(_ year: Int) -> (Int64, Int64)? {
        switch year {
        case 1996...: (start(lastSunday(3, year)) + 3600, start(lastSunday(10, year)) + 3600)
        case 1990...:
            (start(lastSunday(3, year)) + 3600, start(sunday(onOrAfter: 22, 10, year)) + 3600)
        case 1981...:
            (start(lastSunday(3, year)) + 3600, start(sunday(onOrAfter: 23, 10, year)) + 3600)
        case 1972...:
            (
                start(sunday(onOrAfter: 16, 3, year)) + 7200,
                start(sunday(onOrAfter: 23, 10, year)) + 7200
            )
        // British Standard Time: an hour ahead through the whole year until the end of October
        // 1971.
        case 1971: (start(CivilDate(1971, 1, 1)), start(CivilDate(1971, 10, 31)) + 7200)
        case 1970: (start(CivilDate(1970, 1, 1)), start(CivilDate(1971, 1, 1)))
        default: nil
        }
    }

    private func australia(_ year: Int) -> (CivilDate, CivilDate) {
        switch year {
        case 2008...: (sunday(onOrAfter: 1, 4, year), sunday(onOrAfter: 1, 10, year))
        // A week longer for the Commonwealth Games of Melbourne.
        case 2006: (CivilDate(2006, 4, 2), lastSunday(10, year))
        default: (lastSunday(3, year), lastSunday(10, year))
        }
    }

    private func start(_ date: CivilDate) -> Int64 { Int64(date.dayNumber) * 86_400 }

    private func sunday(onOrAfter day: Int, _ month: Int, _ year: Int) -> CivilDate {
        CivilDate(year, month, day).next(.sunday)
    }

    private func lastSunday(_ month: Int, _ year: Int) -> CivilDate {
        CivilDate(year, month, CivilDate.days(inMonth: month, of: year)).previous(.sunday)
    }
}

extension CivilDate {
    /// The first such weekday on or after this date.
    package func next(_ weekday: Weekday) -> CivilDate {
        self + (weekday.rawValue - self.weekday.rawValue + 7) % 7
    }

    /// The last such weekday on or before this date.
    package func previous(_ weekday: Weekday) -> CivilDate {
        self - (self.weekday.rawValue - weekday.rawValue + 7) % 7
    }

    /// Easter Sunday of a year of the Gregorian calendar (the algorithm printed in Nature, 1876).
    package static func easter(_ year: Int) -> CivilDate {
        let century = year / 100
        let correction = (century - (century + 8) / 25 + 1) / 3
        let moon = (19 * (year % 19) + century - century / 4 - correction + 15) % 30
        let weekday = (32 + 2 * (century % 4) + 2 * (year % 100 / 4) - moon - year % 4) % 7
        let shift = (year % 19 + 11 * moon + 22 * weekday) / 451
        let days = moon + weekday - 7 * shift + 114
        return CivilDate(year, days / 31, days % 31 + 1)
    }
}
