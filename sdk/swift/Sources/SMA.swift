/// Simple moving average over `length` values; the first value comes with the `length`-th update.
struct SMA: ~Copyable {
    /// NaN until `isReady`: every comparison with it is false.
    private(set) var value = Double.nan
    var isReady: Bool { ring.isFull }
    var length: Int { ring.length }

    private var ring: Ring
    private var sum = ExactSum()
    private let divisor: Double

    init(_ length: Int) {
        ring = Ring(length)
        divisor = Double(ring.length)
    }

    @inline(__always)
    mutating func update(_ x: Double) {
        sum.add(x)
        sum.add(-ring.push(x))
        if ring.isFull { value = sum.value / divisor }
    }

    func save(_ writer: inout StateWriter) {
        ring.save(&writer)
        sum.save(&writer)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try ring.load(&reader)
        try sum.load(&reader)
        value = try reader.readDouble()
    }
}

/// Sum of the last `length` values.
struct RollingSum: ~Copyable {
    private(set) var value = Double.nan
    var isReady: Bool { ring.isFull }

    private var ring: Ring
    private var sum = ExactSum()

    init(_ length: Int) { ring = Ring(length) }

    mutating func update(_ x: Double) {
        sum.add(x)
        sum.add(-ring.push(x))
        if ring.isFull { value = sum.value }
    }

    func save(_ writer: inout StateWriter) {
        ring.save(&writer)
        sum.save(&writer)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try ring.load(&reader)
        try sum.load(&reader)
        value = try reader.readDouble()
    }
}
