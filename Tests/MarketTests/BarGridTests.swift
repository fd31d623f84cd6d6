import CTapedeck
import Testing
@testable import Market

private func at(_ text: String) throws -> Timestamp { try TimeText.timestamp(text) }

@Suite struct BarGridTests {
    private func text(_ span: BarSpan?) -> [String]? {
        span.map {
            [TimeText.string($0.opens), TimeText.string($0.closes), $0.isShort ? "short" : "whole"]
        }
    }

    @Test(arguments: [
        ("2024-06-05T14:37:12Z", "15m", "2024-06-05T14:30:00Z", "2024-06-05T14:45:00Z"),
        ("2024-06-05T14:45:00Z", "15m", "2024-06-05T14:45:00Z", "2024-06-05T15:00:00Z"),
        ("2024-06-05T14:37:12Z", "1d", "2024-06-05T00:00:00Z", "2024-06-06T00:00:00Z"),
        ("2024-06-05T14:37:12Z", "1w", "2024-06-03T00:00:00Z", "2024-06-10T00:00:00Z"),
        ("2024-06-09T23:59:59Z", "1w", "2024-06-03T00:00:00Z", "2024-06-10T00:00:00Z"),
        ("2024-02-29T14:37:12Z", "1mo", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
        ("1969-12-31T23:59:59Z", "1h", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"),
    ])
    func `bars by UTC begin at multiples, weeks on Monday, months on the first`(
        time: String, frame: String, opens: String, closes: String
    ) throws {
        var grid = BarGrid(.epoch)
        let span = grid.span(of: try at(time), try #require(TimeFrame(frame)))
        #expect(text(span) == [opens, closes, "whole"])
    }

    @Test(
        arguments: [
            // A whole session, one that closes at one, and the week and month that end with it.
            (
                "2024-07-02T13:30:00Z", "1h",
                ["2024-07-02T13:30:00Z", "2024-07-02T14:30:00Z", "whole"]
            ),
            (
                "2024-07-02T19:59:59Z", "1h",
                ["2024-07-02T19:30:00Z", "2024-07-02T20:00:00Z", "short"]
            ),
            (
                "2024-07-03T16:59:59Z", "1h",
                ["2024-07-03T16:30:00Z", "2024-07-03T17:00:00Z", "short"]
            ),
            (
                "2024-07-03T16:59:59Z", "30m",
                ["2024-07-03T16:30:00Z", "2024-07-03T17:00:00Z", "whole"]
            ),
            (
                "2024-07-03T14:00:00Z", "1d",
                ["2024-07-03T13:30:00Z", "2024-07-03T17:00:00Z", "whole"]
            ),
            (
                "2024-07-03T14:00:00Z", "1w",
                ["2024-07-01T13:30:00Z", "2024-07-05T20:00:00Z", "whole"]
            ),
            (
                "2024-03-11T14:00:00Z", "1mo",
                ["2024-03-01T14:30:00Z", "2024-03-28T20:00:00Z", "whole"]
            ),
            ("2024-07-03T17:00:00Z", "1h", nil), ("2024-07-04T15:00:00Z", "1d", nil),
            ("2024-07-03T13:29:59Z", "1m", nil),
        ] as [(String, String, [String]?)])
    func `bars by session begin with it and end with it`(
        time: String, frame: String, expected: [String]?
    ) throws {
        var grid = BarGrid(.sessions(try TradingCalendar.named("XNYS")))
        #expect(text(grid.span(of: try at(time), try #require(TimeFrame(frame)))) == expected)
        // The same again, and after another answer, from what it remembers.
        _ = grid.span(of: try at("2024-06-03T15:00:00Z"), .day)
        #expect(text(grid.span(of: try at(time), try #require(TimeFrame(frame)))) == expected)
    }

    @Test(arguments: [
        ("2024-07-03T17:00:00Z", "1h", ["2024-07-03T16:30:00Z", "2024-07-03T17:30:00Z", "whole"]),
        ("2024-07-03T08:15:00Z", "1h", ["2024-07-03T07:30:00Z", "2024-07-03T08:30:00Z", "whole"]),
        ("2024-07-03T04:10:00Z", "1h", ["2024-07-03T04:00:00Z", "2024-07-03T04:30:00Z", "short"]),
        ("2024-07-04T15:00:00Z", "1d", ["2024-07-04T04:00:00Z", "2024-07-05T04:00:00Z", "whole"]),
        ("2024-07-04T15:00:00Z", "1w", ["2024-07-01T04:00:00Z", "2024-07-08T04:00:00Z", "whole"]),
    ])
    func `extended hours continue the session's grid over the local day`(
        time: String, frame: String, expected: [String]
    ) throws {
        var grid = BarGrid(.extended(try TradingCalendar.named("XNYS")))
        #expect(text(grid.span(of: try at(time), try #require(TimeFrame(frame)))) == expected)
    }

    @Test func `a currency's extended day goes from evening to evening`() throws {
        var grid = BarGrid(.extended(try TradingCalendar.named("FX")))
        let expected = ["2024-06-09T21:00:00Z", "2024-06-10T21:00:00Z", "whole"]
        #expect(text(grid.span(of: try at("2024-06-09T21:00:00Z"), .day)) == expected)
        #expect(text(grid.span(of: try at("2024-06-10T20:59:59Z"), .day)) == expected)
    }

    @Test func `the opening of a bar follows from its stamp`() throws {
        var grid = BarGrid(.sessions(try TradingCalendar.named("XNYS")))
        #expect(
            text(grid.span(closing: try at("2024-07-03T17:00:00Z"), .hours(1)))?[0]
                == "2024-07-03T16:30:00Z")
        #expect(
            text(grid.span(closing: try at("2024-07-05T20:00:00Z"), .week))?[0]
                == "2024-07-01T13:30:00Z")
    }

    @Test func `the last bar of a session is marked short and what is outside is counted`() throws {
        let calendar = try TradingCalendar.named("XNYS")
        var builder = try BarBuilder(
            testInstrument(), from: .trades, frames: [.minutes(30), .hours(1), .day],
            aligned: .sessions(calendar))
        let times = [
            "2024-07-02T19:45:00Z", "2024-07-02T20:00:00Z", "2024-07-03T12:00:00Z",
            "2024-07-03T13:30:00Z",
        ]
        let made = bars(
            &builder, try times.map { .trade(0, at: try at($0), price: 5, quantity: 1) },
            through: nil)
        #expect(
            made.map { TimeText.string($0.timestamp) }
                == Array(repeating: "2024-07-02T20:00:00Z", count: 3))
        #expect(made.map(\.timeframe) == [1800, 3600, 86_400])
        #expect(made.map { $0.marks.contains(.shortBar) } == [false, true, false])
        #expect(builder.outsideCount == 2)
    }

    @Test func `a daily bar stamped with its session's close falls into its own week`() throws {
        let calendar = try TradingCalendar.named("XNYS")
        let days = Array(
            calendar.sessions(from: CivilDate(2024, 6, 28), through: CivilDate(2024, 7, 9)))
        let events: [Event] = days.map {
            .bar(0, .day, closes: $0.closes, Bar(open: 1, high: 2, low: 1, close: 2, volume: 1))
        }
        for alignment in [BarGrid.Alignment.epoch, .sessions(calendar)] {
            var builder = try BarBuilder(
                testInstrument(), from: .bars(.day), frames: [.week], aligned: alignment)
            #expect(bars(&builder, events).map(\.bar.volume) == [1, 4, 2])
        }
    }
}
