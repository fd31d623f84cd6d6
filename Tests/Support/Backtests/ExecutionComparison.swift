import Kernel
import TestGround

/// What a scenario of `backtests/backtrader` came to, beside its executions, and its value at every
/// bar.
package struct ExecutionComparison {
    package let scenario: GoldenScenario
    package let records: Records
    /// Of the first bar.
    package let firstSequence: Int

    package init(_ scenario: GoldenScenario, _ records: Records, firstSequence: Int) {
        self.scenario = scenario
        self.records = records
        self.firstSequence = firstSequence
    }

    /// All that differs; empty when everything is as expected. `averages` are positions' average
    /// prices by bar, where they were noted.
    package func differences(averages: [Int: Double]? = nil) throws -> [String] {
        let table = try scenario.table("executions.csv")
        guard records.fills.count == table.count else {
            return ["\(scenario.terms.name): \(records.fills.count) executions, not \(table.count)"]
        }
        var differences: [String] = []
        for (row, fill) in records.fills.enumerated() {
            let isLast =
                row + 1 == records.fills.count || records.fills[row + 1].sequence != fill.sequence
            let average = isLast ? averages?[Int(fill.sequence) - firstSequence] : nil
            if try !isSame(fill, table, row, average: average) {
                differences.append("\(scenario.terms.name) execution \(row): \(fill)")
            }
        }
        let values = try scenario.table("equity.csv")
        var next = 0
        var position: Int64 = 0
        return try differences
            + scenario.samplesThatDiffer(records, count: values.count) { row, sample, bound in
                while next < records.fills.count && records.fills[next].sequence <= sample.sequence
                {
                    position = records.fills[next].positionAfter.rawValue
                    next += 1
                }
                let unit = GoldenScenario.unit
                return try abs(Double(sample.equity.rawValue) * unit - values.number(row, "value"))
                    <= bound
                    && abs(Double(sample.cash.rawValue) * unit - values.number(row, "cash"))
                        <= bound
                    && Double(position) == values.number(row, "position")
            }
    }

    private func isSame(
        _ fill: FillRecord, _ table: Table, _ row: Int, average: Double?
    ) throws -> Bool {
        let unit = GoldenScenario.unit
        let size = try table.number(row, "size")
        let bound = unit * Double(row + 2) * (1 + abs(size))
        func near(_ value: Double, _ column: String, _ bound: Double) throws -> Bool {
            abs(value - (try table.number(row, column))) <= bound
        }
        return try Int(fill.sequence) - firstSequence == table.whole(row, "bar")
            && Double(fill.quantity.rawValue) == size
            && Double(fill.positionAfter.rawValue) == table.number(row, "position_after")
            && near(Double(fill.price.rawValue) * unit, "price", unit * 1.001)
            && near(Double(fill.fee.rawValue) * unit, "commission", bound)
            && near(Double(fill.realised.rawValue) * unit, "realised_pnl_gross", bound)
            && average.map { try near($0, "avg_price_after", unit * Double(row + 2)) } ?? true
    }
}
