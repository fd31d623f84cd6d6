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

    @Test func `every indicator agrees with the expected results from its first value on`() throws {
        let folder = GoldenFolder.golden.appending(path: "indicators")
        let index = try JSONDecoder().decode(
            Index.self, from: Data(contentsOf: folder.appending(path: "columns.json")))
        var compared = 0
        var functions: Set<String> = []
        for series in index.series {
            let bars = try bars(of: series)
            let workspace = Workspace()
            let expected = try Table(folder.appending(path: "\(series.name).csv"))
            #expect(expected.rows.count == bars.count, "\(series.name)")
            for column in series.columns {
                guard let indicator = IndicatorColumn(
                    column.function, column.params, inputs: column.inputs, output: column.output, workspace)
                else { continue }
                let place = try expected.column(column.column)
                withExtendedLifetime(workspace) {
                    compare(indicator, with: expected, place, bars, "\(series.name) \(column.column)")
                }
                compared += 1
                functions.insert(column.function)
            }
        }
        print("indicator goldens: \(index.series.count) series, \(compared) columns compared, "
            + "functions \(functions.sorted().joined(separator: " "))")
        #expect(!index.series.isEmpty)
        #expect(compared > index.series.count)
    }

    private func compare(
        _ indicator: IndicatorColumn, with expected: Table, _ place: Int, _ bars: [Bar], _ name: String
    ) {
        for (row, bar) in bars.enumerated() {
            let value = indicator.next(bar)
            let truth = Double(expected.rows[row][place])
            guard let value, let truth else {
                if (value == nil) != (truth == nil) {
                    Issue.record("\(name) row \(row): \(value as Any), expected \(truth as Any)")
                    return
                }
                continue
            }
            if abs(value - truth) > 1e-9 * max(1, abs(truth)) {
                Issue.record("\(name) row \(row): \(value), expected \(truth)")
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
