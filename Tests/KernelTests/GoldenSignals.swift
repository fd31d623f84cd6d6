import CTapedeck
import TestBacktests

/// The strategies of `golden/README.md` as plain functions of closed bars.
struct GoldenSignals {
    enum Action: Hashable {
        /// Drops entries that were not filled.
        case cancel
        /// Leaves the position at the next open.
        case close
        case enter(side: Double, stop: Double, limit: Double, stopLoss: Double, takeProfit: Double)
    }

    let terms: GoldenScenario.Terms
    let bars: [Bar]
    private var first: [Double] = []
    private var second: [Double] = []
    private let closes: [Double]

    init(_ terms: GoldenScenario.Terms, _ bars: [Bar]) {
        self.terms = terms
        self.bars = bars
        closes = bars.map(\.close)
        let p = terms.params
        switch terms.kind {
        case "sma_cross_long", "sma_cross_reverse":
            first = Self.mean(closes, p.fast ?? 0)
            second = Self.mean(closes, p.slow ?? 0)
        case "macd_cross_long":
            (first, second) = Self.macd(closes, p.fast ?? 0, p.slow ?? 0, p.signal ?? 0)
        case "rsi_long": first = Self.strength(closes, p.n ?? 0)
        case "mean_rev_long", "mean_rev_both":
            first = Self.mean(closes, p.n ?? 0)
            second = Self.deviation(closes, p.n ?? 0)
        case "breakout_stop":
            first = Self.extreme(bars.map(\.high), p.n ?? 0, max)
            second = Self.extreme(bars.map(\.low), p.m ?? 0, min)
        case "atr_breakout":
            first = Self.mean(closes, p.n ?? 0)
            second = Self.range(bars, p.n ?? 0)
        default: break
        }
    }

    /// What the strategy does at the close of bar `i`, given the position.
    func decide(_ i: Int, position: Double, firstDecision: Int) -> [Action] {
        switch terms.kind {
        case "buy_hold": return i == firstDecision ? [enter(1, i)] : []
        case "sma_cross_long", "sma_cross_reverse", "macd_cross_long": return cross(i, position)
        case "rsi_long":
            if position == 0 && first[i] < terms.params.lo ?? 0 { return [enter(1, i)] }
            return position > 0 && first[i] > terms.params.hi ?? 0 ? [.close] : []
        case "mean_rev_long", "mean_rev_both": return revert(i, position)
        case "breakout_stop":
            if position == 0 {
                let stopLoss = second[i] < first[i] ? second[i] : 0
                return [
                    .cancel,
                    .enter(side: 1, stop: first[i], limit: 0, stopLoss: stopLoss, takeProfit: 0),
                ]
            }
            return position > 0 && closes[i] < second[i - 1] ? [.close] : []
        case "dip_limit":
            guard position == 0 else { return [] }
            let price = closes[i] * (1 - (terms.params.dip ?? 0))
            return [
                .cancel,
                .enter(
                    side: 1, stop: 0, limit: price, stopLoss: price * (1 - (terms.params.sl ?? 0)),
                    takeProfit: price * (1 + (terms.params.tp ?? 0))),
            ]
        case "atr_breakout":
            if position == 0 && closes[i] > first[i] + (terms.params.k ?? 0) * second[i] {
                let stop = closes[i] - (terms.params.stop_atr ?? 0) * second[i]
                return [.enter(side: 1, stop: 0, limit: 0, stopLoss: stop, takeProfit: 0)]
            }
            return position > 0 && closes[i] < first[i] ? [.close] : []
        default: return []
        }
    }

    private func cross(_ i: Int, _ position: Double) -> [Action] {
        let isOver = first[i - 1] < second[i - 1] && first[i] > second[i]
        let isUnder = first[i - 1] > second[i - 1] && first[i] < second[i]
        if terms.kind == "sma_cross_reverse" {
            if isOver {
                return (position < 0 ? [.close] : []) + (position > 0 ? [] : [enter(1, i)])
            }
            if isUnder {
                return (position > 0 ? [.close] : []) + (position < 0 ? [] : [enter(-1, i)])
            }
            return []
        }
        if isOver && position == 0 { return [enter(1, i)] }
        return isUnder && position > 0 ? [.close] : []
    }

