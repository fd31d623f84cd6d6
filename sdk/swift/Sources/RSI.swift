/// Relative strength index with Wilder's averages; the first value comes with update length + 1.
/// 0 while there was no change at all.
struct RSI {
    private(set) var value = Double.nan
    var isReady: Bool { gain.isReady }

    private var gain: WilderAverage
    private var loss: WilderAverage
    private var previous = Double.nan

    init(_ length: Int) {
        gain = WilderAverage(length)
        loss = WilderAverage(length)
    }

    mutating func update(_ x: Double) {
        let change = x - previous
        previous = x
        guard !change.isNaN else { return }
        gain.update(change > 0 ? change : 0)
        loss.update(change < 0 ? -change : 0)
        guard gain.isReady else { return }
        let sum = gain.value + loss.value
        value = sum == 0 ? 0 : 100 * gain.value / sum
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        gain.restate(for: split, of: kind)
        loss.restate(for: split, of: kind)
        previous = split.restated(previous, kind)
    }

    func save(_ writer: inout StateWriter) {
        gain.save(&writer)
        loss.save(&writer)
        writer.write(previous)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try gain.load(&reader)
        try loss.load(&reader)
        previous = try reader.readDouble()
        value = try reader.readDouble()
    }
}
