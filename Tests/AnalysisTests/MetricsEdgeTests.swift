import Analysis
import Foundation
import Testing

/// Series that tempt a formula to divide by nothing.
struct MetricsEdgeTests {
    static let daily = MetricConventions(periodsPerYear: 252, riskFreeAnnual: 0)

    @Test func `a series without a period has no figure but its length`() {
        for metrics in [
            Metrics(returns: [], Self.daily), Metrics(equity: [100], Self.daily),
            Metrics(equity: [], Self.daily),
        ] {
            for metric in Metric.allCases {
                #expect(metrics[metric] == (metric == .periods ? 0 : nil), "\(metric)")
            }
            #expect(metrics.maximumDrawdown.depth == 0)
            #expect(metrics.drawdowns.isEmpty)
        }
    }

    @Test func `one period has a return but no deviation`() {
        let metrics = Metrics(returns: [-0.25], Self.daily)
        #expect(metrics[.totalReturn] == -0.25)
        #expect(metrics[.maximumDrawdown] == -0.25)
        #expect(metrics[.valueAtRiskHistorical] == -0.25)
        #expect(metrics[.shortfallOfWorst] == -0.25)
        for undefined in [Metric.volatility, .sharpe, .skew, .valueAtRiskNormal, .ulcerIndex] {
            #expect(metrics[undefined] == nil, "\(undefined)")
        }
    }

    @Test func `growth without variance has no Sharpe ratio, whatever rounding leaves`() {
        var equity = [100_000.0]
        for _ in 0..<500 { equity.append(equity[equity.count - 1] * 1.001) }
        let metrics = Metrics(equity: equity, Self.daily)
        for undefined in [Metric.sharpe, .sharpePopulation, .sortino, .skew, .kurtosis, .calmar] {
            #expect(metrics[undefined] == nil, "\(undefined)")
        }
        #expect(metrics[.profitFactor] == .infinity)
        #expect(agrees(metrics[.meanReturn], 0.001, 1e-9))
    }

