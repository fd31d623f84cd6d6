/// Calls `body` with four values at a time, in order; the last four are filled up with `padding`.
/// Sums kept in four lanes do not wait for one another.
@inline(__always)
func forEachFour(
    _ values: Span<Double>, padding: Double, _ body: (SIMD4<Double>) -> Void
) {
    var first = 0
    while first + 4 <= values.count {
        body(SIMD4(values[first], values[first + 1], values[first + 2], values[first + 3]))
        first += 4
    }
    guard first < values.count else { return }
    var last = SIMD4(repeating: padding)
    for lane in 0..<(values.count - first) { last[lane] = values[first + lane] }
    body(last)
}

/// The same for two series of one length.
@inline(__always)
func forEachFour(
    _ a: Span<Double>, _ b: Span<Double>, padding: (Double, Double),
    _ body: (SIMD4<Double>, SIMD4<Double>) -> Void
) {
    var first = 0
    while first + 4 <= a.count {
        body(
            SIMD4(a[first], a[first + 1], a[first + 2], a[first + 3]),
            SIMD4(b[first], b[first + 1], b[first + 2], b[first + 3]))
        first += 4
    }
    guard first < a.count else { return }
    var (lastA, lastB) = (SIMD4(repeating: padding.0), SIMD4(repeating: padding.1))
    for lane in 0..<(a.count - first) {
        lastA[lane] = a[first + lane]
        lastB[lane] = b[first + lane]
    }
    body(lastA, lastB)
}
