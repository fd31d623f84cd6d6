/// A sum that stays exact to a rounding however long it runs: what each addition loses is kept
/// apart (Knuth's two-sum), so that a spike which left the window leaves nothing behind.
struct ExactSum {
    private(set) var high: Double
    private(set) var low: Double

    init(high: Double = 0, low: Double = 0) {
        self.high = high
        self.low = low
    }

    @inline(__always) var value: Double { high + low }

    @inline(__always)
    mutating func add(_ x: Double) {
        let sum = high + x
        let part = sum - high
        low += (high - (sum - part)) + (x - part)
        high = sum
    }

    /// Adds one and takes another away: the running sum waits for one addition instead of two.
    @inline(__always)
    mutating func add(_ entering: Double, taking leaving: Double) {
        let change = entering - leaving
        let part = change - entering
        let lost = (entering - (change - part)) - (leaving + part)
        add(change)
        low += lost
    }

    /// Adds a product with the part that its rounding would lose.
    @inline(__always)
    mutating func add(_ product: ExactProduct) {
        add(product.high)
        low += product.low
    }

    @inline(__always)
    mutating func subtract(_ product: ExactProduct) {
        add(-product.high)
        low -= product.low
    }

    func save(_ writer: inout StateWriter) {
        writer.write(high)
        writer.write(low)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        high = try reader.readDouble()
        low = try reader.readDouble()
    }
}

/// `a * b` as the sum of two doubles (Dekker's product; exact for magnitudes up to 1e150).
struct ExactProduct {
    let high: Double
    let low: Double

    @inline(__always)
    init(_ a: Double, _ b: Double) {
        high = a * b
        let (aHigh, aLow) = Self.halves(a)
        let (bHigh, bLow) = Self.halves(b)
        low = ((aHigh * bHigh - high) + aHigh * bLow + aLow * bHigh) + aLow * bLow
    }

    @inline(__always)
    private static func halves(_ x: Double) -> (Double, Double) {
        let scaled = 134_217_729 * x
        let high = scaled - (scaled - x)
        return (high, x - high)
    }
}
