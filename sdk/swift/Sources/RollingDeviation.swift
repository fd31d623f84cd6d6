/// Mean, variance and deviation of the last `length` values; population figures (divided by
/// length). Sums of squares are kept to twice a double's digits, so a small deviation of large
/// values is right.
struct RollingDeviation: ~Copyable {
    private(set) var mean = Double.nan
    private(set) var variance = Double.nan
    var value: Double { variance.squareRoot() }
    var isReady: Bool { ring.isFull }

    private var ring: Ring
    private var sum = ExactSum()
    private var squares = ExactSum()
    private let divisor: Double

    init(_ length: Int, _ workspace: Workspace) {
        ring = Ring(length, workspace)
        divisor = Double(ring.length)
    }

    mutating func update(_ x: Double) {
        let leaving = ring.push(x)
        sum.add(x, taking: leaving)
        squares.add(ExactProduct(x, x))
        squares.subtract(ExactProduct(leaving, leaving))
        if ring.isFull { measure() }
    }

    /// How many deviations `x` is from the mean; 0 when there is no deviation.
    func score(_ x: Double) -> Double {
        variance == 0 ? 0 : (x - mean) / value
    }

    /// sum((x - m)^2) = sum(x^2) - m * (2 * sum(x) - n * m), for whatever m is near the mean.
    private mutating func measure() {
        mean = sum.value / divisor
        let scaled = ExactProduct(divisor, mean)
        let doubled = 2 * sum.high - scaled.high
        let rest = 2 * sum.low - scaled.low
        let cross = ExactProduct(mean, doubled)
        var total = squares
        total.subtract(cross)
        let spread = total.value - mean * rest
        variance = max(0, spread / divisor)
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        ring.restate(for: split, of: kind)
        sum.restate(for: split, of: kind, from: ring)
        if split.isExact {
            for _ in 0..<2 { squares.restate(for: split, of: kind) }
        } else {
            squares = ExactSum()
            for place in 0..<ring.count { squares.add(ExactProduct(ring[place], ring[place])) }
        }
        mean = split.restated(mean, kind)
        for _ in 0..<2 { variance = split.restated(variance, kind) }
    }

    func save(_ writer: inout StateWriter) {
        ring.save(&writer)
        sum.save(&writer)
        squares.save(&writer)
        writer.write(mean)
        writer.write(variance)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try ring.load(&reader)
        try sum.load(&reader)
        try squares.load(&reader)
        mean = try reader.readDouble()
        variance = try reader.readDouble()
    }
}

/// How many deviations the newest of `length` values is from their mean.
struct ZScore: ~Copyable {
    private(set) var value = Double.nan
    var isReady: Bool { deviation.isReady }
    private var deviation: RollingDeviation

    init(_ length: Int, _ workspace: Workspace) { deviation = RollingDeviation(length, workspace) }

    mutating func update(_ x: Double) {
        deviation.update(x)
        if deviation.isReady { value = deviation.score(x) }
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        deviation.restate(for: split, of: kind)
    }

    func save(_ writer: inout StateWriter) {
        deviation.save(&writer)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try deviation.load(&reader)
        value = try reader.readDouble()
    }
}

/// Bollinger bands: the mean of the last `length` values and `width` deviations on either side.
struct BollingerBands: ~Copyable {
    var middle: Double { deviation.mean }
    var upper: Double { deviation.mean + width * deviation.value }
    var lower: Double { deviation.mean - width * deviation.value }
    var isReady: Bool { deviation.isReady }

    let width: Double
    private var deviation: RollingDeviation

    init(_ length: Int, width: Double = 2, _ workspace: Workspace) {
        deviation = RollingDeviation(length, workspace)
        self.width = width
    }

    mutating func update(_ x: Double) { deviation.update(x) }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        deviation.restate(for: split, of: kind)
    }

    func save(_ writer: inout StateWriter) { deviation.save(&writer) }
    mutating func load(_ reader: inout StateReader) throws(Refusal) { try deviation.load(&reader) }
}
