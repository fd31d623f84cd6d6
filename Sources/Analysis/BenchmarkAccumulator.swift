import Glibc

/// A return series beside its benchmark's, period by period. Constant memory.
package struct BenchmarkAccumulator: Sendable {
    private var moments = JointMoments()
    private var rising = Capture()
    private var falling = Capture()

    private static let block = 512

    package init() {}

    /// The next periods of both.
    package mutating func add(returns: Span<Double>, benchmark: Span<Double>) {
        precondition(returns.count == benchmark.count, "one benchmark return for each return")
        for first in stride(from: 0, to: returns.count, by: Self.block) {
            let range = first..<min(first + Self.block, returns.count)
            let (own, other) = (returns.extracting(range), benchmark.extracting(range))
            moments.add(own, other)
            rising.add(own, other) { $0 .> SIMD4<Double>.zero }
            falling.add(own, other) { $0 .< SIMD4<Double>.zero }
        }
    }

    /// `total` and the conventions are those of the own series.
    func fill(_ figures: inout Figures, total: Double, _ conventions: MetricConventions) {
        let years = conventions.periodsPerYear
        let deviation = moments.deviation(moments.ownSquares)
        let benchmarkDeviation = moments.deviation(moments.otherSquares)
        let covariance = moments.covariance
        let beta = perRisk(perRisk(covariance, benchmarkDeviation), benchmarkDeviation)
        let alpha = beta.map { moments.ownMean - $0 * moments.otherMean }
        let correlation = perRisk(perRisk(covariance, deviation), benchmarkDeviation)
        let activeDeviation = moments.deviation(moments.activeSquares)
        let information = perRisk(moments.activeMean, activeDeviation)
        figures[.beta] = beta
        figures[.alphaSimple] = alpha.map { $0 * years }
        figures[.alphaCompound] = alpha.map { pow(1 + $0, years) - 1 }
        figures[.correlation] = correlation
        figures[.rSquared] = correlation.map { $0 * $0 }
        figures[.trackingError] = activeDeviation.map { $0 * sqrt(years) }
        figures[.informationRatioPerPeriod] = information
        figures[.informationRatio] = information.map { $0 * sqrt(years) }
        figures[.upCapture] = rising.ratio(years)
        figures[.downCapture] = falling.ratio(years)
        figures[.treynor] = quotient(total - conventions.riskFreeAnnual, beta)
    }
}

/// Second moments of two series and of their difference, block by block (see `Moments`).
private struct JointMoments {
    private var count = 0.0
    private(set) var ownMean = 0.0
    private(set) var otherMean = 0.0
    private(set) var ownSquares = 0.0
    private(set) var otherSquares = 0.0
    /// Apart, not from the others: a fund that copies its index differs in the last digits only.
    private(set) var activeSquares = 0.0
    private var products = 0.0

    var activeMean: Double { ownMean - otherMean }
    var covariance: Double? { count > 1 ? products / (count - 1) : nil }
    func deviation(_ squares: Double) -> Double? { count > 1 ? sqrt(squares / (count - 1)) : nil }

    mutating func add(_ own: Span<Double>, _ other: Span<Double>) {
        let n = Double(own.count)
        let (a, b) = (mean(of: own), mean(of: other))
        let zero = SIMD4<Double>.zero
        var (aa, bb, ab, dd) = (zero, zero, zero, zero)
        forEachFour(own, other, padding: (a, b)) { x, y in
            let (u, v) = (x - a, y - b)
            aa += u * u
            bb += v * v
            ab += u * v
            dd += (u - v) * (u - v)
        }
        let (da, db) = (a - ownMean, b - otherMean)
        let weight = count * n / (count + n)
        ownSquares += aa.sum() + da * da * weight
        otherSquares += bb.sum() + db * db * weight
        products += ab.sum() + da * db * weight
        activeSquares += dd.sum() + (da - db) * (da - db) * weight
        count += n
        ownMean += da * n / count
        otherMean += db * n / count
    }

    private func mean(of values: Span<Double>) -> Double {
        var sum = SIMD4<Double>.zero
        forEachFour(values, padding: 0) { sum += $0 }
        return sum.sum() / Double(values.count)
    }
}

/// What both earned over the periods in which the benchmark did one thing.
private struct Capture {
    private var periods = 0.0
    private var own = 1.0
    private var other = 1.0

    @inline(__always)
    mutating func add(
        _ own: Span<Double>, _ other: Span<Double>,
        where chosen: (SIMD4<Double>) -> SIMDMask<SIMD4<Int64>>
    ) {
        let (zero, one) = (SIMD4<Double>.zero, SIMD4<Double>.one)
        var (count, a, b) = (zero, one, one)
        forEachFour(own, other, padding: (0, 0)) { x, y in
            let isChosen = chosen(y)
            count += zero.replacing(with: one, where: isChosen)
            a *= one.replacing(with: one + x, where: isChosen)
            b *= one.replacing(with: one + y, where: isChosen)
        }
        periods += count.sum()
        for lane in 0..<4 {
            self.own *= a[lane]
            self.other *= b[lane]
        }
    }

    /// Annual growth over the benchmark's.
    func ratio(_ periodsPerYear: Double) -> Double? {
        guard periods > 0 else { return nil }
        let exponent = periodsPerYear / periods
        return quotient(pow(own, exponent) - 1, pow(other, exponent) - 1)
    }
}
