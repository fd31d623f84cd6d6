/// Returns by month and by year, compounded.
package struct CalendarReturns: Hashable, Sendable, Codable {
    package struct Year: Hashable, Sendable, Codable {
        package var year: Int
        package var total: Double
        /// January to December; nil where the series has no period.
        package var months: [Double?]
    }

    /// One month of one year.
    package struct Month: Hashable, Sendable, Codable {
        package var year: Int
        package var month: Int
        package var total: Double
    }

    /// In order of time, without the years that have no period.
    package let years: [Year]

    /// `days[i]` is the number of the day to which `returns[i]` belongs, never falling;
    /// `yearAndMonth` is asked once for each day.
    package init(
        returns: [Double], days: [Int], yearAndMonth: (_ day: Int) -> (year: Int, month: Int)
    ) {
        precondition(returns.count == days.count, "one day for each return")
        var years: [Year] = []
        for run in CalendarReturns.months(returns, days, yearAndMonth) {
            if years.last?.year != run.year {
                let empty = [Double?](repeating: nil, count: 12)
                years.append(Year(year: run.year, total: 0, months: empty))
            }
            years[years.count - 1].months[run.month - 1] = run.total
        }
        for i in years.indices {
            years[i].total = years[i].months.reduce(1) { $0 * (1 + ($1 ?? 0)) } - 1
        }
        self.years = years
    }

    private static func months(
        _ returns: [Double], _ days: [Int], _ yearAndMonth: (Int) -> (year: Int, month: Int)
    ) -> [Month] {
        var months: [Month] = []
        var growth = 1.0
        var day = Int.min
        for i in returns.indices {
            if days[i] != day {
                day = days[i]
                let date = yearAndMonth(day)
                if months.last.map({ $0.year != date.year || $0.month != date.month }) ?? true {
                    months.append(Month(year: date.year, month: date.month, total: 0))
                    growth = 1
                }
            }
            growth *= 1 + returns[i]
            months[months.count - 1].total = growth - 1
        }
        return months
    }

    /// All months in order of time.
    package var months: [Month] {
        years.flatMap { year in
            year.months.enumerated().compactMap { month, total in
                total.map { Month(year: year.year, month: month + 1, total: $0) }
            }
        }
    }

    /// Nil without a period.
    package var bestMonth: Month? { months.max { $0.total < $1.total } }
    package var worstMonth: Month? { months.min { $0.total < $1.total } }
}

/// The last mark of each day, with the days: a curve of daily marks out of one of minutes.
package func lastOfEachDay(marks: [Double], days: [Int]) -> (marks: [Double], days: [Int]) {
    precondition(marks.count == days.count, "one day for each mark")
    var daily: (marks: [Double], days: [Int]) = ([], [])
    for i in marks.indices where i + 1 == marks.count || days[i + 1] != days[i] {
        daily.marks.append(marks[i])
        daily.days.append(days[i])
    }
    return daily
}
