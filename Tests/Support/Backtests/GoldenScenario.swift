import CTapedeck
import Foundation
import Kernel
import Market
import TestGround

/// One backtest of `golden/backtests`: what was played, and what came of it.
package struct GoldenScenario {
    /// What `summary.json` says under `scenario`.
    package struct Terms: Decodable {
        package struct Parameters: Decodable {
            package let fast, slow, signal, n, m: Int?
            package let sl, tp, k, lo, hi, dip, stop_atr: Double?
        }

        /// A rate, or a fixed amount and a rate.
        package struct Fee: Decodable {
            package let fixed: Double
            package let rate: Double

            package init(from decoder: any Decoder) throws {
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

        package let name, file, kind: String
        package let start, end, style: String?
        package let skip, limit: Int?
        package let params: Parameters
        package let units: Double?
        package let fraction: Double?
        package let cash: Double
        package let commission: Fee
        package let spread, slip, trail, fill_pct: Double?
    }

    private struct Summary: Decodable {
        let scenario: Terms
        let first_decision_bar: Int
        let bars: Int
    }

    /// Prices and money count hundred millionths.
    package static let exponent = 8
    package static let unit = 1e-8

    package let terms: Terms
    package let firstDecision: Int
    package let folder: URL
    package let bars: [Bar]
    package let tape: Tape

    /// Every scenario found in a folder of goldens.
    package static func all(in set: String) throws -> [GoldenScenario] {
        let folder = GoldenFolder.golden.appendingPathComponent(
            "backtests/\(set)", isDirectory: true)
        let found = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil
        )
        .filter {
            FileManager.default.fileExists(atPath: $0.appendingPathComponent("summary.json").path)
        }
        .sorted { $0.path < $1.path }
        return try found.map(GoldenScenario.init)
    }

    package init(_ folder: URL) throws {
        let data = try Data(contentsOf: folder.appendingPathComponent("summary.json"))
        let summary = try JSONDecoder().decode(Summary.self, from: data)
        terms = summary.scenario
        firstDecision = summary.first_decision_bar
        self.folder = folder
        bars = try Self.slice(summary.scenario)
        guard bars.count == summary.bars else { throw BadTable("\(terms.name): another slice") }
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
            let values = try columns.map { place in
                guard let value = Double(row[place]) else {
                    throw BadTable("\(terms.file): \(row)")
                }
                return value
            }
            return Bar(
                open: values[0], high: values[1], low: values[2], close: values[3],
                volume: values[4])
        }
    }

    package static let instrument = Instrument(
        id: 0, symbol: "GOLDEN", currency: Currency(code: "USD", exponent: exponent),
        priceExponent: -exponent,
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
    package var settings: PortfolioSettings {
        var settings = PortfolioSettings(
            cash: Money(Int64(terms.cash / Self.unit)), currency: Self.instrument.currency,
            instrumentCount: 1)
        settings.allowShort = true
        settings.equitySampling = .bar
        settings.execution.touch = .loose
        settings.commissions[0].perTrade = Money(
            Int64((terms.commission.fixed / Self.unit).rounded()))
        settings.commissions[0].rate = Rate(
            perBillion: Int64((terms.commission.rate * 1e9).rounded()))
        let slippage = terms.spread ?? terms.slip ?? 0
        if slippage != 0 {
            settings.execution.slippage = .proportional(
                Rate(perBillion: Int64((slippage * 1e9).rounded())))
        }
        if let percent = terms.fill_pct {
            settings.execution.volumeLimit = Rate(perBillion: Int64((percent * 1e7).rounded()))
        }
        if let fraction = terms.fraction {
            settings.sizing = .percentOfEquity(Rate(perBillion: Int64((fraction * 1e9).rounded())))
        }
        return settings
    }

    package func table(_ file: String) throws -> Table {
        try Table(folder.appendingPathComponent(file))
    }
}
