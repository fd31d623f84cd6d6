import Analysis
import Foundation
import TestGround
import Testing

/// Numbers with their conventions, on paper and as JSON.
struct MetricsTableTests {
    static let metrics = Metrics(
        returns: [0.01, -0.02, 0.015, 0.0, -0.005], benchmark: [0.005, -0.01, 0.01, 0.002, -0.004],
        MetricConventions(periodsPerYear: 365.25, riskFreeAnnual: 0.025))

    @Test func `each metric has its own definition, key and label`() {
        #expect(Metric.allCases.map { Metric(key: $0.definition.key) } == Metric.allCases)
        #expect(Set(Metric.allCases.map(\.definition.label)).count == Metric.allCases.count)
        #expect(Metric(key: "sharp") == nil)
    }

    @Test(arguments: [
        ("sharpe", "mean excess / deviation (n-1) x sqrt(365.25), risk-free 2.5 % a year"),
        ("cagr_by_periods", "compound, by count of periods, 365.25 a year"),
        ("max_drawdown", "of the highest equity before, start capital included"),
    ])
    func `a line says the convention with its numbers`(key: String, convention: String) throws {
        let line = try #require(Self.metrics.lines.first { $0.key == key })
        #expect(line.convention == convention)
    }

    @Test func `lines are in order, and leave out what nothing was given for`() {
        let expected = Metric.allCases.map(\.definition).filter { $0.group != .activity }
        #expect(Self.metrics.lines.map(\.key) == expected.map(\.key))
        let alone = Metrics(returns: [0.1], MetricsEdgeTests.daily)
        #expect(!alone.lines.contains { $0.group == .benchmark })
    }

    @Test func `JSON and back gives the same figures, infinite and undefined ones too`() throws {
        let rising = Metrics(returns: [0.01, 0.02], MetricsEdgeTests.daily)
        for metrics in [Self.metrics, rising] {
            let data = try JSONEncoder().encode(metrics)
            #expect(try JSONDecoder().decode(Metrics.self, from: data) == metrics)
        }
        let json = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(rising))
        #expect(json["figures"]?["profit_factor"]?["value"]?.text == "inf")
        #expect(json["figures"]?["total_return"]?["unit"]?.text == "fraction")
        #expect(json["conventions"]?["periods_per_year"]?.number == 252)
        guard case .null? = json["figures"]?["kelly"]?["value"] else {
            Issue.record("kelly is not null")
            return
        }
    }

    @Test func `a text that is no number is refused by name`() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([ExtendedNumber].self, from: Data(#"["infinite"]"#.utf8))
        }
    }

    @Test func `the guide explains every figure by its key and name`() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let guide = try String(
            contentsOf: root.appendingPathComponent("docs/METRICS.md"), encoding: .utf8)
        let metrics = Metric.allCases.map { ($0.definition.key, $0.definition.label) }
        let trades = TradeStatistics([], equity: []).lines.map { ($0.key, $0.label) }
        for (key, label) in metrics + trades {
            let isExplained = guide.contains("| `\(key)` | \(label) | ")
            #expect(isExplained, "\(key), \(label)")
        }
    }
}
