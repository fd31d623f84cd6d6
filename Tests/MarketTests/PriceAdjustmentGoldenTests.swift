import CTapedeck
import Foundation
import TestGround
import Testing
@testable import Market

private struct Config: Decodable {
    struct Series: Decodable {
        let name, file, dividend_column, split_column: String
        let ticker: String?
        let raw: Bool
    }
    struct Extras: Decodable { let actions: [Series] }
    let extras: Extras
}

@Suite struct PriceAdjustmentGoldenTests {
    /// The events of a series: actions at the session's opening, bars at its close.
    private func events(_ series: Config.Series) throws -> [Event] {
        let calendar = try TradingCalendar.named("XNYS")
        let table = try Table(GoldenFolder.data.appendingPathComponent(series.file))
        let names = ["date", "close", series.dividend_column, series.split_column]
        let columns = try names.map { try table.column($0) }
        let ticker = try series.ticker.map { (try table.column("ticker"), $0) }
        var events: [Event] = []
        for row in table.rows where ticker.map({ row[$0.0] == $0.1 }) ?? true {
            let date = try #require(CivilDate(row[columns[0]]))
            let numbers = try columns.dropFirst().map { try #require(Double(row[$0])) }
            let effect = try #require(calendar.timeOfAction(on: date))
            if series.raw, numbers[2] != 0, numbers[2] != 1 {
                events.append(.split(0, at: effect, numerator: Int64(numbers[2]), denominator: 1))
            }
            if numbers[1] != 0 { events.append(.dividend(0, at: effect, amount: numbers[1])) }
            let close = numbers[0]
            let bar = Bar(open: close, high: close, low: close, close: close, volume: 1)
            events.append(
                .bar(0, .day, closes: try #require(calendar.session(on: date)).closes, bar))
        }
        return events
    }

    @Test func `restated closes are those of the files`() throws {
        let config: Config = try GoldenFolder.json("config.json")
        #expect(!config.extras.actions.isEmpty)
        var rows = 0
        for series in config.extras.actions {
            let events = try events(series)
            let adjustment = try PriceAdjustment(events.span, of: 0)
            let path = "extras/actions/\(series.name)_adjusted.csv"
            let table = try Table(GoldenFolder.golden.appendingPathComponent(path))
            let bars = events.filter { $0.kind == .bar }
            try #require(bars.count == table.rows.count)
            for (row, event) in zip(table.rows, bars) {
                let expected = try [2, 3].map { try #require(Double(row[$0])) }
                let factor = adjustment.factors(at: event.timestamp).price
                let close = adjustment.adjusted(event.bar, at: event.timestamp).close
                try #require(abs(factor - expected[0]) <= 1e-14, "\(row)")
                try #require(abs(close - expected[1]) <= 1e-12 * max(1, expected[1]), "\(row)")
                rows += 1
            }
        }
        print("adjusted series: \(config.extras.actions.count), rows: \(rows)")
    }
}

@Suite struct PriceAdjustmentTests {
    private let day = Timestamp.nanosecondsPerDay
    private func bar(_ number: Int64, _ close: Double) -> Event {
        .bar(
            0, .day, closes: Timestamp(nanoseconds: number * day),
            Bar(open: close, high: close, low: close, close: close, volume: 100))
    }

    @Test
    func
        `a split restates prices and volumes before it, and the close that a dividend of its day refers to`()
        throws
    {
        let action = Timestamp(nanoseconds: day + 5)
        let events = [
            bar(1, 100), .split(0, at: action, numerator: 4, denominator: 1),
            .dividend(0, at: action, amount: 5), bar(2, 21),
        ]
        let adjustment = try PriceAdjustment(events.span, of: 0)
        // 1/4 for the split, 1 - 5/25 for the dividend.
        #expect(adjustment.factors(at: Timestamp(nanoseconds: day)) == (0.2, 4))
        #expect(adjustment.factors(at: action) == (1, 1))
        let restated = adjustment.adjusted(events[0].bar, at: events[0].timestamp)
        #expect(restated.close == 20 && restated.volume == 400)
    }

    @Test func `other instruments and a dividend before any price change nothing`() throws {
        let events = [
            Event.dividend(0, at: Timestamp(seconds: 1), amount: 5), bar(1, 100),
            .split(1, at: Timestamp(nanoseconds: day + 1), numerator: 2, denominator: 1),
        ]
        #expect(try PriceAdjustment(events.span, of: 0).factors(at: .distantPast) == (1, 1))
    }

    @Test func `a dividend that is not below the price is refused`() throws {
        let time = Timestamp(nanoseconds: day + 1)
        let events = [bar(1, 3), .dividend(0, at: time, amount: 3)]
        #expect(throws: PriceAdjustment.Excessive(time: time, dividend: 3, close: 3)) {
            try PriceAdjustment(events.span, of: 0)
        }
    }

    @Test func `an action takes effect when the session of its date opens`() throws {
        let calendar = try TradingCalendar.named("XNYS")
        let times = [CivilDate(2014, 6, 9), CivilDate(2014, 6, 7)].map {
            calendar.timeOfAction(on: $0).map { TimeText.string($0) }
        }
        #expect(times == ["2014-06-09T13:30:00Z", "2014-06-09T13:30:00Z"])
    }
}
