/// A date of the Gregorian calendar, and its number counted from 1970-01-01.
package struct CivilDay: Hashable, Sendable, Codable {
    package let year: Int
    /// 1...12.
    package let month: Int
    package let day: Int

    /// The date `number` days after 1970-01-01.
    ///
    /// Years are taken to begin in March, so that the leap day is the last of a year and month
    /// lengths repeat every five months; 400 years have 146097 days.
    package init(number: Int) {
        let fromMarchYearZero = number + 719_468
        let era = floorDivide(fromMarchYearZero, 146_097)
        let dayOfEra = fromMarchYearZero - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The number of the day in which an instant lies where clocks are `offsetSeconds` ahead of
    /// UTC.
    package static func number(unixNanoseconds: Int64, offsetSeconds: Int = 0) -> Int {
        floorDivide(floorDivide(Int(unixNanoseconds), 1_000_000_000) + offsetSeconds, 86_400)
    }
}

private func floorDivide(_ a: Int, _ b: Int) -> Int {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
}
