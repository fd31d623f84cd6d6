/// The ends of a return distribution: what quantiles and expected shortfalls are read from.
package struct ReturnTails: Sendable {
    /// The share of periods that each tail holds.
    static let probability = 0.05

    /// Quantiles between ranks h = (n - 1) p, linearly interpolated (type 7 of Hyndman and Fan
    /// 1996).
    private(set) var lowQuantile: Double?
    private(set) var highQuantile: Double?
    /// Mean of the floor((n - 1) p) + 1 smallest returns.
    private(set) var meanOfWorst: Double?
    /// Mean of the returns no larger than the low quantile.
    private(set) var meanUpToQuantile: Double?
    /// Mean of the returns below the threshold that was asked for; nil when there is none.
    private(set) var meanBelowThreshold: Double?

    /// Nil figures when there is no return. All returns must be finite.
    init(_ returns: Span<Double>, threshold: Double?) {
        guard !returns.isEmpty else { return }
        var tails = TailSlices(returns, threshold: threshold ?? -.infinity)
        meanBelowThreshold = tails.belowThreshold.mean
        let low = Rank(count: returns.count, probability: Self.probability)
        let high = Rank(count: returns.count, probability: 1 - Self.probability)
        let lowValue = tails.low.quantile(low)
        lowQuantile = lowValue
        highQuantile = tails.high.quantile(high)
        meanOfWorst = tails.low.sumOfSmallest(low.index + 1) / Double(low.index + 1)
        meanUpToQuantile = tails.low.meanUpTo(lowValue)
    }
}

/// Where a quantile lies among n sorted values: at `index`, and `fraction` of the way to the next.
struct Rank {
    let index: Int
    let fraction: Double

    init(count: Int, probability: Double) {
        let h = Double(count - 1) * probability
        index = Int(h)
        fraction = h - Double(index)
    }
}

/// How many values, and what they add up to.
struct CountAndSum {
    var count = 0
    var sum = 0.0
    var mean: Double? { count > 0 ? sum / Double(count) : nil }

    init() {}

    init(of values: Span<Double>, below limit: Double) {
        let (zero, edge) = (SIMD4<Double>.zero, SIMD4(repeating: limit))
        var (sums, counts) = (zero, SIMD4<Int64>.zero)
        forEachFour(values, padding: .infinity) { x in
            let isBelow = x .< edge
            sums += zero.replacing(with: x, where: isBelow)
            counts &+= SIMD4<Int64>.zero.replacing(with: 1, where: isBelow)
        }
        count = Int(counts.wrappedSum())
        sum = sums.sum()
    }
}

/// The values of a series around one rank, and count and sum of all that are smaller.
struct TailSlice {
    var smaller = CountAndSum()
    var values: [Double] = []

    /// Every value is written down, and the place moves on only past those that stay.
    mutating func take(_ returns: Span<Double>, within bracket: ClosedRange<Double>) {
        var kept = [Double](repeating: 0, count: 512)
        for first in stride(from: 0, to: returns.count, by: kept.count) {
            let end = min(first + kept.count, returns.count)
            var place = 0
            for i in first..<end {
                let r = returns[i]
                kept[place] = r
                place += (r >= bracket.lowerBound ? 1 : 0) & (r <= bracket.upperBound ? 1 : 0)
            }
            values.append(contentsOf: kept[..<place])
        }
    }

    func holds(_ rank: Rank, of count: Int) -> Bool {
        let last = min(rank.index + 1, count - 1)
        return smaller.count <= rank.index && last < smaller.count + values.count
    }

    mutating func quantile(_ rank: Rank) -> Double {
        let at = rank.index - smaller.count
        OrderStatistics.select(at, in: &values, 0..<values.count)
        let value = values[at]
        guard at + 1 < values.count else { return value }
        let next = values[(at + 1)...].reduce(.infinity) { min($0, $1) }
        return value + (next - value) * rank.fraction
    }

    /// Valid after `quantile` of the rank before `n`.
    func sumOfSmallest(_ n: Int) -> Double {
        values[..<(n - smaller.count)].reduce(smaller.sum, +)
    }

    func meanUpTo(_ limit: Double) -> Double? {
        var all = smaller
        for x in values where x <= limit {
            all.count += 1
            all.sum += x
        }
        return all.mean
    }
}

/// Both tails of a series in one pass.
///
/// A sorted sample brackets each rank (Floyd and Rivest 1975); the pass gathers only what falls
/// into the brackets. Should a bracket miss its rank - the sample is evenly spaced, not random -
/// all values are taken: slower, the same result.
struct TailSlices {
    var low = TailSlice()
    var high = TailSlice()
    private(set) var belowThreshold = CountAndSum()

    /// Below this many values a sample costs more than it saves.
    private static let sampled = 16_384
    private static let sampleSize = 1_024

    init(_ returns: Span<Double>, threshold: Double) {
        let lowRank = Rank(count: returns.count, probability: ReturnTails.probability)
        let highRank = Rank(count: returns.count, probability: 1 - ReturnTails.probability)
        if returns.count >= Self.sampled {
            gather(returns, TailSlices.brackets(returns), threshold)
            let n = returns.count
            if low.holds(lowRank, of: n), high.holds(highRank, of: n) { return }
            self = TailSlices()
        }
        takeAll(returns, threshold)
    }

    private init() {}

    /// Values between which the two ranks are expected.
    private struct Brackets {
        let low: ClosedRange<Double>
        let high: ClosedRange<Double>
    }

    private mutating func takeAll(_ returns: Span<Double>, _ threshold: Double) {
        low.values.reserveCapacity(returns.count)
        for i in returns.indices {
            let r = returns[i]
            low.values.append(r)
            if r < threshold {
                belowThreshold.count += 1
                belowThreshold.sum += r
            }
        }
        high.values = low.values
    }

    /// Four standard errors of the sample's rank on either side.
    private static func brackets(_ returns: Span<Double>) -> Brackets {
        let step = returns.count / sampleSize
        var sample = (0..<sampleSize).map { returns[$0 * step] }
        sample.sort()
        let p = ReturnTails.probability
        let margin = 4 * (Double(sampleSize) * p * (1 - p)).squareRoot()
        func around(_ share: Double) -> ClosedRange<Double> {
            let middle = Double(sampleSize - 1) * share
            let first = max(0, Int(middle - margin))
            let last = min(sampleSize - 1, Int(middle + margin) + 1)
            return sample[first]...sample[last]
        }
        return Brackets(low: around(p), high: around(1 - p))
    }

    /// Which side of a bracket a return falls on is chance: nothing here branches on it.
    private mutating func gather(
        _ returns: Span<Double>, _ brackets: Brackets, _ threshold: Double
    ) {
        belowThreshold = CountAndSum(of: returns, below: threshold)
        low.smaller = CountAndSum(of: returns, below: brackets.low.lowerBound)
        high.smaller = CountAndSum(of: returns, below: brackets.high.lowerBound)
        low.take(returns, within: brackets.low)
        high.take(returns, within: brackets.high)
    }
}
