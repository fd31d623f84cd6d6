import Analysis
import Foundation
import TestGround
import Testing

struct TradeStatisticsTests {
    static func trade(
        _ net: Double, _ side: TradeOutcome.Side = .long, bars: ClosedRange<Int> = 0...1,
        reason: String = "signal", worst: Double = 0, best: Double = 0
    ) -> TradeOutcome {
        TradeOutcome(
            side: side, net: net, gross: net + 1, costs: 1, entryIndex: bars.lowerBound,
            exitIndex: bars.upperBound, bars: bars.count - 1, exitReason: reason,
            worstExcursion: worst, bestExcursion: best)
    }

    @Test func `trap 37: no trade at all leaves every ratio undefined`() {
        let none = TradeStatistics([], equity: [])
        let counts: Set = [
            "trades", "wins", "losses", "net_profit", "gross_profit", "gross_loss", "costs",
            "max_consecutive_wins", "max_consecutive_losses", "max_drawdown_money",
            "max_drawdown_fraction", "bars_in_market", "long_trades", "short_trades",
        ]
        for line in none.lines {
            #expect(line.value == (counts.contains(line.key) ? 0 : nil), "\(line.key)")
        }
        #expect(none.byExitReason.isEmpty)
    }

    @Test func `one winning trade has no loss to be measured by`() {
        let one = TradeStatistics([Self.trade(50)], equity: [100, 150])
        #expect(one.all.winRate == 1)
        #expect(one.all.expectancy == 50)
        let undefined = [
            one.all.profitFactor, one.all.averageLoss, one.all.payoffRatio, one.all.kelly,
            one.systemQuality, one.recoveryFactor,
        ]
        for undefined in undefined {
            #expect(undefined == nil)
        }
        #expect(one.exposure == 1)
    }

    @Test func `equal results have no system quality`() {
        #expect(TradeStatistics([Self.trade(5), Self.trade(5)], equity: []).systemQuality == nil)
    }

    @Test func `figures of four trades, worked by hand`() throws {
        let found = TradeStatistics(
            [
                // Given out of order: 30 ends last.
                Self.trade(30, bars: 5...9, worst: -10, best: 60),
                Self.trade(10, .short, bars: 0...2, worst: -5, best: 15),
                Self.trade(-20, bars: 1...3, reason: "stop", worst: -25, best: 0),
                Self.trade(0, bars: 3...4, worst: -10, best: 5),
            ],
            equity: [100, 90, 110, 99, 95, 110, 105, 120, 118, 120], openSince: [9])
        #expect(found.all.trades == 4)
        #expect(found.all.winRate == 0.5)
        #expect(found.all.expectancy == 5)
        #expect(found.all.profitFactor == 2)
        #expect(found.all.payoffRatio == 1)
        #expect(found.all.kelly == 0)
        #expect(found.all.averageBars == 2.25)
        #expect(found.all.costs == 4)
        #expect((found.all.longestWins, found.all.longestLosses) == (1, 1))
        #expect(found.drawdownMoney == 15)
        #expect(found.drawdownFraction == 15.0 / 110)
        #expect(agrees(found.recoveryFactor, 20.0 / 15, 1e-15))
        #expect(found.barsInMarket == 10)
        // Results 10, -20, 0, 30: mean 5, deviation sqrt(1300 / 3).
        #expect(agrees(found.systemQuality, 2 * 5 / (1300.0 / 3).squareRoot(), 1e-12))
        #expect(found.byExitReason.map(\.reason) == ["signal", "stop"])
        #expect(found.excursions.averageWorst == -12.5)
        #expect(found.excursions.averageWorstOfWins == -7.5)
        #expect(found.excursions.averageBestOfLosses == 0)
        #expect(found.excursions.deepestWorst == -25)
        #expect(found.excursions.edgeRatio == 1.6)
    }

    @Test func `a position open at the end counts as time in the market, gaps do not`() {
        let found = TradeStatistics(
            [Self.trade(1, bars: 1...2), Self.trade(1, bars: 2...2), Self.trade(1, bars: 6...7)],
            equity: Array(repeating: 1, count: 10), openSince: [9])
        #expect(found.barsInMarket == 5)
        #expect(found.exposure == 0.5)
    }

    @Test func `JSON has every figure with its convention, undefined ones as null`() throws {
        let found = TradeStatistics([Self.trade(50)], equity: [100, 150])
        let json = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(found))
        #expect(Set((json["figures"]?.object ?? [:]).keys) == Set(found.lines.map(\.key)))
        #expect(json["figures"]?["net_profit"]?["value"]?.number == 50)
        #expect(json["figures"]?["net_profit"]?["unit"]?.text == "money")
        #expect(json["by_exit_reason"]?.list.first?["reason"]?.text == "signal")
        guard case .null? = json["long"]?["profit_factor_money"]?["value"] else {
            Issue.record("a factor without a loss is not null")
            return
        }
    }

    @Test func `no two figures of the table have one name`() {
        let lines = TradeStatistics([], equity: []).lines
        #expect(Set(lines.map(\.key)).count == lines.count)
    }
}
