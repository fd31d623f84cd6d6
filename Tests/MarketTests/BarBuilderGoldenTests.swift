import CTapedeck
import Foundation
import TestGround
import Testing
@testable import Market

private struct Index: Decodable {
    struct Set: Decodable { let name, frame: String; let anchor: String?; let bars: Int }
    let sets: [Set]
}

private struct Config: Decodable {
    struct Source: Decodable {
        let name, file: String
        let anchor, tz: String?
        let frames: [String]
        let skip, limit: Int?
    }
    struct Aggregation: Decodable { let trades, quotes, bars: [Source] }
    let aggregation: Aggregation
}

private struct Built {
    var events: [Event]
    var details: [BarDetail]
    var grid: BarGrid
    let zone: ZoneRules
}

/// Text that a number in the files has: exact, without trailing zeros.
private func text(_ value: Double, _ exponent: Int) throws -> String {
    let count = try DecimalScale(exponent: exponent).count(of: value)
    return DecimalText.string(count, exponent: exponent, decimals: .trimmed)
}

@Suite struct BarBuilderGoldenTests {
    @Test func `bars built from trades, quotes and shorter bars are those of the files`() throws {
        let index: Index = try GoldenFolder.json("aggregation/index.json")
        let config: Config = try GoldenFolder.json("config.json")
        #expect(!index.sets.isEmpty)
        var checked = 0
        for source in config.aggregation.trades {
            let sets = index.sets.filter { $0.name == source.name }
            let built = try build(source, sets, try trades(source), from: .trades, 60)
            for set in sets { try checked += compareTrades(set, built) }
        }
        for source in config.aggregation.quotes {
            let sets = index.sets.filter { $0.name == source.name }
            let quotes = try quotes(source)
            for side in BarBuilder.QuotePrice.allCases {
                let built = try build(source, sets, quotes, from: .quotes(side), 60)
                for set in sets { try checked += compareQuotes(set, built, side) }
            }
            checked -= 2 * sets.count
        }
        for source in config.aggregation.bars {
            let sets = index.sets.filter { $0.name == source.name && $0.anchor == source.anchor }
            let (bars, seconds) = try bars(source)
            let built = try build(source, sets, bars, from: .bars(.seconds(seconds)), seconds)
            for set in sets { try checked += compareBars(set, built, source) }
        }
        #expect(checked == index.sets.count, "every set of the index")
        print("aggregation sets: \(checked)")
    }

