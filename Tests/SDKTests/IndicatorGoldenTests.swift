import Foundation
import TestGround
import Testing

@testable import TapedeckSDK

struct IndicatorGoldenTests {
    struct Series: Decodable {
        struct Column: Decodable {
            let column: String
            let function: String
            let inputs: [String]
            let params: [String: Double]
            let output: String?
            let first_index: Int?
        }
        let name: String
        let file: String
        let rows: Int
        let first: String
        let columns: [Column]
    }
    struct Index: Decodable { let series: [Series] }

    static let folder = GoldenFolder.golden.appending(path: "indicators")

    static func allSeries() throws -> [Series] {
        let file = try Data(contentsOf: folder.appending(path: "columns.json"))
        return try JSONDecoder().decode(Index.self, from: file).series
    }

    @Test func `every indicator agrees with the expected results from its first value on`() throws {
        let all = try Self.allSeries()
        var compared = 0
        var functions: Set<String> = []
        for series in all {
            let bars = try bars(of: series)
            let workspace = Workspace()
            let expected = try Table(Self.folder.appending(path: "\(series.name).csv"))
            #expect(expected.rows.count == bars.count, "\(series.name)")
            for column in series.columns {
                guard
                    let indicator = IndicatorColumn(
                        column.function, column.params, inputs: column.inputs,
                        output: column.output, workspace)
                else { continue }
                let found = withExtendedLifetime(workspace) { bars.map(indicator.next) }
                try compare(found, with: expected, column.column, of: series)
                compared += 1
                functions.insert(column.function)
            }
        }
        print(
            "indicator goldens: \(all.count) series, \(compared) columns compared, "
                + "functions \(functions.sorted().joined(separator: " "))")
        #expect(!all.isEmpty)
        #expect(compared > all.count)
    }

    /// What the C++ helper has, with the parameters that it is made of.
    private static let lengths: [String: [String]] = [
        "SMA": ["timeperiod"], "SUM": ["timeperiod"], "EMA": ["timeperiod"], "WMA": ["timeperiod"],
        "RSI": ["timeperiod"], "ROC": ["timeperiod"], "MOM": ["timeperiod"], "VAR": ["timeperiod"],
        "STDDEV": ["timeperiod", "nbdev"], "MAX": ["timeperiod"], "MIN": ["timeperiod"],
        "BBANDS": ["timeperiod", "nbdevup"], "MACD": ["fastperiod", "slowperiod", "signalperiod"],
        "ATR": ["timeperiod"], "ADX": ["timeperiod"], "DX": ["timeperiod"],
        "PLUS_DI": ["timeperiod"],
        "MINUS_DI": ["timeperiod"], "MIDPRICE": ["timeperiod"], "WILLR": ["timeperiod"],
        "STOCH": ["fastk_period", "slowk_period", "slowd_period"],
    ]

    @Test func `the C++ helper's indicators agree with the same results`() throws {
        let all = try Self.allSeries()
        let scratch = ScratchFolder()
        let driver = try IndicatorDriver.build(in: scratch)
        var compared = 0
        for series in all {
            let columns = series.columns.filter { Self.lengths[$0.function] != nil }
            guard !columns.isEmpty else { continue }
            let bars = try bars(of: series)
            let lines = bars.map { "\($0.open) \($0.high) \($0.low) \($0.close) \($0.volume)\n" }
            let played = try run(
                driver,
                [scratch.write(lines.joined(), "bars")]
                    + columns.map { column in
                        let numbers = (Self.lengths[column.function] ?? []).map {
                            "\(column.params[$0] ?? 1)"
                        }
                        return
                            ([
                                column.function, column.output ?? "-",
                                column.inputs.first ?? "close",
                            ] + numbers)
                            .joined(separator: ":")
                    })
            try #require(played.status == 0, "\(played.error)")
            let rows = played.output.split(separator: "\n").map { $0.split(separator: " ") }
            let expected = try Table(Self.folder.appending(path: "\(series.name).csv"))
            try #require(rows.count == expected.count, "\(series.name)")
            for (place, column) in columns.enumerated() {
                try compare(
                    rows.map { Double($0[place]) }, with: expected, column.column, of: series)
                compared += 1
            }
        }
        print("indicator goldens in C++: \(compared) columns compared")
        #expect(compared > all.count)
    }

    private func compare(
        _ found: [Double?], with expected: Table, _ column: String, of series: Series
    ) throws {
        let place = try expected.column(column)
        for (row, value) in found.enumerated() {
            let truth = Double(expected.rows[row][place])
            let isSame: Bool
            if let value, let truth {
                isSame = abs(value - truth) <= 1e-9 * max(1, abs(truth))
            } else {
                isSame = value == nil && truth == nil
            }
            if !isSame {
                Issue.record(
                    "\(series.name) \(column) row \(row): \(value as Any), expected \(truth as Any)"
                )
                return
            }
        }
    }

    private func bars(of series: Series) throws -> [Bar] {
        let table = try Table(GoldenFolder.data.appending(path: series.file))
        let start = try #require(table.rows.firstIndex { $0[0] == series.first })
        let places = try ["open", "high", "low", "close", "volume"].map { try table.column($0) }
        return table.rows[start..<(start + series.rows)].map { row in
            let v = places.map { Double(row[$0]) ?? 0 }
            return Bar(open: v[0], high: v[1], low: v[2], close: v[3], volume: v[4])
        }
    }
}
