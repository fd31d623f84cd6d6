import Analysis
import Foundation
import TestGround
import Testing

/// The trades of every backtest golden beside the plain statistics written next to them.
struct TradeStatisticsGoldenTests {
    struct Scenario {
        let folder: String
        let summary: JSONValue
        let statistics: TradeStatistics
        let exitReasons: [String: Int]
    }

    /// All folders of `backtests/*/*` whose summary has trade statistics.
    static func scenarios() throws -> [Scenario] {
        var found: [Scenario] = []
        for rules in try GoldenFolder.folders("backtests") {
            for name in try GoldenFolder.folders("backtests/" + rules) {
                let folder = "backtests/\(rules)/\(name)"
                let summary = try GoldenFolder.json(folder + "/summary.json", as: JSONValue.self)
                guard summary["trade_stats"] != nil else { continue }
                found.append(try scenario(folder, summary))
            }
        }
        return found
    }

    static func scenario(_ folder: String, _ summary: JSONValue) throws -> Scenario {
        let rows = try GoldenFolder.table(folder + "/trades.csv").byColumn
        func column(_ name: String) throws -> [String] { try #require(rows[name], "\(name)") }
        func number(_ text: String) throws -> Double { try #require(Double(text), "\(folder)") }
        let reasons = try GoldenFolder.table(folder + "/exit_reasons.csv").byColumn
        let reasonOf = Dictionary(
            zip(
                zip(reasons["entry_bar"] ?? [], reasons["exit_bar"] ?? []).map { "\($0) \($1)" },
                reasons["reason"] ?? []), uniquingKeysWith: { first, _ in first })
        var outcomes: [TradeOutcome] = []
        var openSince: [Int] = []
        for (i, state) in try column("state").enumerated() {
            let (entry, exit) = (try column("entry_bar")[i], try column("exit_bar")[i])
            guard state == "closed" else {
                openSince.append(try #require(Int(entry)))
                continue
            }
            let span = (try #require(Int(entry)), try #require(Int(exit)))
            outcomes.append(
                TradeOutcome(
                    side: try number(column("size")[i]) > 0 ? .long : .short,
                    net: try number(column("net_pnl")[i]),
                    gross: try number(column("gross_pnl")[i]),
                    costs: try number(column("commission")[i]), entryIndex: span.0,
                    exitIndex: span.1,
                    bars: span.1 - span.0,
                    exitReason: try #require(reasonOf["\(entry) \(exit)"], "\(folder) \(entry)"),
                    worstExcursion: 0, bestExcursion: 0))
        }
        let equity = try GoldenFolder.table(folder + "/equity.csv").byColumn["equity"] ?? []
        return Scenario(
            folder: folder, summary: summary,
            statistics: TradeStatistics(
                outcomes, equity: try equity.map(number), openSince: openSince),
            exitReasons: Dictionary(outcomes.map { ($0.exitReason, 1) }, uniquingKeysWith: +))
    }

    @Test func `every statistic of every backtest agrees`() throws {
        let all = try Self.scenarios()
        #expect(!all.isEmpty, "no backtests under \(GoldenFolder.golden.path)")
        var compared = 0
        for scenario in all {
            let lines = Dictionary(
                scenario.statistics.lines.map { ($0.key, $0) }, uniquingKeysWith: { a, _ in a })
            let expected = scenario.summary["trade_stats"]?.object ?? [:]
            for (key, value) in expected.sorted(by: { $0.key < $1.key }) {
                if key == "order" {
                    #expect(value.text == "by exit bar, then entry bar", "\(scenario.folder)")
                    continue
                }
                let line = try #require(lines[key], "\(key) of \(scenario.folder) is not offered")
                #expect(
                    agrees(line.value, value.number, 1e-9),
                    "\(scenario.folder) \(key): \(line.value ?? .nan), expected \(value)")
                compared += 1
            }
            let (trades, costs) = (scenario.statistics.all.trades, scenario.statistics.all.costs)
            #expect(Double(trades) == scenario.summary["closed_trades"]?.number)
            #expect(agrees(costs, scenario.summary["commission_closed"]?.number, 1e-9))
        }
        print("trade statistics golden: \(compared) figures of \(all.count) backtests compared")
        #expect(compared > 0)
    }

    @Test func `the parts by side and by exit reason add up to the whole`() throws {
        for scenario in try Self.scenarios() {
            let found = scenario.statistics
            #expect(found.long.trades + found.short.trades == found.all.trades)
            let byReason = found.byExitReason.map { ($0.reason, $0.group.trades) }
            #expect(Dictionary(uniqueKeysWithValues: byReason) == scenario.exitReasons)
            let net = found.byExitReason.reduce(0) { $0 + $1.group.net }
            #expect(abs(net - found.all.net) <= 1e-6, "\(scenario.folder)")
        }
    }
}
