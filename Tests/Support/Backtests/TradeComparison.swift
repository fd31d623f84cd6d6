import Kernel
import TestGround

/// What a scenario of `backtests/next_open` came to, beside its trades and its equity.
package struct TradeComparison {
    package let scenario: GoldenScenario
    package let records: Records
    /// Of the first bar.
    package let firstSequence: Int
    /// At the end, by instrument held.
    package let openQuantities: [Double]

    package init(
        _ scenario: GoldenScenario, _ records: Records, firstSequence: Int, openQuantities: [Double]
    ) {
        self.scenario = scenario
        self.records = records
        self.firstSequence = firstSequence
        self.openQuantities = openQuantities
    }

    /// All that differs; empty when everything is as expected.
    package func differences() throws -> [String] {
        let trades = try scenario.table("trades.csv")
        let reasons = try scenario.table("exit_reasons.csv")
        let closed = try (0..<trades.count).filter { try trades.text($0, "state") == "closed" }
        guard records.roundTrips.count == closed.count else {
            return [
                "\(scenario.terms.name): \(records.roundTrips.count) trades, not \(closed.count)"
            ]
        }
        var differences: [String] = []
        for (row, trip) in zip(closed, records.roundTrips) {
            if try !isSame(trip, trades, row, reason: try reasons.text(row, "reason")) {
                differences.append("\(scenario.terms.name) trade \(row): \(trip)")
            }
        }
        let open = try (0..<trades.count).filter { try trades.text($0, "state") != "closed" }
            .map { try trades.number($0, "size") }
        if open != openQuantities {
            differences.append(
                "\(scenario.terms.name): open at the end \(openQuantities), not \(open)")
        }
        let equity = try scenario.table("equity.csv")
        return try differences
            + scenario.samplesThatDiffer(records, count: equity.count) { row, sample, bound in
                abs(
                    Double(sample.equity.rawValue) * GoldenScenario.unit
                        - (try equity.number(row, "equity"))) <= bound
            }
    }

    private func isSame(
        _ trip: RoundTrip, _ table: Table, _ row: Int, reason: String
    ) throws -> Bool {
        let unit = GoldenScenario.unit
        let size = try table.number(row, "size")
        let bound = 2 * unit + 2 * abs(size) * unit
        func near(_ value: Int64, _ column: String, _ bound: Double) throws -> Bool {
            abs(Double(value) * unit - (try table.number(row, column))) <= bound
        }
        let expected: Reason =
            reason.hasPrefix("stop") ? .stopLoss : reason.hasPrefix("target") ? .takeProfit : .none
        return try Int(trip.entrySequence) - firstSequence == table.whole(row, "entry_bar")
            && Int(trip.exitSequence) - firstSequence == table.whole(row, "exit_bar")
            && Double(trip.quantity.rawValue) * Double(trip.side) == size
            && trip.exitReason == expected
            && near(trip.entryPrice.rawValue, "entry_price", unit * 1.001)
            && near(trip.exitPrice.rawValue, "exit_price", unit * 1.001)
            && near(trip.gross.rawValue, "gross_pnl", bound)
            && near(trip.costs.rawValue, "commission", bound)
    }
}

extension GoldenScenario {
    /// Says where the samples of equity, one a bar, begin to differ. The bound grows with what was
    /// rounded until then: one unit a fill, times the largest quantity traded.
    func samplesThatDiffer(
        _ records: Records, count: Int, isSame: (Int, EquitySample, Double) throws -> Bool
    ) rethrows -> [String] {
        guard records.equity.count == count else {
            return ["\(terms.name): \(records.equity.count) samples, not \(count)"]
        }
        var fills = 0
        var size: Int64 = 0
        for (row, sample) in records.equity.enumerated() {
            while fills < records.fills.count && records.fills[fills].sequence <= sample.sequence {
                let fill = records.fills[fills]
                size = max(size, fill.quantity.magnitude.rawValue, abs(fill.positionAfter.rawValue))
                fills += 1
            }
            let bound = Self.unit * Double(fills + 1) * Double(1 + size)
            if try !isSame(row, sample, bound) { return ["\(terms.name) bar \(row): \(sample)"] }
        }
        return []
    }
}
