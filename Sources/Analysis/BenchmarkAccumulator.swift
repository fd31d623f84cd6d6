import Glibc

/// A return series beside its benchmark's, period by period. Constant memory.
package struct BenchmarkAccumulator: Sendable {
    private var own = Moments()
    private var other = Moments()
    private var active = Moments()
    private var coproduct = 0.0
    private var rising = Capture()
    private var falling = Capture()

    package init() {}

    /// What both earned over the periods in which the benchmark did one thing.
    private struct Capture {
        var periods = 0.0
        var own = 1.0
        var other = 1.0

        mutating func add(_ r: Double, _ b: Double) {
            periods += 1
            own *= 1 + r
            other *= 1 + b
        }

        /// Annual growth over the benchmark's.
        func ratio(_ periodsPerYear: Double) -> Double? {
            guard periods > 0 else { return nil }
            let exponent = periodsPerYear / periods
            return quotient(pow(own, exponent) - 1, pow(other, exponent) - 1)
        }
    }

    package mutating func add(return r: Double, benchmark b: Double) {
        let deltaBefore = b - other.mean
        own.add(r)
        other.add(b)
        active.add(r - b)
        coproduct += deltaBefore * (r - own.mean)
        if b > 0 { rising.add(r, b) }
        if b < 0 { falling.add(r, b) }
    }

    /// `total` and the conventions are those of the own series.
    func fill(_ figures: inout Figures, total: Double, _ conventions: MetricConventions) {
        let n = own.count
        let years = conventions.periodsPerYear
        let covariance = n > 1 ? coproduct / (n - 1) : nil
        let deviations = (own.deviation(ddof: 1), other.deviation(ddof: 1))
        let beta = perRisk(perRisk(covariance, deviations.1), deviations.1)
        let alpha = beta.map { own.mean - $0 * other.mean }
        let correlation = perRisk(perRisk(covariance, deviations.0), deviations.1)
        let activeDeviation = active.deviation(ddof: 1)
        let information = perRisk(active.mean, activeDeviation)
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
