/// A running sum that keeps what rounding drops.
///
/// Each addition also yields its exact rounding error (Knuth's branch-free two-sum); the errors are
/// summed apart. A million returns lose nothing that a double could show.
struct CompensatedSum: Sendable {
    private var sum = 0.0
    private var lost = 0.0

    @inline(__always) mutating func add(_ x: Double) {
        let next = sum + x
        let taken = next - sum
        lost += (sum - (next - taken)) + (x - taken)
        sum = next
    }

    /// The same four lanes at a time.
    mutating func add(contentsOf values: Span<Double>) {
        var (sums, losts) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
        forEachFour(values, padding: 0) { x in
            let next = sums + x
            let taken = next - sums
            losts += (sums - (next - taken)) + (x - taken)
            sums = next
        }
        for lane in 0..<4 {
            add(sums[lane])
            lost += losts[lane]
        }
    }

    var total: Double { sum + lost }
}
