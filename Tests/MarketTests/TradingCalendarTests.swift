import Testing
@testable import Market

private func at(_ text: String) throws -> Timestamp { try TimeText.timestamp(text) }
private func date(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

@Suite struct TradingCalendarTests {
    private let hours = TradingCalendar.Hours(opens: 9 * 3600, closes: 17 * 3600)

    @Test(arguments: [
        ("nyse", "XNYS"), ("XNYS", "XNYS"), ("NASDAQ", "XNYS"), ("lse", "XLON"), ("NSE", "XNSE"),
        ("24/7", "24/7"), ("crypto", "24/7"), ("FX", "24/5"),
    ])
    func `a market is known by its code and its usual name`(name: String, code: String) throws {
        #expect(try TradingCalendar.named(name).name == code)
    }

    @Test(arguments: [
        ("XNYX", "XNYS"), ("NYES", "NYSE"), ("24-7", "24/7"), ("XLOM", "XLON"), ("NASDQ", "NASDAQ"),
        ("TOKYO", nil),
        ("", nil),
    ])
    func `an unknown name is refused with what was probably meant`(
        name: String, suggestion: String?
    ) {
        let error = #expect(throws: TradingCalendar.UnknownName.self) {
            try TradingCalendar.named(name)
        }
        #expect(error?.suggestion == suggestion)
        #expect(error?.description.contains("unknown calendar \"\(name)\"") == true)
    }

    @Test(arguments: TradingCalendar.knownNames)
    func `neighbours, instants and dates agree with each other`(name: String) throws {
        let calendar = try TradingCalendar.named(name)
        let seed: UInt64 = 400
        print("seed \(seed)")
        var random = TestRandom(seed: seed)
        let first = Timestamp(CivilDate(1980, 1, 1)).rawValue
        let last = Timestamp(CivilDate(2060, 1, 1)).rawValue
        for _ in 0..<2000 {
            let time = Timestamp(nanoseconds: Int64.random(in: first...last, using: &random))
            let next = try #require(calendar.session(openingAfter: time))
            let opened = try #require(calendar.session(openedBy: time))
            let ending = try #require(calendar.session(closingAfter: time))
            let closed = try #require(calendar.session(closedBy: time))
            #expect(next.opens > time && opened.opens <= time)
            #expect(ending.closes > time && closed.closes <= time)
            #expect(calendar.session(after: opened.date) == next)
            #expect(calendar.session(before: next.date) == opened)
            #expect(calendar.session(after: closed.date) == ending)
            #expect(calendar.session(before: ending.date) == closed)
            if let open = calendar.session(containing: time) {
                #expect(open == opened && open == ending && open.contains(time))
            } else {
                #expect(opened == closed && next == ending)
            }
            #expect(calendar.sessionDate(of: time) == ending.date)
            #expect(calendar.session(on: next.date) == next)
        }
    }

    @Test(arguments: [
        ("XNYS", "2024-03-08", "2024-03-08T14:30:00Z", "2024-03-08T21:00:00Z"),
        // New York's clocks have moved, London's have not, for three weeks.
        ("XNYS", "2024-03-11", "2024-03-11T13:30:00Z", "2024-03-11T20:00:00Z"),
        ("XLON", "2024-03-11", "2024-03-11T08:00:00Z", "2024-03-11T16:30:00Z"),
        ("XLON", "2024-04-02", "2024-04-02T07:00:00Z", "2024-04-02T15:30:00Z"),
        ("XLON", "2024-10-28", "2024-10-28T08:00:00Z", "2024-10-28T16:30:00Z"),
        ("XNYS", "2024-10-28", "2024-10-28T13:30:00Z", "2024-10-28T20:00:00Z"),
        ("XNYS", "2024-11-04", "2024-11-04T14:30:00Z", "2024-11-04T21:00:00Z"),
        // Half days, before and after.
        ("XNYS", "2024-11-29", "2024-11-29T14:30:00Z", "2024-11-29T18:00:00Z"),
        ("XLON", "2024-12-24", "2024-12-24T08:00:00Z", "2024-12-24T12:30:00Z"),
    ])
    func `trap 7: a session keeps its local hours over both moves of the clocks and on half days`(
        name: String, day: String, opens: String, closes: String
    ) throws {
        let session = try #require(TradingCalendar.named(name).session(on: date(day)))
        #expect(
            [TimeText.string(session.opens), TimeText.string(session.closes)] == [opens, closes])
    }

    @Test func `a session holds its opening and not its closing`() throws {
        let calendar = try TradingCalendar.named("XNYS")
        let session = try #require(calendar.session(on: date("2024-07-03")))
        #expect(session.kind == .earlyClose)
        #expect(session.length == 210 * 60 * Timestamp.nanosecondsPerSecond)
        #expect(calendar.session(containing: session.opens) == session)
        #expect(calendar.session(containing: session.closes - 1) == session)
        #expect(calendar.session(containing: session.closes) == nil)
        #expect(calendar.session(containing: session.opens - 1) == nil)
    }

    @Test func `the reason of a closed day can be told`() throws {
        let calendar = try TradingCalendar.named("XNYS")
        #expect(calendar.holiday(on: try date("2012-10-29")) == "Hurricane Sandy")
        #expect(calendar.holiday(on: try date("2024-11-28")) == "Thanksgiving")
        #expect(calendar.holiday(on: try date("2024-11-30")) == nil)
        #expect(calendar.holiday(on: try date("2024-11-29")) == nil)
    }

    @Test func `open time in a span counts only sessions`() throws {
        let calendar = try TradingCalendar.named("XNYS")
        let second = Timestamp.nanosecondsPerSecond
        // Friday 15:30 to Monday 10:00 in New York: half an hour at each end.
        #expect(
            calendar.openTime(
                from: try at("2024-06-07T19:30:00Z"), to: try at("2024-06-10T14:00:00Z")) == 3600
                * second)
        #expect(
            calendar.openTime(
                from: try at("2024-06-08T00:00:00Z"), to: try at("2024-06-09T00:00:00Z")) == 0)
        #expect(
            calendar.openTime(
                from: try at("2024-06-07T15:00:00Z"), to: try at("2024-06-07T15:00:01Z")) == second)
        let always = try TradingCalendar.named("24/7")
        #expect(
            always.openTime(
                from: try at("2024-06-07T15:00:00Z"), to: try at("2024-06-09T15:00:00Z")) == 172_800
                * second)
    }

    @Test func `a currency's session begins on the evening before its date`() throws {
        let calendar = try TradingCalendar.named("24/5")
        let monday = try #require(calendar.session(on: date("2024-06-10")))
        #expect(TimeText.string(monday.opens) == "2024-06-09T21:00:00Z")
        #expect(TimeText.string(monday.closes) == "2024-06-10T21:00:00Z")
        #expect(calendar.session(containing: try at("2024-06-09T22:00:00Z")) == monday)
        #expect(calendar.session(containing: try at("2024-06-08T12:00:00Z")) == nil)
        #expect(calendar.session(containing: try at("2024-12-25T12:00:00Z")) == nil)
        #expect(calendar.sessionDate(of: try at("2024-06-07T21:00:00Z")) == monday.date)
    }

    @Test(arguments: [("24/7", 365.0), ("24/5", 259), ("XNYS", 252), ("XLON", 253), ("XNSE", 247)])
    func `a year has its sessions`(name: String, sessions: Double) throws {
        #expect(try TradingCalendar.named(name).sessionsPerYear == sessions)
    }

    @Test(arguments: [
        ("24/7", "1m", 525_600.0), ("24/7", "4h", 2190), ("24/7", "1d", 365), ("24/7", "1w", 52),
        ("24/7", "1mo", 12),
        ("XNYS", "1d", 252), ("XNYS", "1h", 1764), ("XNYS", "30m", 3276), ("XNYS", "1m", 98_280),
        ("XNSE", "15m", 6175),
    ])
    func `trap 35: bars of a length fill a year of their own calendar`(
        name: String, frame: String, periods: Double
    ) throws {
        #expect(
            try TradingCalendar.named(name).periodsPerYear(#require(TimeFrame(frame))) == periods)
    }

    @Test func `a calendar of one's own`() throws {
        let holiday = try TradingCalendar.Holiday(date: date("2024-05-01"), name: "Labour Day")
        let saturday = try TradingCalendar.SpecialDay(
            date: date("2024-05-04"), hours: TradingCalendar.Hours(opens: 36_000, closes: 43_200))
        let calendar = try TradingCalendar.make(
            name: "XETR", zone: #require(ZoneRules.named("Europe/Berlin")), hours: hours,
            holidays: [holiday],
            specialDays: [saturday])
        #expect(calendar.session(on: holiday.date) == nil)
        #expect(calendar.session(on: saturday.date)?.kind == .special)
        #expect(
            calendar.session(on: try date("2024-05-02")).map { TimeText.string($0.opens) }
                == "2024-05-02T07:00:00Z")
        #expect(
            calendar.sessionCount(from: try date("2024-04-29"), through: try date("2024-05-05"))
                == 5)
        #expect(try #require(calendar.session(on: date("2024-05-02"))).kind == .normal)
    }

    @Test func `tables that make no calendar are refused`() throws {
        typealias Problem = TradingCalendar.Problem
        typealias Hours = TradingCalendar.Hours
        let day = try date("2024-05-01")
        let holiday = TradingCalendar.Holiday(date: day, name: "x")
        let late = TradingCalendar.SpecialDay(
            date: day, hours: Hours(opens: 50_000, closes: 86_400 + 40_000))
        func make(
            _ name: String = "X", _ weekdays: [Weekday] = [.monday], _ hours: Hours,
            _ holidays: [TradingCalendar.Holiday] = [],
            _ special: [TradingCalendar.SpecialDay] = [], _ extended: Hours? = nil
        ) throws(Problem) {
            _ = try TradingCalendar.make(
                name: name, zone: .utc, weekdays: weekdays, hours: hours, holidays: holidays,
                specialDays: special,
                extended: extended)
        }
        #expect(throws: Problem.noName) { try make("", [.monday], hours) }
        #expect(throws: Problem.noWeekday) { try make("X", [], hours) }
        let badHours = [
            Hours(opens: 5, closes: 5), Hours(opens: -1, closes: 86_400),
            Hours(opens: -90_000, closes: -80_000),
        ]
        for bad in badHours {
            #expect(throws: Problem.badHours(bad)) { try make("X", [.monday], bad) }
        }
        #expect(throws: Problem.twice(day)) { try make("X", [.monday], hours, [holiday, holiday]) }
        #expect(throws: Problem.twice(day)) { try make("X", [.monday], hours, [], [late, late]) }
        #expect(throws: Problem.overlap(day, day + 1)) {
            try make("X", TradingCalendar.workingDays, hours, [], [late])
        }
        let narrow = Hours(opens: 10 * 3600, closes: 18 * 3600)
        #expect(throws: Problem.badHours(narrow)) {
            try make("X", [.monday], hours, [], [], narrow)
        }
        try make("X", [.monday], hours, [holiday], [late])
    }

    @Test func `a market that has ended has no next session`() throws {
        let last = try TradingCalendar.SpecialDay(date: date("2024-05-01"), hours: hours)
        let calendar = try TradingCalendar.make(
            name: "X", zone: .utc, weekdays: [.sunday], hours: hours,
            holidays: (0..<60).map {
                TradingCalendar.Holiday(date: CivilDate(2024, 5, 5) + 7 * $0, name: "")
            },
            specialDays: [last])
        #expect(calendar.session(openingAfter: try at("2024-05-02T00:00:00Z")) == nil)
        #expect(calendar.session(after: last.date) == nil)
        #expect(calendar.session(openingAfter: .distantFuture) == nil)
    }
}
