/// A date and a time of day, in no zone or in one that the context gives.
package struct CivilTime: Hashable, Sendable {
    package var date: CivilDate
    package var hour: Int
    package var minute: Int
    package var second: Int
    package var nanosecond: Int

    package init(
        _ date: CivilDate, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0,
        _ nanosecond: Int = 0
    ) {
        self.date = date
        self.hour = hour
        self.minute = minute
        self.second = second
        self.nanosecond = nanosecond
    }

    package var secondOfDay: Int { hour * 3600 + minute * 60 + second }
}

extension Timestamp {
    package static let nanosecondsPerSecond: Int64 = 1_000_000_000
    package static let nanosecondsPerDay: Int64 = 86_400_000_000_000

    /// `secondOfDay` seconds after the date's UTC midnight; held to the ends of what nanoseconds
    /// can tell.
    package init(_ date: CivilDate, secondOfDay: Int = 0) {
        let seconds = Int64(date.dayNumber) * 86_400 + Int64(secondOfDay)
        let (value, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self.init(nanoseconds: overflow ? (seconds < 0 ? .min : .max) : value)
    }

    /// The instant of a UTC date and time.
    package init(_ time: CivilTime) {
        self = Timestamp(time.date, secondOfDay: time.secondOfDay) + Int64(time.nanosecond)
    }

    /// The whole seconds since 1970, toward the past.
    @inlinable package var wholeSeconds: Int64 {
        let seconds = rawValue / 1_000_000_000
        return rawValue < 0 && seconds * 1_000_000_000 != rawValue ? seconds - 1 : seconds
    }

    /// The UTC date.
    package var date: CivilDate {
        CivilDate(dayNumber: Int32(CivilDate.floor(Int(wholeSeconds), 86_400)))
    }

    /// The UTC date and time.
    package var civil: CivilTime { civil(offset: 0) }

    /// The local date and time in a zone.
    package func civil(in zone: ZoneRules) -> CivilTime { civil(offset: zone.offset(at: self)) }

    private func civil(offset: Int) -> CivilTime {
        let seconds = Int(wholeSeconds) + offset
        let day = CivilDate.floor(seconds, 86_400)
        let rest = seconds - day * 86_400
        return CivilTime(
            CivilDate(dayNumber: Int32(day)), rest / 3600, rest / 60 % 60, rest % 60,
            Int(rawValue &- wholeSeconds &* 1_000_000_000))
    }

    /// `nanoseconds` later, held to the ends of what can be told.
    @inlinable public static func + (time: Timestamp, nanoseconds: Int64) -> Timestamp {
        let (value, overflow) = time.rawValue.addingReportingOverflow(nanoseconds)
        return Timestamp(nanoseconds: overflow ? (nanoseconds < 0 ? .min : .max) : value)
    }
    @inlinable public static func - (time: Timestamp, nanoseconds: Int64) -> Timestamp {
        let (value, overflow) = time.rawValue.subtractingReportingOverflow(nanoseconds)
        return Timestamp(nanoseconds: overflow ? (nanoseconds < 0 ? .max : .min) : value)
    }
    /// Nanoseconds from `b` to `a`, held to what 64 bits tell.
    @inlinable public static func - (a: Timestamp, b: Timestamp) -> Int64 {
        let (value, overflow) = a.rawValue.subtractingReportingOverflow(b.rawValue)
        return overflow ? (a < b ? .min : .max) : value
    }
}
