extension TradingCalendar {
    /// A name that no calendar has.
    package struct UnknownName: Error, Hashable, Sendable, CustomStringConvertible {
        package let name: String
        /// What was probably meant.
        package let suggestion: String?

        package var description: String {
            let hint = suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
            return
                "unknown calendar \"\(name)\"\(hint) (known: \(knownNames.joined(separator: ", ")))"
        }
    }

    /// The names by which calendars are stored.
    package static let knownNames = ["24/7", "24/5", "XNYS", "XLON", "XNSE"]

    private static let aliases = [
        ("CRYPTO", "24/7"), ("FX", "24/5"), ("FOREX", "24/5"), ("NYSE", "XNYS"), ("NASDAQ", "XNYS"),
        ("XNAS", "XNYS"), ("LSE", "XLON"), ("NSE", "XNSE"), ("BSE", "XNSE"), ("XBOM", "XNSE"),
    ]

    /// The calendar of a market by its code or usual name, in capitals or not. Making one takes a
    /// tenth of a millisecond; keep it.
    package static func named(_ name: String) throws(UnknownName) -> TradingCalendar {
        let upper = name.uppercased()
        let known = aliases.first { $0.0 == upper }?.1 ?? upper
        switch known {
        case "24/7": return .always
        case "24/5": return .currencies
        case "XNYS": return .newYork
        case "XLON": return .london
        case "XNSE": return .india
        default:
            let names = knownNames + aliases.map(\.0)
            throw UnknownName(name: name, suggestion: Suggestion.nearest(to: upper, among: names))
        }
    }

    /// Never shut: a session is a UTC day.
    package static var always: TradingCalendar {
        TradingCalendar(
            name: "24/7", zone: .utc, weekdays: Weekday.allCases, knownYears: rulesYears,
            eras: [Era(from: CivilDate(1970, 1, 1), hours: Hours(opens: 0, closes: 86_400))])
    }

    /// Currencies between banks: from Sunday to Friday, each session from five in New York to five.
    package static var currencies: TradingCalendar {
        var holidays: [Holiday] = []
        for year in rulesYears {
            holidays.append(Holiday(date: CivilDate(year, 1, 1), name: "New Year's Day"))
            holidays.append(Holiday(date: CivilDate(year, 12, 25), name: "Christmas"))
        }
        return TradingCalendar(
            name: "24/5", zone: .newYork, weekdays: workingDays, knownYears: rulesYears,
            eras: [Era(from: CivilDate(1970, 1, 1), hours: Hours(opens: -25_200, closes: 61_200))],
            holidays: holidays)
    }

    /// The years for which tables are made from rules.
    static let rulesYears = 1970...2099
    static let workingDays: [Weekday] = [.monday, .tuesday, .wednesday, .thursday, .friday]
}
