/// How far local time is from UTC, by rules: no database, the same on every machine.
package struct ZoneRules: Hashable, Sendable {
    /// When clocks are an hour ahead.
    package enum Daylight: Hashable, Sendable {
        case none
        /// By the law of the year, from 1970 on.
        case unitedStates
        /// From 1970 on.
        case unitedKingdom
        /// The common rule of the European Union, from 1981 on (until 1995 ending in September).
        case europeanUnion
        /// New South Wales, from 2001 on.
        case australia
    }

    /// Its name in the tz database, `UTC`, or the offset itself.
    package let name: String
    /// Seconds east of UTC in winter.
    package let standardOffset: Int
    package let daylight: Daylight

    package init(name: String, standardOffset: Int, daylight: Daylight = .none) {
        self.name = name
        self.standardOffset = standardOffset
        self.daylight = daylight
    }

    package static let utc = ZoneRules(name: "UTC", standardOffset: 0)
    package static let newYork = ZoneRules(
        name: "America/New_York", standardOffset: -18_000, daylight: .unitedStates)
    package static let london = ZoneRules(
        name: "Europe/London", standardOffset: 0, daylight: .unitedKingdom)
    package static let kolkata = ZoneRules(name: "Asia/Kolkata", standardOffset: 19_800)

    /// The zones that can be named.
    package static let all: [ZoneRules] = [
        utc, newYork, london, kolkata,
        ZoneRules(name: "America/Chicago", standardOffset: -21_600, daylight: .unitedStates),
        ZoneRules(name: "America/Los_Angeles", standardOffset: -28_800, daylight: .unitedStates),
        ZoneRules(name: "America/Sao_Paulo", standardOffset: -10_800),
        ZoneRules(name: "America/Toronto", standardOffset: -18_000, daylight: .unitedStates),
        ZoneRules(name: "Asia/Hong_Kong", standardOffset: 28_800),
        ZoneRules(name: "Asia/Seoul", standardOffset: 32_400),
        ZoneRules(name: "Asia/Shanghai", standardOffset: 28_800),
        ZoneRules(name: "Asia/Singapore", standardOffset: 28_800),
        ZoneRules(name: "Asia/Tokyo", standardOffset: 32_400),
        ZoneRules(name: "Australia/Sydney", standardOffset: 36_000, daylight: .australia),
        ZoneRules(name: "Europe/Amsterdam", standardOffset: 3600, daylight: .europeanUnion),
        ZoneRules(name: "Europe/Berlin", standardOffset: 3600, daylight: .europeanUnion),
        ZoneRules(name: "Europe/Madrid", standardOffset: 3600, daylight: .europeanUnion),
        ZoneRules(name: "Europe/Paris", standardOffset: 3600, daylight: .europeanUnion),
        ZoneRules(name: "Europe/Stockholm", standardOffset: 3600, daylight: .europeanUnion),
        ZoneRules(name: "Europe/Zurich", standardOffset: 3600, daylight: .europeanUnion),
    ]

    /// A zone of `all`, or a fixed offset such as `+05:30`; nil for an unknown name.
    package static func named(_ name: String) -> ZoneRules? {
        if let zone = all.first(where: { $0.name == name }) { return zone }
        let bytes = Array(name.utf8)
        guard let first = bytes.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-")
        else {
            return nil
        }
        do {
            return ZoneRules(name: name, standardOffset: try TimeText.offset(bytes.span))
        } catch {
            return nil
        }
    }

    /// Seconds east of UTC at an instant.
    package func offset(at time: Timestamp) -> Int {
        if daylight == .none { return standardOffset }
        let seconds = time.wholeSeconds
        let local = CivilDate.floor(Int(seconds) + standardOffset, 86_400)
        let year = CivilDate(dayNumber: Int32(local)).year
        return isDaylight(seconds, year) ? standardOffset + 3600 : standardOffset
    }

    /// The instant at which local clocks show `secondOfDay` (which may be negative or beyond a day)
    /// on `date`. An hour that occurs twice is the first one; in an hour that is left out clocks
    /// are taken as not yet moved.
    package func timestamp(_ date: CivilDate, secondOfDay: Int) -> Timestamp {
        let standard = Timestamp(date, secondOfDay: secondOfDay - standardOffset)
        if daylight == .none { return standard }
        let summer = standard - 3600 * Timestamp.nanosecondsPerSecond
        return offset(at: summer) == standardOffset ? standard : summer
    }

    /// The same for a whole civil time.
    package func timestamp(_ time: CivilTime) -> Timestamp {
        timestamp(time.date, secondOfDay: time.secondOfDay) + Int64(time.nanosecond)
    }
}
