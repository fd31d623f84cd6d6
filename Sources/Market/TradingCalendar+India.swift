/// National Stock Exchange of India. Its holidays follow several religious calendars and are
/// announced year by year: they are a table. The rare sessions on Saturdays and Sundays are not in
/// it.
extension TradingCalendar {
    package static var india: TradingCalendar {
        var holidays: [Holiday] = []
        for (year, days) in indianHolidays {
            holidays += days.map {
                Holiday(date: CivilDate(year, $0 / 100, $0 % 100), name: "Exchange holiday")
            }
        }
        let known = 2011...2026
        for year in rulesYears where !known.contains(year) { holidays += indianFixedHolidays(year) }
        return TradingCalendar(
            name: "XNSE", zone: .kolkata, weekdays: workingDays, knownYears: known,
            eras: [Era(from: CivilDate(1970, 1, 1), hours: Hours(opens: 33_300, closes: 55_800))],
            holidays: holidays, specialDays: indianSpecialDays)
    }

    /// What is known of a year that was not announced when the table was written.
    private static func indianFixedHolidays(_ year: Int) -> [Holiday] {
        [
            Holiday(date: CivilDate(year, 1, 26), name: "Republic Day"),
            Holiday(date: CivilDate.easter(year) - 2, name: "Good Friday"),
            Holiday(date: CivilDate(year, 4, 14), name: "Ambedkar Jayanti"),
            Holiday(date: CivilDate(year, 5, 1), name: "Maharashtra Day"),
            Holiday(date: CivilDate(year, 8, 15), name: "Independence Day"),
            Holiday(date: CivilDate(year, 10, 2), name: "Gandhi Jayanti"),
            Holiday(date: CivilDate(year, 12, 25), name: "Christmas"),
        ]
    }

    /// The hour of trading at Diwali, and the day made longer after a technical failure.
    private static let indianSpecialDays: [SpecialDay] = [
        SpecialDay(date: CivilDate(2011, 10, 26), hours: Hours(opens: 60_300, closes: 64_800)),
        SpecialDay(date: CivilDate(2012, 11, 13), hours: Hours(opens: 56_700, closes: 61_200)),
        SpecialDay(date: CivilDate(2014, 10, 23), hours: Hours(opens: 66_600, closes: 70_200)),
        SpecialDay(date: CivilDate(2015, 11, 11), hours: Hours(opens: 63_900, closes: 67_500)),
        SpecialDay(date: CivilDate(2017, 10, 19), hours: Hours(opens: 66_600, closes: 70_200)),
        SpecialDay(date: CivilDate(2018, 11, 7), hours: Hours(opens: 63_000, closes: 66_600)),
        SpecialDay(date: CivilDate(2021, 2, 24), hours: Hours(opens: 33_300, closes: 61_200)),
        SpecialDay(date: CivilDate(2021, 11, 4), hours: Hours(opens: 65_700, closes: 69_300)),
        SpecialDay(date: CivilDate(2022, 10, 24), hours: Hours(opens: 65_700, closes: 69_300)),
        SpecialDay(date: CivilDate(2024, 11, 1), hours: Hours(opens: 64_800, closes: 68_400)),
        SpecialDay(date: CivilDate(2025, 10, 21), hours: Hours(opens: 49_500, closes: 53_100)),
    ]

    /// Weekdays without trading, as month x 100 + day.
    private static let indianHolidays: [(Int, [Int])] = [
        (2011, [126, 302, 412, 414, 422, 815, 831, 901, 1006, 1027, 1107, 1110, 1206]),
        (2012, [126, 220, 308, 405, 406, 501, 815, 820, 919, 1002, 1024, 1114, 1128, 1225]),
        (2013, [327, 329, 419, 424, 501, 809, 815, 909, 1002, 1016, 1104, 1115, 1225]),
        (
            2014,
            [
                227, 317, 408, 414, 418, 424, 501, 729, 815, 829, 1002, 1003, 1006, 1015, 1024,
                1104, 1106, 1225,
            ]
        ),
        (2015, [126, 217, 306, 402, 403, 414, 501, 917, 925, 1002, 1022, 1112, 1125, 1225]),
        (2016, [126, 307, 324, 325, 414, 415, 419, 706, 815, 905, 913, 1011, 1012, 1031, 1114]),
        (2017, [126, 224, 313, 404, 414, 501, 626, 815, 825, 1002, 1020, 1225]),
        (2018, [126, 213, 302, 329, 330, 501, 815, 822, 913, 920, 1002, 1018, 1108, 1123, 1225]),
        (
            2019,
            [
                304, 321, 417, 419, 429, 501, 605, 812, 815, 902, 910, 1002, 1008, 1021, 1028, 1112,
                1225,
            ]
        ),
        (2020, [221, 310, 402, 406, 410, 414, 501, 525, 1002, 1116, 1130, 1225]),
        (2021, [126, 311, 329, 402, 414, 421, 513, 721, 819, 910, 1015, 1105, 1119]),
        (2022, [126, 301, 318, 414, 415, 503, 809, 815, 831, 1005, 1026, 1108]),
        (2023, [126, 307, 330, 404, 407, 414, 501, 629, 815, 919, 1002, 1024, 1114, 1127, 1225]),
        (
            2024,
            [
                122, 126, 308, 325, 329, 411, 417, 501, 520, 617, 717, 815, 1002, 1115, 1120,
                1225,
            ]
        ),
        (2025, [226, 314, 331, 410, 414, 418, 501, 815, 827, 1002, 1022, 1105, 1225]),
        (
            2026,
            [
                115, 126, 303, 326, 331, 403, 414, 501, 528, 626, 914, 1002, 1020, 1110, 1124,
                1225,
            ]
        ),
    ]
}
