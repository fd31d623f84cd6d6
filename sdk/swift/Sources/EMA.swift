/// What an average that is seeded by the mean of its first `length` values is made of.
struct SeededAverage {
    var value = Double.nan
    let length: Int
    private var count = 0
    private var seed = ExactSum()

    init(_ length: Int) { self.length = max(1, length) }

    @inline(__always) var isReady: Bool { count == length }

    /// Takes one of the first `length` values.
    @inline(__always)
    mutating func start(_ x: Double) {
        seed.add(x)
        count += 1
        if count == length { value = seed.value / Double(length) }
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        seed.restate(for: split, of: kind)
        value = split.restated(value, kind)
    }

    func save(_ writer: inout StateWriter) {
        writer.write(length)
        writer.write(count)
        seed.save(&writer)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        _ = try reader.readInteger(in: length...length)
        count = try reader.readInteger(in: 0...length)
        try seed.load(&reader)
        value = try reader.readDouble()
    }
}

/// Exponential moving average, smoothing 2/(length + 1), seeded by the mean of the first `length`
/// values.
struct EMA {
    private var average: SeededAverage
    private let weight: Double

    var value: Double { average.value }
    var isReady: Bool { average.isReady }
    var length: Int { average.length }

    init(_ length: Int) {
        average = SeededAverage(length)
        weight = 2 / Double(average.length + 1)
    }

    @inline(__always)
    mutating func update(_ x: Double) {
        if average.isReady {
            average.value += weight * (x - average.value)
        } else {
            average.start(x)
        }
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        average.restate(for: split, of: kind)
    }

    func save(_ writer: inout StateWriter) { average.save(&writer) }
    mutating func load(_ reader: inout StateReader) throws(Refusal) { try average.load(&reader) }
}

/// Wilder's average: the mean of the first `length` values, then (a * (length - 1) + x) / length.
struct WilderAverage {
    private var average: SeededAverage

    var value: Double { average.value }
    var isReady: Bool { average.isReady }
    var length: Int { average.length }

    init(_ length: Int) { average = SeededAverage(length) }

    @inline(__always)
    mutating func update(_ x: Double) {
        guard average.isReady else { return average.start(x) }
        average.value = (average.value * Double(average.length - 1) + x) / Double(average.length)
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        average.restate(for: split, of: kind)
    }

    func save(_ writer: inout StateWriter) { average.save(&writer) }
    mutating func load(_ reader: inout StateReader) throws(Refusal) { try average.load(&reader) }
}
