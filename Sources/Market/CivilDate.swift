/// A day of the proleptic Gregorian calendar.
package struct CivilDate: Hashable, Comparable, Sendable, Codable {
    /// Days since 1970-01-01.
    package var dayNumber: Int32

    @inlinable package init(dayNumber: Int32) { self.dayNumber = dayNumber }

    /// The years whose days a `Timestamp` can tell.
    package static let years = 1678...2261

    /// Nil for a date that does not exist or lies outside `years`.
    package init?(year: Int, month: Int, day: Int) {
        guard Self.years.contains(year), 1...12 ~= month else { return nil }
        guard 1...Self.days(inMonth: month, of: year) ~= day else { return nil }
        self.init(year, month, day)
    }

    /// A date that is known to exist: from tables and rules.
    init(_ year: Int, _ month: Int, _ day: Int) {
        // Years begin in March, so that the leap day is the last one; 400 years have 146,097 days.
        let shifted = month > 2 ? year : year - 1
        let era = Self.floor(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        dayNumber = Int32(era * 146_097 + dayOfEra - 719_468)
    }

    package var components: (year: Int, month: Int, day: Int) {
        let days = Int(dayNumber) + 719_468
        let era = Self.floor(days, 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * shifted + 2) / 5 + 1
        )
    }

    package var year: Int { components.year }
    package var month: Int { components.month }
    package var day: Int { components.day }

    package var weekday: Weekday {
        // 1970-01-01 was a Thursday.
        Weekday(rawValue: (Int(dayNumber) + 3) - Self.floor(Int(dayNumber) + 3, 7) * 7 + 1)
            ?? .monday
    }

    /// The Monday of its week, and the first of its month and year.
    package var startOfWeek: CivilDate { self - (weekday.rawValue - 1) }
    package var startOfMonth: CivilDate { self - (day - 1) }
    package var startOfYear: CivilDate { CivilDate(year, 1, 1) }
    package var startOfNextMonth: CivilDate {
        let (year, month, _) = components
        return month == 12 ? CivilDate(year + 1, 1, 1) : CivilDate(year, month + 1, 1)
    }

    /// Year and number of its week by ISO 8601: week 1 holds the year's first Thursday.
    package var isoWeek: (year: Int, week: Int) {
        let thursday = startOfWeek + 3
        let year = thursday.year
        return (year, (thursday - CivilDate(year, 1, 1)) / 7 + 1)
    }

    package static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    @inlinable package static func < (a: CivilDate, b: CivilDate) -> Bool {
        a.dayNumber < b.dayNumber
    }
    @inlinable package static func + (date: CivilDate, days: Int) -> CivilDate {
        CivilDate(dayNumber: date.dayNumber + Int32(days))
    }
    @inlinable package static func - (date: CivilDate, days: Int) -> CivilDate { date + -days }
    /// Days from `b` to `a`.
    @inlinable package static func - (a: CivilDate, b: CivilDate) -> Int {
        Int(a.dayNumber) - Int(b.dayNumber)
    }

    @inlinable static func floor(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }
}

/// Days of the week by their ISO number.
package enum Weekday: Int, Hashable, Sendable, Codable, CaseIterable {
    case monday = 1, tuesday, wednesday, thursday, friday, saturday, sunday
}

extension CivilDate: LosslessStringConvertible {
    /// Reads `2024-02-29`.
    package init?(_ description: String) {
        let parts = description.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2] else { return nil }
        let numbers = parts.compactMap { $0.utf8.allSatisfy { 48...57 ~= $0 } ? Int($0) : nil }
        guard numbers.count == 3 else { return nil }
        self.init(year: numbers[0], month: numbers[1], day: numbers[2])
    }

    package var description: String {
        var bytes: [UInt8] = []
        TimeText.append(self, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
