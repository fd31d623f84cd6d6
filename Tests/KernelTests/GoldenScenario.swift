import CTapedeck
import Foundation
import Kernel
import Market
import Testing

/// One backtest of `golden/backtests`: what was played, and what came of it.
struct GoldenScenario {
    /// What `summary.json` says under `scenario`.
    struct Terms: Decodable {
        struct Parameters: Decodable {
            let fast, slow, signal, n, m: Int?
            let sl, tp, k, lo, hi, dip, stop_atr: Double?
        }

        /// A rate, or a fixed amount and a rate.
        struct Fee: Decodable {
            let fixed: Double
            let rate: Double

            init(from decoder: any Decoder) throws {
                if let rate = try? decoder.singleValueContainer().decode(Double.self) {
                    fixed = 0
                    self.rate = rate
                } else {
                    var parts = try decoder.unkeyedContainer()
                    fixed = try parts.decode(Double.self)
                    rate = try parts.decode(Double.self)
                }
            }
        }

        let name, file, kind: String
        let start, end, style: String?
        let skip, limit: Int?
        let params: Parameters
        let units: Double?
        let fraction: Double?
        let cash: Double
        let commission: Fee
        let spread, slip, trail, fill_pct: Double?
    }

    private struct Summary: Decodable {
        let scenario: Terms
        let first_decision_bar: Int
        let bars: Int
    }

    /// Prices and money count hundred millionths.
    static let exponent = 8
    static let unit = 1e-8

    let terms: Terms
    let firstDecision: Int
    let folder: URL
    let bars: [Bar]
    let tape: Tape

    /// Every scenario found in a folder of goldens.
    static func all(in set: String) throws -> [GoldenScenario] {
        let folder = GoldenFolder.golden.appendingPathComponent("backtests/\(set)", isDirectory: true)
        let found = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { FileManager.default.fileExists(atPath: $0.appendingPathComponent("summary.json").path) }
            .sorted { $0.path < $1.path }
        return try found.map(GoldenScenario.init)
    }

    init(_ folder: URL) throws {
        let data = try Data(contentsOf: folder.appendingPathComponent("summary.json"))
        let summary = try JSONDecoder().decode(Summary.self, from: data)
        terms = summary.scenario
        firstDecision = summary.first_decision_bar
        self.folder = folder
        bars = try Self.slice(summary.scenario)
        try #require(bars.count == summary.bars, "\(terms.name): another slice")
        tape = Self.tape(bars)
    }

    private static func slice(_ terms: Terms) throws -> [Bar] {
        let table = try Table(GoldenFolder.data.appendingPathComponent(terms.file))
        var rows = table.rows.filter { row in
            (terms.start.map { row[0] >= $0 } ?? true) && (terms.end.map { row[0] < $0 } ?? true)
        }
        rows.removeFirst(terms.skip ?? 0)
        if let limit = terms.limit { rows = Array(rows.prefix(limit)) }
        let columns = try ["open", "high", "low", "close", "volume"].map(table.column)
        return try rows.map { row in
            let values = try columns.map { try #require(Double(row[$0])) }
            return Bar(open: values[0], high: values[1], low: values[2], close: values[3], volume: values[4])
        }
    }

    static let instrument = Instrument(
        id: 0, symbol: "GOLDEN", currency: Currency(code: "USD", exponent: exponent), priceExponent: -exponent,
        quantityExponent: 0, priceStep: Price(1), quantityStep: Quantity(1))

    private static func tape(_ bars: [Bar]) -> Tape {
        var tape = Tape([instrument])
        for (place, bar) in bars.enumerated() {
            var event = Event()
            event.type = UInt8(TD_EVENT_BAR)
            event.timeframe = 60
            event.time = Int64(place + 1) * 60_000_000_000
            event.bar = bar
            tape.append(event)
        }
        return tape
    }

    /// The settings that both sets of rules share.
    var settings: PortfolioSettings {
        var settings = PortfolioSettings(
            cash: Money(Int64(terms.cash / Self.unit)), currency: Self.instrument.currency, instrumentCount: 1)
        settings.allowShort = true
        settings.equitySampling = .bar
        settings.execution.touch = .loose
        settings.commissions[0].perTrade = Money(Int64((terms.commission.fixed / Self.unit).rounded()))
        settings.commissions[0].rate = Rate(perBillion: Int64((terms.commission.rate * 1e9).rounded()))
        let slippage = terms.spread ?? terms.slip ?? 0
        if slippage != 0 {
            settings.execution.slippage = .proportional(Rate(perBillion: Int64((slippage * 1e9).rounded())))
        }
        if let percent = terms.fill_pct {
            settings.execution.volumeLimit = Rate(perBillion: Int64((percent * 1e7).rounded()))
        }
        if let fraction = terms.fraction {
            settings.sizing = .percentOfEquity(Rate(perBillion: Int64((fraction * 1e9).rounded())))
        }
        return settings
    }

    func table(_ file: String) throws -> GoldenTable {
        try GoldenTable(folder.appendingPathComponent(file))
    }
}

/// A table of expected values, read by column name.
struct GoldenTable {
    private let table: Table
    let count: Int

    init(_ url: URL) throws {
        table = try Table(url)
        count = table.rows.count
    }

    func text(_ row: Int, _ column: String) throws -> String { table.rows[row][try table.column(column)] }
    func number(_ row: Int, _ column: String) throws -> Double { try #require(Double(text(row, column))) }
    func whole(_ row: Int, _ column: String) throws -> Int { Int(try number(row, column)) }
}