    private func instrument(_ source: Config.Source) throws -> Instrument {
        let calendar = ["America/New_York": "XNYS", "Asia/Kolkata": "XNSE"]
        return Instrument(
            id: 7, symbol: source.name, currency: Currency(code: "USD", exponent: 6),
            calendar: try source.tz.map { try #require(calendar[$0]) } ?? "24/7", priceExponent: -8,
            quantityExponent: -8, priceStep: Price(1), quantityStep: Quantity(1))
    }

    /// All time frames of one source at once, in blocks of odd sizes.
    private func build(
        _ source: Config.Source, _ sets: [Index.Set], _ events: [Event], from: BarBuilder.Source,
        _ seconds: UInt32
    ) throws -> Built {
        let instrument = try instrument(source)
        var alignment = BarGrid.Alignment.epoch
        var zone = ZoneRules.utc
        if let anchor = source.anchor, anchor != "epoch" {
            let calendar = try TradingCalendar.named(instrument.calendar)
            let opens = calendar.hours(on: CivilDate(2020, 1, 1)).opens
            #expect(String(format: "%02d:%02d", opens / 3600, opens / 60 % 60) == anchor)
            alignment = .extended(calendar)
            zone = calendar.zone
        }
        let frames = try sets.map { try #require(TimeFrame($0.frame)) }
        var builder = try BarBuilder(
            instrument, from: from, frames: frames, aligned: alignment, keepsDetails: true)
        var out: [Event] = []
        var start = 0
        while start < events.count {
            let end = min(start + 997, events.count)
            while start < end {
                out += [Event](capacity: 40) {
                    start = builder.add(events.span.extracting(0..<end), from: start, into: &$0)
                }
            }
        }
        out += [Event](capacity: 40) { _ = builder.advance(to: .distantFuture, into: &$0) }
        #expect(builder.nextClose == .distantFuture)
        #expect(builder.lateCount == 0 && builder.outsideCount == 0)
        #expect(EventOrder.firstMisplaced(out.span) == nil)
        #expect(out.allSatisfy { $0.refusal() == nil })
        return Built(events: out, details: builder.details, grid: BarGrid(alignment), zone: zone)
    }

    /// The rows of a set's file beside the bars built for it.
    private func rows(_ set: Index.Set, _ built: Built) throws -> (Table, [(Event, BarDetail)]) {
        let frame = try #require(TimeFrame(set.frame))
        let tag = set.anchor == nil || set.anchor == "epoch" || frame > .day ? "" : "_session"
        let path = "aggregation/\(set.name)_\(set.frame)\(tag).csv"
        let table = try Table(GoldenFolder.golden.appendingPathComponent(path))
        let bars = zip(built.events, built.details).filter { $0.0.timeframe == frame.seconds }
        try #require(
            table.rows.count == set.bars && bars.count == set.bars, "\(path): \(bars.count) bars")
        return (table, bars)
    }

    private func compareTrades(_ set: Index.Set, _ built: Built) throws -> Int {
        let (table, bars) = try rows(set, built)
        for (row, (event, detail)) in zip(table.rows, bars) {
            try compare(row, table, event, built, "")
            try #require(row[try table.column("trades")] == String(detail.count))
            let turnover = DecimalText.string(
                try #require(detail.turnover), exponent: -16, decimals: .trimmed)
            try #require(row[try table.column("turnover")] == turnover, "\(row)")
            try #require(Double(row[try table.column("vwap")]) == detail.averagePrice, "\(row)")
            try #require(
                row[try table.column("taker_buy_volume")] == text(detail.takerBuyVolume, -8))
        }
        return 1
    }

    private func compareQuotes(
        _ set: Index.Set, _ built: Built, _ side: BarBuilder.QuotePrice
    ) throws -> Int {
        let (table, bars) = try rows(set, built)
        for (row, (event, detail)) in zip(table.rows, bars) {
            try compare(row, table, event, built, side.rawValue + "_")
            try #require(row[try table.column("quotes")] == String(detail.count))
        }
        return 1
    }

    private func compareBars(
        _ set: Index.Set, _ built: Built, _ source: Config.Source
    ) throws -> Int {
        let (table, bars) = try rows(set, built)
        for (row, (event, detail)) in zip(table.rows, bars) {
            try compare(row, table, event, built, "")
            try #require(row[try table.column("source_bars")] == String(detail.count))
        }
        return 1
    }

    private func compare(
        _ row: [String], _ table: Table, _ event: Event, _ built: Built, _ prefix: String
    ) throws {
        var grid = built.grid
        let frame = TimeFrame(rawValue: event.timeframe)
        let closing = grid.span(closing: event.timestamp, frame)
        let span = try #require(closing)
        let stamp =
            row[0].count == 10
            ? span.opens.civil(in: built.zone).date.description
            : TimeText.string(span.opens)
        try #require(row[0] == stamp, "\(row)")
        let prices = [
            ("open", event.bar.open), ("high", event.bar.high), ("low", event.bar.low),
            ("close", event.bar.close),
        ]
        for (name, value) in prices {
            let expected = row[try table.column(prefix + name)]
            try #require(
                try text(value, -8) == expected && Double(expected) == value, "\(name) \(row)")
        }
        if prefix.isEmpty {
            let expected = row[try table.column("volume")]
            // A sum of more digits than a double holds is the nearest double.
            let decimals = expected.split(separator: ".").dropFirst().first?.count ?? 0
            try #require(
                try decimals > 8 || text(event.bar.volume, -decimals) == expected, "\(row)")
            try #require(Double(expected) == event.bar.volume, "\(row)")
        }
    }

    private func table(_ source: Config.Source) throws -> Table {
        try Table(GoldenFolder.data.appendingPathComponent(source.file))
    }

    private func trades(_ source: Config.Source) throws -> [Event] {
        let table = try table(source)
        let columns = try ["ts_ms", "price", "qty", "side"].map { try table.column($0) }
        return try table.rows.map { row in
            .trade(
                7, at: Timestamp(nanoseconds: try #require(Int64(row[columns[0]])) * 1_000_000),
                price: try #require(Double(row[columns[1]])),
                quantity: try #require(Double(row[columns[2]])),
                taker: row[columns[3]] == "buy" ? .buy : .sell)
        }
    }

    private func quotes(_ source: Config.Source) throws -> [Event] {
        try table(source).rows.map { row in
            .quote(
                7, at: Timestamp(nanoseconds: try #require(Int64(row[0])) * 1_000_000),
                bid: try #require(Double(row[1])),
                bidQuantity: 1, ask: try #require(Double(row[2])), askQuantity: 1)
        }
    }

    /// The bars, stamped with their close, and how long they are.
    private func bars(_ source: Config.Source) throws -> ([Event], UInt32) {
        let table = try table(source)
        let columns = try ["open", "high", "low", "close", "volume"].map { try table.column($0) }
        let rows = table.rows.dropFirst(source.skip ?? 0).prefix(source.limit ?? .max)
        let seconds: UInt32 = table.columns[0] == "date" ? 86_400 : 60
        let events: [Event] = try rows.map { row in
            let values = try columns.map { try #require(Double(row[$0])) }
            let opens = try TimeText.timestamp(row[0])
            return .bar(
                7, .seconds(seconds), closes: opens + Int64(seconds) * 1_000_000_000,
                Bar(
                    open: values[0], high: values[1], low: values[2], close: values[3],
                    volume: values[4]))
        }
        return (events, seconds)
    }
}
