/// Moving average convergence/divergence. All three values start together, at update slow + signal
/// - 1. The fast average is seeded by the values that end where the slow one's seed ends.
struct MACD {
    /// Fast minus slow average.
    private(set) var value = Double.nan
    /// Average of `value` over `signalLength`.
    var signal: Double { isReady ? signalAverage.value : .nan }
    var histogram: Double { value - signal }
    var isReady: Bool { signalAverage.isReady }

    private var fast: EMA
    private var slow: EMA
    private var signalAverage: EMA
    private var skipped = 0
    private let skip: Int

    /// A fast length that is not below the slow one is taken as the slow one's.
    init(fast fastLength: Int, slow slowLength: Int, signal signalLength: Int) {
        slow = EMA(slowLength)
        fast = EMA(min(fastLength, slow.length))
        signalAverage = EMA(signalLength)
        skip = slow.length - fast.length
    }

    mutating func update(_ x: Double) {
        slow.update(x)
        if skipped < skip { skipped += 1 } else { fast.update(x) }
        guard slow.isReady else { return }
        let line = fast.value - slow.value
        signalAverage.update(line)
        if signalAverage.isReady { value = line }
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        fast.restate(for: split, of: kind)
        slow.restate(for: split, of: kind)
        signalAverage.restate(for: split, of: kind)
        value = split.restated(value, kind)
    }

    func save(_ writer: inout StateWriter) {
        fast.save(&writer)
        slow.save(&writer)
        signalAverage.save(&writer)
        writer.write(skipped)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try fast.load(&reader)
        try slow.load(&reader)
        try signalAverage.load(&reader)
        skipped = try reader.readInteger(in: 0...skip)
        value = try reader.readDouble()
    }
}
