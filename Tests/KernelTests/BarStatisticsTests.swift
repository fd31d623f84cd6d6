import Kernel
import Market
import Testing

@Suite struct BarStatisticsTests {
    private func settings(_ sizing: Sizing) -> PortfolioSettings {
        var settings = Listings.settings()
        settings.sizing = sizing
        return settings
    }

    private let range = Sizing.riskPerTrade(
        risk: .basisPoints(100), stop: .averageTrueRange(multiple: 2, window: 3))

    private func statistics(_ bars: [(Int64, Int64, Int64)], _ sizing: Sizing) -> BarStatistics {
        var statistics = BarStatistics(BarStatistics.Windows(settings(sizing)), instruments: 1)
        for bar in bars {
            statistics.observe(0, ExactPrices(open: bar.2, high: bar.0, low: bar.1, close: bar.2))
        }
        return statistics
    }

    @Test func `true range counts the gap from the close before, and is smoothed after Wilder`() {
        let bars: [(Int64, Int64, Int64)] = [
            (110, 90, 100), (108, 98, 106), (120, 110, 118), (119, 113, 115),
        ]
        #expect(statistics(Array(bars.prefix(3)), range).averageTrueRange(0, window: 3) == nil)
        // Ranges 10, 14, 6: their mean; then (10 x 2 + 9) / 3.
        #expect(statistics(bars, range).averageTrueRange(0, window: 3) == 10)
        let next = statistics(bars + [(106, 106, 106)], range).averageTrueRange(0, window: 3)
        let expected: Double = 29.0 / 3
        #expect(next == expected)
    }

    @Test func `deviation of returns divides by their number`() {
        let sizing = Sizing.volatilityTarget(target: .basisPoints(1000), window: 2)
        let closes: [Int64] = [100, 110, 99, 99]
        let bars = closes.map { ($0, $0, $0) }
        #expect(statistics(Array(bars.prefix(2)), sizing).deviation(0, window: 2) == nil)
        // Returns 10 % and -10 %, then -10 % and 0.
        let first = statistics(Array(bars.prefix(3)), sizing).deviation(0, window: 2) ?? 0
        let second = statistics(bars, sizing).deviation(0, window: 2) ?? 0
        #expect(abs(first - 0.1) < 1e-15 && abs(second - 0.05) < 1e-15)
    }

    @Test func `a split leaves ranges and returns as they were, in new prices`() {
        let bars: [(Int64, Int64, Int64)] = [
            (110, 90, 100), (108, 98, 106), (120, 110, 118), (119, 113, 115),
        ]
        var split = statistics(bars, range)
        split.split(0, numerator: 5, denominator: 1)
        #expect(split.averageTrueRange(0, window: 3) == 2)
        // From 23, which was 115, to 23: no range.
        split.observe(0, ExactPrices(open: 23, high: 23, low: 23, close: 23))
        #expect(split.averageTrueRange(0, window: 3) == 4.0 / 3)
    }

    @Test func `nothing is kept that nobody asks for`() {
        #expect(
            BarStatistics(
                BarStatistics.Windows(settings(.kelly(cap: .one, atLeast: 3))), instruments: 1
            ).isIdle)
        #expect(!statistics([], range).isIdle)
    }
}
