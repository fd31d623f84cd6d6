/// A fast and a slow simple moving average over one window of values: what two `SMA` say, for the
/// price of little more than one. Both sums are exact to a rounding (see `ExactSum`).
struct SMAPair: ~Copyable {
    let fastLength: Int
    let slowLength: Int
    @inline(__always) var isReady: Bool { count == slowLength }
    var fast: Double { count >= fastLength ? (high[0] + low[0]) / lengths[0] : .nan }
    var slow: Double { isReady ? (high[1] + low[1]) / lengths[1] : .nan }

    private let values: UnsafeMutablePointer<Double>
    /// Where the newest value goes, and where the one that leaves the fast window stands.
    private var head = 0
    private var fastTail: Int
    private var count = 0
    private var high = SIMD2<Double>.zero
    private var low = SIMD2<Double>.zero
    private let lengths: SIMD2<Double>
    private let crossLengths: SIMD2<Double>

    /// A fast length that is not below the slow one is taken as the slow one's.
    init(fast: Int, slow: Int, _ workspace: Workspace) {
        slowLength = max(1, slow)
        fastLength = max(1, min(fast, slowLength))
        fastTail = slowLength - fastLength
        lengths = SIMD2(Double(fastLength), Double(slowLength))
        crossLengths = SIMD2(Double(slowLength), Double(fastLength))
        values = workspace.doubles(slowLength)
    }

    /// Takes a value and answers by how much the fast average leads: positive when it is above the
    /// slow one, negative when below, 0 when equal; NaN until both are ready. In units of its own
    /// (there is no division), and exact where the sums are.
    @inline(__always) @discardableResult
    mutating func update(_ x: Double) -> Double {
        // Zero where the window is not full yet.
        let leaving = SIMD2(values[fastTail], values[head])
        values[head] = x
        head = head &+ 1 == slowLength ? 0 : head &+ 1
        fastTail = fastTail &+ 1 == slowLength ? 0 : fastTail &+ 1
        let entering = SIMD2(repeating: x)
        let change = entering - leaving
        let changePart = change - entering
        let lost = (entering - (change - changePart)) - (leaving + changePart)
        let sum = high + change
        let part = sum - high
        let rest = low + (((high - (sum - part)) + (change - part)) + lost)
        low = rest
        high = sum
        if count < slowLength {
            count &+= 1
            if count < slowLength { return .nan }
        }
        let scaled = (sum + rest) * crossLengths
        return scaled[0] - scaled[1]
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        for place in 0..<slowLength { values[place] = split.restated(values[place], kind) }
        if split.isExact {
            for place in 0..<2 {
                high[place] = split.restated(high[place], kind)
                low[place] = split.restated(low[place], kind)
            }
        } else {
            sumAnew()
        }
    }

    /// From the values in the windows, oldest first.
    private mutating func sumAnew() {
        var (fast, slow) = (ExactSum(), ExactSum())
        for age in stride(from: count, to: 0, by: -1) {
            let value = values[head >= age ? head - age : head - age + slowLength]
            slow.add(value)
            if age <= fastLength { fast.add(value) }
        }
        high = SIMD2(fast.high, slow.high)
        low = SIMD2(fast.low, slow.low)
    }

    func save(_ writer: inout StateWriter) {
        writer.write(fastLength)
        writer.write(slowLength)
        writer.write(count)
        for age in stride(from: count, to: 0, by: -1) {
            writer.write(values[head >= age ? head - age : head - age + slowLength])
        }
        for place in 0..<2 {
            writer.write(high[place])
            writer.write(low[place])
        }
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        _ = try reader.readInteger(in: fastLength...fastLength)
        _ = try reader.readInteger(in: slowLength...slowLength)
        count = try reader.readInteger(in: 0...slowLength)
        values.update(repeating: 0, count: slowLength)
        for place in 0..<count { values[place] = try reader.readDouble() }
        head = count == slowLength ? 0 : count
        fastTail = head >= fastLength ? head - fastLength : head - fastLength + slowLength
        for place in 0..<2 {
            high[place] = try reader.readDouble()
            low[place] = try reader.readDouble()
        }
    }
}
