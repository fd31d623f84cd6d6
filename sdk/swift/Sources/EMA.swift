/// Exponential moving average, smoothing 2/(length + 1), seeded by the mean of the first `length` values.
struct EMA {
    private(set) var value = Double.nan
    var isReady: Bool { count == length }

    let length: Int
    private let weight: Double
    private var count = 0
    private var seed = ExactSum()

    init(_ length: Int) {
        self.length = max(1, length)
        weight = 2 / Double(self.length + 1)
    }

    @inline(__always)
    mutating func update(_ x: Double) {
        if count == length {
            value += weight * (x - value)
        } else {
            seed.add(x)
            count += 1
            if count == length { value = seed.value / Double(length) }
        }
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

/// Wilder's average: the mean of the first `length` values, then (a * (length - 1) + x) / length.
struct WilderAverage {
    private(set) var value = Double.nan
    var isReady: Bool { count == length }

    let length: Int
    private var count = 0
    private var seed = ExactSum()

    init(_ length: Int) { self.length = max(1, length) }

    @inline(__always)
    mutating func update(_ x: Double) {
        if count == length {
            value = (value * Double(length - 1) + x) / Double(length)
        } else {
            seed.add(x)
            count += 1
            if count == length { value = seed.value / Double(length) }
        }
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
