/// The largest of high - low and the two distances from the previous close; from the second bar on.
struct TrueRange {
    private(set) var value = Double.nan
    private var previousClose = Double.nan

    @inline(__always)
    mutating func update(_ bar: Bar) {
        if !previousClose.isNaN {
            value = max(
                bar.high - bar.low, abs(bar.high - previousClose), abs(bar.low - previousClose))
        }
        previousClose = bar.close
    }

    mutating func restate(for split: Split) {
        previousClose = split.price(previousClose)
        value = split.price(value)
    }

    func save(_ writer: inout StateWriter) {
        writer.write(previousClose)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        previousClose = try reader.readDouble()
        value = try reader.readDouble()
    }
}

/// Average true range, Wilder's; the first value comes with bar length + 1.
struct ATR {
    var value: Double { average.value }
    /// In percent of the close.
    var normalised: Double { 100 * average.value / close }
    var isReady: Bool { average.isReady }

    private var range = TrueRange()
    private var average: WilderAverage
    private var close = Double.nan

    init(_ length: Int) { average = WilderAverage(length) }

    @inline(__always)
    mutating func update(_ bar: Bar) {
        range.update(bar)
        close = bar.close
        if !range.value.isNaN { average.update(range.value) }
    }

    mutating func restate(for split: Split) {
        range.restate(for: split)
        average.restate(for: split)
        close = split.price(close)
    }

    func save(_ writer: inout StateWriter) {
        range.save(&writer)
        average.save(&writer)
        writer.write(close)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try range.load(&reader)
        try average.load(&reader)
        close = try reader.readDouble()
    }
}
