/// What lies below the risk-free return: the denominator of the Sortino ratio, and of its cousin
/// that looks at the negative periods alone.
struct Downside: Sendable {
    let riskFree: Double
    /// Sum of min(r - riskFree, 0)^2.
    private(set) var squares = 0.0
    /// The first shortfall; deviations are measured from it, so that equal ones give exactly zero.
    private var origin = 0.0
    private var count = 0
    private var sum = 0.0
    private var squaresAboutOrigin = 0.0

    init(riskFree: Double) { self.riskFree = riskFree }

    mutating func add(_ r: Double) {
        let x = r - riskFree
        guard x < 0 else { return }
        if count == 0 { origin = x }
        count += 1
        squares += x * x
        sum += x - origin
        squaresAboutOrigin += (x - origin) * (x - origin)
    }

    mutating func add(contentsOf values: Span<Double>) {
        if count == 0 {
            // Deviations need an origin before four values can go at once.
            guard let fall = values.indices.first(where: { values[$0] < riskFree }) else { return }
            origin = values[fall] - riskFree
        }
        let zero = SIMD4<Double>.zero
        let (shift, from) = (SIMD4(repeating: riskFree), SIMD4(repeating: origin))
        var (a, b, c, n) = (zero, zero, zero, SIMD4<Int64>.zero)
        forEachFour(values, padding: .infinity) { r in
            let x = r - shift
            let isBelow = x .< zero
            let fall = zero.replacing(with: x, where: isBelow)
            let d = zero.replacing(with: x - from, where: isBelow)
            a += fall * fall
            b += d
            c += d * d
            n &+= SIMD4<Int64>.zero.replacing(with: 1, where: isBelow)
        }
        squares += a.sum()
        sum += b.sum()
        squaresAboutOrigin += c.sum()
        count += Int(n.wrappedSum())
    }

    /// Deviation of the shortfalls alone, n - 1; nil below two of them.
    var deviationOfShortfalls: Double? {
        guard count > 1 else { return nil }
        let n = Double(count)
        return (max(0, squaresAboutOrigin - sum * sum / n) / (n - 1)).squareRoot()
    }
}
