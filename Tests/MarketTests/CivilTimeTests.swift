import Foundation
import Testing
@testable import Market

private func time(_ text: String) throws -> Timestamp { try TimeText.timestamp(text) }

@Suite struct CivilTimeTests {
    @Test(arguments: [
        ("1970-01-01", 0, Weekday.thursday, 1970, 1), ("1969-12-31", -1, .wednesday, 1970, 1),
        ("2000-02-29", 11_016, .tuesday, 2000, 9), ("1900-03-01", -25_508, .thursday, 1900, 9),
        ("2024-12-30", 20_087, .monday, 2025, 1), ("2021-01-03", 18_630, .sunday, 2020, 53),
        ("2100-03-01", 47_541, .monday, 2100, 9), ("1678-01-01", -106_650, .saturday, 1677, 52),
    ])
    func `dates, day numbers, weekdays and weeks`(
        text: String, number: Int32, weekday: Weekday, weekYear: Int, week: Int
    ) throws {
        let date = try #require(CivilDate(text))
        #expect(date.dayNumber == number)
        #expect(date.weekday == weekday)
        #expect(date.isoWeek == (weekYear, week))
        #expect(date.description == text)
    }

    @Test(arguments: [
        "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2024-4-1", "x", "",
        "2024-01-00", "+024-01-01", "1677-12-31",
    ])
    func `what is no date is none`(text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test func `every day of eight centuries follows the one before`() throws {
        var previous = try #require(CivilDate("1678-01-01"))
        let last = try #require(CivilDate("2261-12-31"))
        while previous < last {
            let date = previous + 1
            let (year, month, day) = date.components
            let (y, m, d) = previous.components
            let follows =
                (year == y && month == m && day == d + 1)
                || (year == y && month == m + 1 && day == 1
                    && d == CivilDate.days(inMonth: m, of: y))
                || (year == y + 1 && month == 1 && day == 1 && m == 12 && d == 31)
            try #require(follows, "\(date) after \(previous)")
            try #require(CivilDate(year: year, month: month, day: day) == date)
            try #require(date.weekday.rawValue == previous.weekday.rawValue % 7 + 1)
            previous = date
        }
    }

    @Test func `weeks begin on Monday, months on the first`() throws {
        let date = try #require(CivilDate("2024-03-03"))
        #expect(date.startOfWeek.description == "2024-02-26")
        #expect(date.startOfMonth.description == "2024-03-01")
        #expect(date.startOfNextMonth.description == "2024-04-01")
        #expect(CivilDate("2024-12-09")?.startOfNextMonth.description == "2025-01-01")
    }

    @Test(arguments: [
        (1990, "1990-04-15"), (2000, "2000-04-23"), (2008, "2008-03-23"), (2011, "2011-04-24"),
        (2024, "2024-03-31"), (2025, "2025-04-20"), (2038, "2038-04-25"), (2285, "2285-03-22"),
    ])
    func `Easter`(year: Int, date: String) { #expect(CivilDate.easter(year).description == date) }

    @Test(arguments: [
        ("America/New_York", "1974-01-06T06:59:59Z", -18_000),
        ("America/New_York", "1974-01-06T07:00:00Z", -14_400),
        ("America/New_York", "1986-04-27T07:00:00Z", -14_400),
        ("America/New_York", "1987-04-05T06:59:59Z", -18_000),
        ("America/New_York", "1987-04-05T07:00:00Z", -14_400),
        ("America/New_York", "2006-10-29T05:59:59Z", -14_400),
        ("America/New_York", "2006-10-29T06:00:00Z", -18_000),
        ("America/New_York", "2007-03-11T06:59:59Z", -18_000),
        ("America/New_York", "2007-03-11T07:00:00Z", -14_400),
        ("America/New_York", "2007-11-04T05:59:59Z", -14_400),
        ("America/New_York", "2007-11-04T06:00:00Z", -18_000),
        ("Europe/London", "1995-10-22T00:59:59Z", 3600),
        ("Europe/London", "1995-10-22T01:00:00Z", 0),
        ("Europe/London", "1996-10-27T00:59:59Z", 3600),
        ("Europe/London", "1996-10-27T01:00:00Z", 0),
        ("Europe/London", "2024-03-31T01:00:00Z", 3600),
        ("Asia/Kolkata", "2024-07-01T00:00:00Z", 19_800),
        ("Australia/Sydney", "2024-04-06T15:59:59Z", 39_600),
        ("Australia/Sydney", "2024-04-06T16:00:00Z", 36_000),
        ("+05:30", "2000-01-01T00:00:00Z", 19_800),
    ])
    func `clocks move when the law of the year says`(name: String, at: String, offset: Int) throws {
        #expect(try #require(ZoneRules.named(name)).offset(at: time(at)) == offset)
    }

    @Test
    func `trap 7: the rules agree with the system's zones at and between all moves until 2037`()
        throws
    {
        let since = [
            "America/Sao_Paulo": 2020, "America/Toronto": 1976, "Asia/Hong_Kong": 1980,
            "Asia/Seoul": 1989, "Asia/Shanghai": 1992, "Asia/Singapore": 1982,
            "Australia/Sydney": 2001,
        ]
        let week: Int64 = 7 * 86_400
        for zone in ZoneRules.all {
            let system = try #require(TimeZone(identifier: zone.name), "\(zone.name)")
            let first = since[zone.name] ?? (zone.daylight == .europeanUnion ? 1981 : 1970)
            var at = Timestamp(CivilDate(first, 1, 2)).wholeSeconds
            let end = Timestamp(CivilDate(2037, 12, 31)).wholeSeconds
            while at < end {
                let date = Date(timeIntervalSince1970: Double(at))
                let move = system.nextDaylightSavingTimeTransition(after: date).map {
                    Int64($0.timeIntervalSince1970)
                }
                let next = min(move ?? .max, at + week)
                for second in [at, next - 1, next] {
                    let expected = system.secondsFromGMT(
                        for: Date(timeIntervalSince1970: Double(second)))
                    let offset = zone.offset(at: Timestamp(seconds: second))
                    try #require(
                        offset == expected,
                        "\(zone.name) at \(TimeText.string(Timestamp(seconds: second)))")
                }
                at = next
            }
        }
    }

    @Test func `a local time finds its instant, also around the moves`() throws {
        let date = CivilDate(2024, 3, 10)
        let zone = ZoneRules.newYork
        #expect(
            TimeText.string(zone.timestamp(date, secondOfDay: 9 * 3600 + 1800))
                == "2024-03-10T13:30:00Z")
        // 02:30 is left out: the clock taken as not yet moved shows 03:30 of summer.
        #expect(TimeText.string(zone.timestamp(date, secondOfDay: 9000)) == "2024-03-10T07:30:00Z")
        // 01:30 comes twice in autumn: the first is meant.
        #expect(
            TimeText.string(zone.timestamp(CivilDate(2024, 11, 3), secondOfDay: 5400))
                == "2024-11-03T05:30:00Z")
        // Seconds before midnight belong to the evening before.
        #expect(
            TimeText.string(zone.timestamp(date, secondOfDay: -7 * 3600)) == "2024-03-09T22:00:00Z")
    }

    @Test(arguments: [
        ("2024-01-31", "2024-01-31T00:00:00Z"), ("2024-01-31T14:30", "2024-01-31T14:30:00Z"),
        ("2024-01-31 14:30:05", "2024-01-31T14:30:05Z"),
        ("2024-01-31T14:30:05Z", "2024-01-31T14:30:05Z"),
        ("2024-01-31T14:30:05.1Z", "2024-01-31T14:30:05.100Z"),
        ("2024-01-31T14:30:05.123456789Z", "2024-01-31T14:30:05.123456789Z"),
        ("2024-01-31T14:30:05.123456000000Z", "2024-01-31T14:30:05.123456Z"),
        ("2024-01-31T14:30:05+05:30", "2024-01-31T09:00:05Z"),
        ("2024-01-31T14:30:05-0500", "2024-01-31T19:30:05Z"),
        ("2024-01-31T14:30:05+01", "2024-01-31T13:30:05Z"),
        ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z"),
        ("1678-01-01T00:00:00Z", "1678-01-01T00:00:00Z"),
        ("2261-12-31T23:59:59Z", "2261-12-31T23:59:59Z"),
    ])
    func `instants are read`(text: String, expected: String) throws {
        #expect(try TimeText.string(time(text)) == expected)
    }

    @Test func `a text without zone is in the zone that the reader is told`() throws {
        let read = try TimeText.timestamp("2020-07-01 09:30:00", zone: .newYork)
        #expect(TimeText.string(read) == "2020-07-01T13:30:00Z")
        #expect(TimeText.string(read, zone: .newYork) == "2020-07-01T09:30:00-04:00")
        #expect(
            TimeText.string(read, zone: .kolkata, precision: .milliseconds)
                == "2020-07-01T19:00:00.000+05:30")
    }

    @Test(arguments: [
        ("", TimeText.Refusal.empty), ("2024", .notATime), ("2024/01/02", .notATime),
        ("2024-01-02T", .notATime),
        ("2024-01-02X10:00", .notATime), ("2024-01-02T10", .notATime),
        ("2024-01-02T10:00:00.", .notATime),
        ("2024-01-02T10:00:00.1234567891Z", .notATime), ("2024-01-02T10:00:00ZZ", .notATime),
        ("2024-01-02T10:00:00+5", .notATime), ("1704186000", .notATime),
        ("2023-02-29", .noSuchDate),
        ("2024-01-02T24:00:00Z", .noSuchTime), ("2024-01-02T10:60:00Z", .noSuchTime),
        ("2016-12-31T23:59:60Z", .noSuchTime), ("2024-01-02T10:00:00+24:00", .noSuchTime),
        ("1500-01-01", .outOfRange), ("9999-12-31", .outOfRange),
    ])
    func `what is no instant is refused with its reason`(text: String, reason: TimeText.Refusal) {
        #expect(throws: reason) { try TimeText.timestamp(text) }
    }

    @Test func `instants survive the way through text and civil time`() throws {
        let seed: UInt64 = 99
        print("seed \(seed)")
        var random = TestRandom(seed: seed)
        for _ in 0..<20_000 {
            let at = Timestamp(
                nanoseconds: Int64.random(
                    in: -9_214_560_000_000_000_000...9_214_646_399_999_999_999, using: &random))
            let zone = ZoneRules.all[Int.random(in: 0..<ZoneRules.all.count, using: &random)]
            #expect(try TimeText.timestamp(TimeText.string(at, zone: zone)) == at)
            #expect(Timestamp(at.civil) == at)
        }
    }

    @Test func `the ends of time hold`() {
        #expect(Timestamp.distantFuture + 1 == .distantFuture)
        #expect(Timestamp.distantPast - 1 == .distantPast)
        #expect(Timestamp.distantFuture - Timestamp.distantPast == .max)
        #expect(TimeText.string(.distantFuture) == "2262-04-11T23:47:16.854775807Z")
        #expect(TimeText.string(.distantPast) == "1677-09-21T00:12:43.145224192Z")
    }
}
