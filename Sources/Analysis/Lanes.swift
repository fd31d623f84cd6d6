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
