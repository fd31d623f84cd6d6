/// A sum of the last values that stays exact to a rounding: what every addition loses is kept apart,
/// so that a spike which has left the window leaves nothing behind.
struct ExactSum {
    private(set) var high = 0.0
    private(set) var low = 0.0

    var value: Double { high + low }

    @inline(__always)
    mutating func add(_ x: Double) {
        let sum = high + x
        let part = sum - high
        low += (high - (sum - part)) + (x - part)
        high = sum
    }
}

/// Simple moving average over `length` values; the first value is that of the `length`-th update.
struct SMA: ~Copyable {
    let length: Int
    /// NaN until `isReady`.
    private(set) var value = Double.nan
    var isReady: Bool { count == length }

    private let ring: UnsafeMutablePointer<Double>
    private let divisor: Double
    private var head = 0
    private var count = 0
    private var sum = ExactSum()

    init(_ length: Int) {
        self.length = max(1, length)
        divisor = Double(self.length)
        ring = .allocate(capacity: self.length)
        ring.initialize(repeating: 0, count: self.length)
    }

    deinit { ring.deallocate() }

    @inline(__always)
    mutating func update(_ x: Double) {
        sum.add(x)
        sum.add(-ring[head])
        ring[head] = x
        head += 1
        if head == length { head = 0 }
        if count < length { count += 1 }
        if count == length { value = sum.value / divisor }
    }
}
