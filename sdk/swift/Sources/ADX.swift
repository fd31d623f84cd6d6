/// Wilder's directional movement: +DI, -DI and DX from bar length + 1, ADX from bar 2 * length.
/// Wilder sums whose first sum has length - 1 terms; a move counts when it is positive and the
/// larger.
struct ADX {
    /// The strength of the trend, whatever its direction.
    var value: Double { average.value }
    private(set) var plus = Double.nan
    private(set) var minus = Double.nan
    private(set) var dx = Double.nan
    var isReady: Bool { average.isReady }

    let length: Int
    private var count = 0
    private var previous = (high: 0.0, low: 0.0, close: 0.0)
    private var sums = (plus: 0.0, minus: 0.0, range: 0.0)
    private var average: WilderAverage

    init(_ length: Int) {
        self.length = max(2, length)
        average = WilderAverage(self.length)
    }

    mutating func update(_ bar: Bar) {
        defer { previous = (bar.high, bar.low, bar.close) }
        if count == 0 {
            count = 1
            return
        }
        let up = bar.high - previous.high
        let down = previous.low - bar.low
        let range = max(
            bar.high - bar.low, abs(bar.high - previous.close), abs(bar.low - previous.close))
        // The first length - 1 moves are summed, later ones push a share of the sum out.
        let keep = count < length ? 1 : 1 - 1 / Double(length)
        sums.plus = sums.plus * keep + (up > 0 && up > down ? up : 0)
        sums.minus = sums.minus * keep + (down > 0 && down > up ? down : 0)
        sums.range = sums.range * keep + range
        if count < length {
            count += 1
            return
        }
        direct()
        average.update(dx)
    }

    private mutating func direct() {
        if dx.isNaN { dx = 0 }
        guard sums.range != 0 else {
            plus = 0
            minus = 0
            return
        }
        plus = 100 * sums.plus / sums.range
        minus = 100 * sums.minus / sums.range
        // No movement either way keeps the last figure.
        if plus + minus != 0 { dx = 100 * abs(plus - minus) / (plus + minus) }
    }

    mutating func restate(for split: Split) {
        previous = (
            split.price(previous.high), split.price(previous.low), split.price(previous.close)
        )
        sums = (split.price(sums.plus), split.price(sums.minus), split.price(sums.range))
    }

    func save(_ writer: inout StateWriter) {
        writer.write(length)
        writer.write(count)
        for value in [
            previous.high, previous.low, previous.close, sums.plus, sums.minus, sums.range,
        ] {
            writer.write(value)
        }
        for value in [plus, minus, dx] { writer.write(value) }
        average.save(&writer)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        _ = try reader.readInteger(in: length...length)
        count = try reader.readInteger(in: 0...length)
        previous = (try reader.readDouble(), try reader.readDouble(), try reader.readDouble())
        sums = (try reader.readDouble(), try reader.readDouble(), try reader.readDouble())
        plus = try reader.readDouble()
        minus = try reader.readDouble()
        dx = try reader.readDouble()
        try average.load(&reader)
    }
}
