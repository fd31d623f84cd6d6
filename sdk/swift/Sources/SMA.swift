/// Simple moving average over `length` values; the first value comes with the `length`-th update.
struct SMA: ~Copyable {
    /// NaN until `isReady`: every comparison with it is false.
    @inline(__always) var value: Double { ring.isFull ? sum.value / divisor : .nan }
    @inline(__always) var isReady: Bool { ring.isFull }
    var length: Int { ring.length }

    private var ring: Ring
    private var sum = ExactSum()
    private let divisor: Double

    init(_ length: Int, _ workspace: Workspace) {
        ring = Ring(length, workspace)
        divisor = Double(ring.length)
    }

    @inline(__always)
    mutating func update(_ x: Double) {
        sum.add(x, taking: ring.push(x))
    }

    /// Positive when this average is above the other, negative when below, 0 when equal; NaN until
    /// both are ready. Costs no division, and is exact where the sums are.
    @inline(__always)
    func lead(over other: borrowing SMA) -> Double {
        isReady && other.isReady ? sum.value * other.divisor - other.sum.value * divisor : .nan
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        ring.restate(for: split, of: kind)
        sum.restate(for: split, of: kind, from: ring)
    }

    func save(_ writer: inout StateWriter) {
        ring.save(&writer)
        sum.save(&writer)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try ring.load(&reader)
        try sum.load(&reader)
    }
}

/// Sum of the last `length` values.
struct RollingSum: ~Copyable {
    var value: Double { ring.isFull ? sum.value : .nan }
    var isReady: Bool { ring.isFull }

    private var ring: Ring
    private var sum = ExactSum()

    init(_ length: Int, _ workspace: Workspace) { ring = Ring(length, workspace) }

    mutating func update(_ x: Double) { sum.add(x, taking: ring.push(x)) }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        ring.restate(for: split, of: kind)
        sum.restate(for: split, of: kind, from: ring)
    }

    func save(_ writer: inout StateWriter) {
        ring.save(&writer)
        sum.save(&writer)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try ring.load(&reader)
        try sum.load(&reader)
    }
}
