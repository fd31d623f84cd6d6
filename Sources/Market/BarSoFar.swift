import CTapedeck

/// A bar that is still open.
struct BarSoFar: Sendable {
    var open = 0.0
    var high = 0.0
    var low = 0.0
    var close = 0.0
    var volume = Volume()
    /// Half open; no instant lies between these two.
    var opens = Int64.max
    var closes = Int64.min
    var flags: UInt8 = 0
    var isShort = false
    var isEmpty = true
    var tally = BarTally()

    /// Makes it the empty bar of a span.
    mutating func begin(_ span: BarSpan) {
        self = BarSoFar()
        opens = span.opens.rawValue
        closes = span.closes.rawValue
        isShort = span.isShort
    }

    /// Adds the content of a shorter bar that follows.
    mutating func add(_ shorter: BarSoFar, _ scale: UnitScale) {
        if isEmpty {
            open = shorter.open
            high = shorter.high
            low = shorter.low
            isEmpty = false
        }
        high = shorter.high > high ? shorter.high : high
        low = shorter.low < low ? shorter.low : low
        close = shorter.close
        volume.add(shorter.volume, scale)
        take(flags: shorter.flags)
        tally.add(shorter.tally, scale)
    }

    /// Adds a shorter bar from the tape.
    mutating func add(_ shorter: Event, _ scale: UnitScale) {
        if isEmpty {
            open = shorter.bar.open
            high = shorter.bar.high
            low = shorter.bar.low
            isEmpty = false
        }
        high = shorter.bar.high > high ? shorter.bar.high : high
        low = shorter.bar.low < low ? shorter.bar.low : low
        close = shorter.bar.close
        volume.add(shorter.bar.volume, scale)
        take(flags: shorter.flags)
        tally.count &+= 1
    }

    /// One synthetic source makes it synthetic; warm-up and replay are what the newest source is.
    @inline(__always) mutating func take(flags new: UInt8) {
        let lasting = EventFlags.synthetic.rawValue
        let newest = EventFlags([.warmUp, .replay]).rawValue
        flags = (flags & lasting) | (new & (lasting | newest))
    }

    func event(_ instrument: InstrumentID, _ frame: TimeFrame, _ quantities: UnitScale) -> Event {
        let bar = Bar(
            open: open, high: high, low: low, close: close, volume: volume.value(quantities))
        return .bar(
            instrument, frame, closes: Timestamp(nanoseconds: closes), bar,
            flags: EventFlags(rawValue: isShort ? flags | EventFlags.shortBar.rawValue : flags))
    }
}

/// A sum of quantities. Whole numbers of units are counted as such: exactly, so that the sum
/// depends neither on the order nor on the shorter bars between. What is no whole number, or too
/// large for 64 bits, is added as it is, with what the additions lose kept beside.
struct Volume: Sendable {
    private(set) var units: Int64 = 0
    private var rest = 0.0
    private var lost = 0.0

    @inline(__always) mutating func add(_ quantity: Double, _ scale: UnitScale) {
        let nearest = scale.nearest(quantity)
        let (sum, overflow) = units.addingReportingOverflow(nearest)
        if scale.value(of: nearest) == quantity, !overflow {
            units = sum
        } else {
            addUnusual(quantity, scale)
        }
    }

    /// Units beyond the quick way's 2^51, sums beyond 64 bits, and what is no whole number.
    private mutating func addUnusual(_ quantity: Double, _ scale: UnitScale) {
        let scaled = (quantity * scale.multiplier).rounded(.toNearestOrEven)
        let count = scaled.magnitude <= DecimalScale.largestCount ? Int64(scaled) : 0
        let (sum, overflow) = units.addingReportingOverflow(count)
        if scale.value(of: count) == quantity, !overflow { units = sum } else { addRest(quantity) }
    }

    mutating func add(_ other: Volume, _ scale: UnitScale) {
        let (sum, overflow) = units.addingReportingOverflow(other.units)
        if overflow { addRest(scale.value(of: other.units)) } else { units = sum }
        addRest(other.rest)
        lost += other.lost
    }

    private mutating func addRest(_ quantity: Double) {
        let (sum, error) = Self.sum(rest, quantity)
        rest = sum
        lost += error
    }

    /// The nearest double to the whole sum.
    func value(_ scale: UnitScale) -> Double {
        if rest == 0 { return scale.decimal.value(of: units) }
        let near = Double(units)
        let whole = near / scale.multiplier
        let below = Double(Int128(units) - Int128(near))
        let remainder = (near.addingProduct(-whole, scale.multiplier) + below) / scale.multiplier
        let (sum, error) = Self.sum(whole, rest)
        return sum + (error + remainder + lost)
    }

    /// The rounded sum and what the rounding lost.
    private static func sum(_ a: Double, _ b: Double) -> (Double, Double) {
        let sum = a + b
        let part = sum - a
        return (sum, (a - (sum - part)) + (b - part))
    }
}

/// Counts units of `10^exponent`; with an exponent above zero it counts ones.
struct UnitScale: Sendable {
    let decimal: DecimalScale
    let multiplier: Double

    init(exponent: Int) {
        decimal = DecimalScale(exponent: min(0, exponent))
        multiplier = decimal.multiplier
    }

    /// The whole number of units nearest to `value`, if that is below 2^51 of them; else any
    /// number.
    @inline(__always) func nearest(_ value: Double) -> Int64 {
        // The sum has the integer in its low bits.
        let shifter = 0x1.8p52
        let shifted = value * multiplier + shifter
        return Int64(bitPattern: shifted.bitPattern) &- Int64(bitPattern: shifter.bitPattern)
    }

    @inline(__always) func value(of units: Int64) -> Double { Double(units) / multiplier }
}

/// What is counted beside a bar's five numbers where that is asked for.
struct BarTally: Sendable {
    var count: UInt64 = 0
    /// Price units x quantity units, as long as all prices and quantities are whole.
    var turnover: Int128 = 0
    var isExact = true
    var takerBuys = Volume()

    mutating func add(_ other: BarTally, _ scale: UnitScale) {
        count &+= other.count
        turnover &+= other.turnover
        isExact = isExact && other.isExact
        takerBuys.add(other.takerBuys, scale)
    }
}

/// More about a bar made from ticks than an event has room for.
package struct BarDetail: Hashable, Sendable {
    /// Trades or quotes.
    package var count: UInt64
    /// The sum of price x quantity, exact, in units of 10^(price exponent + quantity exponent), an
    /// exponent above zero taken as zero; nil where a price or a quantity was no whole number.
    package var turnover: Int128?
    /// Turnover / volume, correctly rounded; nil without either.
    package var averagePrice: Double?
    /// The volume of trades in which the buyer crossed the spread.
    package var takerBuyVolume: Double
}