    @Test(arguments: [[100.0, 50, 0, 0, 30], [100, -20, -30, 10, 10]])
    func `trap 37: after a ruin nothing is earned and every figure is defined or nil`(
        equity: [Double]
    ) {
        let metrics = Metrics(equity: equity, Self.daily)
        #expect(metrics[.maximumDrawdown]! <= -1)
        #expect(metrics.maximumDrawdown.recoveryIndex == nil)
        #expect(metrics[.longestUnderwater] == 4)
        for metric in Metric.allCases { #expect(metrics[metric]?.isNaN != true) }
        #expect(metrics[.worst]! <= -1)
    }

    @Test func `a total loss is an annual return of minus one`() {
        let metrics = Metrics(returns: [0.1, -1, 0.5], Self.daily, elapsedDays: 3)
        #expect(metrics[.totalReturn] == -1)
        #expect(metrics[.annualReturn] == -1)
        #expect(metrics[.annualReturnByCalendar] == -1)
        #expect(metrics[.geometricMeanReturn] == -1)
        #expect(metrics[.calmar] == -1)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a return that is not finite makes all figures undefined`(bad: Double) {
        let metrics = Metrics(returns: [0.1, bad, -0.1, 0.2], Self.daily)
        #expect(metrics[.periods] == 4)
        for metric in Metric.allCases where metric != .periods { #expect(metrics[metric] == nil) }
    }

    @Test func `a benchmark that does not move has no beta and no capture`() {
        let metrics = Metrics(
            returns: [0.01, -0.02, 0.03], benchmark: [0, 0, 0], Self.daily)
        let undefined = [
            Metric.beta, .alphaSimple, .alphaCompound, .correlation, .rSquared, .upCapture,
            .downCapture, .treynor,
        ]
        for metric in undefined { #expect(metrics[metric] == nil, "\(metric)") }
        #expect(agrees(metrics[.trackingError], metrics[.volatility], 1e-12))
    }

    @Test func `the benchmark against itself has beta one and no active return`() {
        let r = [0.01, -0.02, 0.03, 0.004, -0.001]
        let metrics = Metrics(returns: r, benchmark: r, Self.daily)
        #expect(agrees(metrics[.beta], 1, 1e-12))
        #expect(agrees(metrics[.correlation], 1, 1e-12))
        #expect(metrics[.informationRatio] == nil)
        #expect(agrees(metrics[.upCapture], 1, 1e-12))
        #expect(agrees(metrics[.downCapture], 1, 1e-12))
    }

    @Test func `an equity back at its high has recovered, though the product of returns may not`() {
        let equity = [100.0, 101, 97.3, 101, 99, 101]
        let metrics = Metrics(equity: equity, Self.daily)
        #expect(metrics.drawdowns.map(\.recoveryIndex) == [3, 5])
        #expect(
            metrics.maximumDrawdown
                == DrawdownEpisode(
                    peakIndex: 1, troughIndex: 2, recoveryIndex: 3, depth: 97.3 / 101 - 1))
        #expect(metrics[.timeUnderwater] == 0.4)
        #expect(metrics[.drawdownCount] == 2)
    }

    @Test func `exposure and turnover come from what the account did`() {
        let metrics = Metrics(
            equity: [100, 110, 90, 100], Self.daily,
            activity: MarketActivity(periodsInMarket: 2, tradedValue: 400))
        #expect(agrees(metrics[.exposure], 2.0 / 3, 1e-15))
        // 400 in 3 of 252 periods, over a mean equity of 100.
        #expect(agrees(metrics[.turnover], 336, 1e-12))
        #expect(Metrics(returns: [0.1], Self.daily)[.turnover] == nil)
    }
}

/// One value at a time, all at once, and by the definition written out must be one and the same.
struct MetricsPropertyTests {
    @Test(arguments: [1, 3, 63, 64, 65, 511, 512, 513, 3_000, 16_383, 16_384, 50_001])
    func `streaming, blocks and plain sorting agree`(count: Int) {
        let seed = UInt64(count) &* 7_919
        print("seed \(seed)")
        var random = SeededGenerator(state: seed)
        let returns = (0..<count).map { _ in (random.unit() + random.unit() - 1) * 0.02 + 0.0003 }
        let conventions = MetricConventions(periodsPerYear: 252, riskFreeAnnual: 0.03)
        var streamed = ReturnAccumulator(conventions)
        for r in returns { streamed.add(return: r) }
        let one = Metrics(streamed)
        let all = Metrics(returns: returns, conventions)
        let tails: Set<Metric> = [
            .valueAtRiskHistorical, .shortfallOfWorst, .shortfallBelowNormal,
            .shortfallBelowHistorical, .tailRatio,
        ]
        for metric in Metric.allCases where !tails.contains(metric) {
            #expect(agrees(one[metric], all[metric], 1e-9), "\(metric)")
        }
        #expect(one.drawdowns == all.drawdowns)
        checkTails(all, returns)
    }

    @Test(arguments: [0, 1, 2])
    func `quantiles are right where a sample misleads`(shape: Int) {
        let count = 100_000
        let returns = (0..<count).map { i in
            switch shape {
            // Equal but for a few; every sampled value alike; all small ones at the end.
            case 0: i % 997 == 3 ? -0.5 : 0.001
            case 1: i % (count / 1_024) == 0 ? 0 : Double(i % 1_000 - 500) * 1e-6
            default: Double(count - i) * (i > 94_000 ? -1e-8 : 1e-8)
            }
        }
        checkTails(Metrics(returns: returns, MetricsEdgeTests.daily), returns)
    }

    private func checkTails(_ metrics: Metrics, _ returns: [Double]) {
        let sorted = returns.sorted()
        let n = sorted.count
        func quantile(_ p: Double) -> Double {
            let h = Double(n - 1) * p
            let i = Int(h)
            return sorted[i] + (sorted[min(i + 1, n - 1)] - sorted[i]) * (h - Double(i))
        }
        func mean(_ x: some Collection<Double>) -> Double? {
            x.isEmpty ? nil : x.reduce(0, +) / Double(x.count)
        }
        let low = quantile(0.05)
        #expect(metrics[.valueAtRiskHistorical] == low)
        #expect(agrees(metrics[.tailRatio], low == 0 ? nil : abs(quantile(0.95)) / abs(low), 1e-12))
        let worst = sorted[...Int(Double(n - 1) * 0.05)]
        #expect(agrees(metrics[.shortfallOfWorst], mean(worst), 1e-9))
        #expect(agrees(metrics[.shortfallBelowHistorical], mean(sorted.filter { $0 <= low }), 1e-9))
        let normal = metrics[.valueAtRiskNormal] ?? -.infinity
        #expect(agrees(metrics[.shortfallBelowNormal], mean(sorted.filter { $0 < normal }), 1e-9))
    }
}

/// SplitMix64.
struct SeededGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
