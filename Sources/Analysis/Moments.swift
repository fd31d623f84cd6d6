import Glibc

/// The first four central moments of a series, updated one value at a time.
///
/// Sums of powers about the running mean (Welford 1962; third and fourth order by Terriberry 2007
/// and Pébay, SAND2008-6212). Stable when the mean is large beside the deviation, and exactly zero
/// for a constant series, which sums of raw powers are not.
struct Moments: Sendable {
    private(set) var count = 0.0
    private(set) var mean = 0.0
    private var second = 0.0
    private var third = 0.0
    private var fourth = 0.0

    @inline(__always) mutating func add(_ x: Double) {
        let before = count
        count += 1
        let delta = x - mean
        let step = delta * (1 / count)
        let step2 = step * step
        let term = delta * step * before
        mean += step
        fourth +=
            term * step2 * (count * count - 3 * count + 3)
            + 6 * step2 * second - 4 * step * third
        third += term * step * (count - 2) - 3 * step * second
        second += term
    }

    /// The same as adding each in turn, to rounding; about three times as fast.
    mutating func add(contentsOf values: Span<Double>) {
        let n = Double(values.count)
        guard n > 0 else { return }
        var lanes = SIMD4<Double>.zero
        forEachFour(values, padding: 0) { lanes += $0 }
        let center = lanes.sum() / n
        let shift = SIMD4(repeating: center)
        let zero = SIMD4<Double>.zero
        var (drift, second, third, fourth) = (zero, zero, zero, zero)
        forEachFour(values, padding: center) { x in
            let d = x - shift
            let d2 = d * d
            drift += d
            second += d2
            third += d2 * d
            fourth += d2 * d2
        }
        var block = Moments()
        block.count = n
        block.mean = center + drift.sum() / n
        block.second = second.sum()
        block.third = third.sum()
        block.fourth = fourth.sum()
        merge(block)
    }

    /// The moments of two series put together (Pébay, equations 2.1, 3.1 and 4.1 for any sizes).
    private mutating func merge(_ b: Moments) {
        let n = count + b.count
        let delta = b.mean - mean
        let d = delta / n
        let (na, nb) = (count, b.count)
        let cross = delta * d * na * nb
        fourth +=
            b.fourth + cross * d * d * (na * na - na * nb + nb * nb)
            + 6 * d * d * (na * na * b.second + nb * nb * second)
            + 4 * d * (na * b.third - nb * third)
        third += b.third + cross * d * (na - nb) + 3 * d * (na * b.second - nb * second)
        second += b.second + cross
        mean += d * nb
        count = n
    }

    /// Divides by n - `ddof`; nil when that is not positive.
    func deviation(ddof: Double) -> Double? {
        count > ddof ? sqrt(second / (count - ddof)) : nil
    }

    /// Bias-corrected: sqrt(n(n-1))/(n-2) * m3/m2^1.5; nil below three values or without variance.
    var skew: Double? {
        guard count >= 3, hasVariance else { return nil }
        let m2 = second / count
        return sqrt(count * (count - 1)) / (count - 2) * (third / count) / pow(m2, 1.5)
    }

    /// Excess and bias-corrected: (n-1)/((n-2)(n-3)) * ((n+1)g + 6) with g = m4/m2^2 - 3; nil below
    /// four values or without variance.
    var excessKurtosis: Double? {
        guard count >= 4, hasVariance else { return nil }
        let m2 = second / count
        let g = fourth / count / (m2 * m2) - 3
        return (count - 1) / ((count - 2) * (count - 3)) * ((count + 1) * g + 6)
    }

    /// False when all deviation there is could be the rounding of the series itself.
    var hasVariance: Bool { count > 0 && sqrt(second / count) > roundingDeviation }
}

/// A deviation per period that is no larger may be nothing but the last bits of `equity / equity -
/// 1`: it divides nothing, or a Sharpe ratio of 1e13 would come out of a constant growth.
let roundingDeviation = 1e-15

/// The quotient, or nil where it has no meaning.
func quotient(_ a: Double?, _ b: Double?) -> Double? {
    guard let a, let b, b != 0 else { return nil }
    return a / b
}

/// The quotient by a measure of risk, or nil where the risk is no more than rounding.
func perRisk(_ a: Double?, _ risk: Double?) -> Double? {
    guard let a, let risk, risk > roundingDeviation else { return nil }
    return a / risk
}