    private func revert(_ i: Int, _ position: Double) -> [Action] {
        let distance = (terms.params.k ?? 0) * second[i]
        if position == 0 && closes[i] < first[i] - distance { return [enter(1, i)] }
        if terms.kind == "mean_rev_both" && position == 0 && closes[i] > first[i] + distance {
            return [enter(-1, i)]
        }
        let isBack = position > 0 ? closes[i] >= first[i] : position < 0 && closes[i] <= first[i]
        return isBack ? [.close] : []
    }

    /// A market entry whose exits lie in proportion to the signal bar's close.
    private func enter(_ side: Double, _ i: Int) -> Action {
        let (sl, tp) = (terms.params.sl ?? 0, terms.params.tp ?? 0)
        return .enter(
            side: side, stop: 0, limit: 0, stopLoss: sl == 0 ? 0 : closes[i] * (1 - side * sl),
            takeProfit: tp == 0 ? 0 : closes[i] * (1 + side * tp))
    }
}

extension GoldenSignals {
    static func mean(_ x: [Double], _ n: Int) -> [Double] {
        x.indices.map { i in i < n - 1 ? .nan : x[(i - n + 1)...i].reduce(0, +) / Double(n) }
    }

    static func deviation(_ x: [Double], _ n: Int) -> [Double] {
        let means = mean(x, n)
        return x.indices.map { i in
            guard i >= n - 1 else { return .nan }
            return
                (x[(i - n + 1)...i].reduce(0) { $0 + ($1 - means[i]) * ($1 - means[i]) } / Double(n))
                .squareRoot()
        }
    }

    static func extreme(_ x: [Double], _ n: Int, _ better: (Double, Double) -> Double) -> [Double] {
        x.indices.map { i in i < n - 1 ? .nan : x[(i - n + 1)...i].reduce(x[i], better) }
    }

    /// Relative strength with Wilder's averages.
    static func strength(_ x: [Double], _ n: Int) -> [Double] {
        var result = [Double](repeating: .nan, count: x.count)
        var (gain, loss) = (0.0, 0.0)
        for i in 1..<x.count {
            let change = x[i] - x[i - 1]
            if i <= n {
                gain += max(change, 0) / Double(n)
                loss += max(-change, 0) / Double(n)
            } else {
                gain = (gain * Double(n - 1) + max(change, 0)) / Double(n)
                loss = (loss * Double(n - 1) + max(-change, 0)) / Double(n)
            }
            if i >= n { result[i] = gain + loss == 0 ? 0 : 100 * gain / (gain + loss) }
        }
        return result
    }

    /// Wilder's average true range.
    static func range(_ bars: [Bar], _ n: Int) -> [Double] {
        var result = [Double](repeating: .nan, count: bars.count)
        var average = 0.0
        for i in 1..<bars.count {
            let last = bars[i - 1].close
            let range = max(bars[i].high, last) - min(bars[i].low, last)
            average =
                i <= n ? average + range / Double(n) : (average * Double(n - 1) + range) / Double(n)
            if i >= n { result[i] = average }
        }
        return result
    }

    /// Line and signal; the fast average is seeded by the values that end where the slow one's do.
    static func macd(_ x: [Double], _ fast: Int, _ slow: Int, _ signal: Int) -> ([Double], [Double])
    {
        func average(_ values: [Double], _ n: Int, from seed: Int) -> [Double] {
            var result = [Double](repeating: .nan, count: values.count)
            result[seed] = values[(seed - n + 1)...seed].reduce(0, +) / Double(n)
            for i in (seed + 1)..<values.count {
                result[i] = result[i - 1] + 2 / Double(n + 1) * (values[i] - result[i - 1])
            }
            return result
        }
        let quick = average(x, fast, from: slow - 1)
        let slowly = average(x, slow, from: slow - 1)
        let line = zip(quick, slowly).map { $0 - $1 }
        let first = slow + signal - 2
        let signals = average(line, signal, from: first)
        return (line.enumerated().map { $0.offset < first ? .nan : $0.element }, signals)
    }
}
