import Analysis
import Foundation
import TestGround
import Testing

/// Every series of `metrics/metrics.json` beside what libraries and plain definitions say of it.
struct MetricsGoldenTests {
    struct Series {
        let name: String
        let metrics: Metrics
        let calendar: CalendarReturns
        /// Index 0 is the start capital.
        let labels: [String]
        let expected: [String: JSONValue]
        let libraries: JSONValue
    }

    static func series() throws -> [Series] {
        try (GoldenFolder.json("metrics/metrics.json", as: JSONValue.self)["series"]?.list ?? [])
            .map { entry in
                let name = try #require(entry["name"]?.text)
                let columns = try GoldenFolder.table("metrics/" + #require(entry["input"]?.text))
                    .byColumn
                let dates = try #require(columns["date"])
                let returns = try #require(columns["ret"]).map { try #require(Double($0)) }
                let days = try dates.map(dayNumber)
                let metrics = Metrics(
                    returns: returns,
                    benchmark: try columns["bench"]?.map { try #require(Double($0)) },
                    MetricConventions(
                        periodsPerYear: try #require(entry["periods_per_year"]?.number),
                        riskFreeAnnual: try #require(entry["rf_annual"]?.number)),
                    // The base price is dated one day before the first return.
                    elapsedDays: Double(try #require(days.last) - days[0] + 1))
                let yearAndMonth = Dictionary(
                    zip(
                        days,
                        dates.map { date in date.split(separator: "-").compactMap { Int($0) } }),
                    uniquingKeysWith: { first, _ in first })
                let calendar = CalendarReturns(returns: returns, days: days) { day in
                    (yearAndMonth[day]![0], yearAndMonth[day]![1])
                }
                return Series(
                    name: name, metrics: metrics, calendar: calendar, labels: ["start"] + dates,
                    expected: entry["definitions"]?.object ?? [:],
                    libraries: entry["libraries"] ?? .null)
            }
    }

    static func dayNumber(_ date: String) throws -> Int {
        let format = Date.ISO8601FormatStyle().year().month().day()
        return Int(try format.parse(date).timeIntervalSince1970 / 86_400)
    }

    @Test func `trap 36: every figure of every series agrees with its definition`() throws {
        let all = try Self.series()
        #expect(!all.isEmpty, "no series under \(GoldenFolder.golden.path)")
        var compared = 0
        for series in all {
            for (key, expected) in series.expected.sorted(by: { $0.key < $1.key }) {
                compared += 1
                if let metric = Metric(key: key) {
                    let tolerance = metric == .skew || metric == .kurtosis ? 1e-8 : 1e-9
                    let found = series.metrics[metric]
                    #expect(
                        agrees(found, expected.number, tolerance),
                        "\(series.name) \(key): \(String(describing: found)), expected \(expected)")
                } else {
                    let date = try #require(
                        Self.dates[key], "\(key) of \(series.name) is not offered")
                    #expect(date(series) == expected.text, "\(series.name) \(key)")
                }
            }
        }
        print("metrics golden: \(compared) figures of \(all.count) series compared")
        #expect(compared > 0)
    }

    /// The dates of the deepest drawdown, by the key they have in the golden.
    static let dates: [String: @Sendable (Series) -> String?] = [
        "max_drawdown_peak": { $0.labels[$0.metrics.maximumDrawdown.peakIndex] },
        "max_drawdown_trough": { $0.labels[$0.metrics.maximumDrawdown.troughIndex] },
        "max_drawdown_recovery": { series in
            series.metrics.maximumDrawdown.recoveryIndex.map { series.labels[$0] }
        },
    ]

    @Test func `annual return by calendar and months agree with ffn`() throws {
        var compared = 0
        for series in try Self.series() {
            let ffn = series.libraries["ffn"]
            let offered: [(String, Double?)] = [
                ("cagr", series.metrics[.annualReturnByCalendar]),
                ("best_month", series.calendar.bestMonth?.total),
                ("worst_month", series.calendar.worstMonth?.total),
                ("avg_drawdown", series.metrics[.averageDrawdown]),
            ]
            for (key, found) in offered {
                guard let expected = ffn?[key]?["value"]?.number else { continue }
                compared += 1
                #expect(
                    agrees(found, expected, 1e-9),
                    "\(series.name) \(key): \(found ?? .nan), \(expected)")
            }
        }
        print("metrics golden: \(compared) figures compared with ffn")
        #expect(compared > 0)
    }

    @Test func `the deepest drawdowns have quantstats' dates and depths`() throws {
        var compared = 0
        for series in try Self.series() {
            let expected = series.libraries["quantstats"]?["worst_drawdowns"]?.list ?? []
            // quantstats does not list a fall that began with the first period and never ended.
            if expected.isEmpty, series.metrics.drawdowns.first?.peakIndex == 0 { continue }
            #expect(series.metrics.drawdowns.count == expected.count, "\(series.name)")
            for (found, row) in zip(series.metrics.drawdowns, expected) {
                compared += 1
                #expect(series.labels[found.peakIndex + 1] == row["start"]?.text, "\(series.name)")
                #expect(series.labels[found.troughIndex] == row["valley"]?.text, "\(series.name)")
                // quantstats ends a drawdown on its last day under water.
                let end = found.recoveryIndex.map { $0 - 1 } ?? series.labels.count - 1
                #expect(series.labels[end] == row["end"]?.text, "\(series.name)")
                let depth = row["max drawdown"]?.number.map { $0 / 100 }
                #expect(agrees(found.depth, depth, 1e-9), "\(series.name)")
            }
        }
        print("metrics golden: \(compared) drawdowns compared with quantstats")
        #expect(compared > 0)
    }
}
