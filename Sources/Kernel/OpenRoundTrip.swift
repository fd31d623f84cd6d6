import Market

/// What is kept of a position from flat to flat.
struct OpenRoundTrip: Hashable, Sendable {
    private var side: Int8 = 0
    private var entrySequence: UInt64 = 0
    private(set) var entryTime = Timestamp(nanoseconds: 0)
    private var largest: Int64 = 0
    /// Sums of quantity and of quantity times price, in and out, in `1 / frame` of their units: a
    /// split leaves fractions.
    private var entryQuantity: Int128 = 0
    private var entryValue: Int128 = 0
    private var exitQuantity: Int128 = 0
    private var exitValue: Int128 = 0
    private var frame: Int128 = 1
    private var costs: Int64 = 0
    private var gross: Int64 = 0
    private var worst: Int64 = 0
    private var best: Int64 = 0

    init() {}

    init(_ execution: Execution, side: Int8) {
        self.side = side
        entrySequence = execution.sequence
        entryTime = execution.time
    }

    @inline(__always)
    mutating func enter(_ quantity: Int64, at price: Int64, fee: Int64, held: Int64) {
        entryQuantity &+= Int128(quantity) &* frame
        entryValue &+= Int128(quantity) &* Int128(price) &* frame
        costs &+= fee
        largest = max(largest, held)
    }

    @inline(__always)
    mutating func exit(_ quantity: Int64, at price: Int64, fee: Int64, realised: Int64) {
        exitQuantity &+= Int128(quantity) &* frame
        exitValue &+= Int128(quantity) &* Int128(price) &* frame
        costs &+= fee
        gross &+= realised
    }

    /// The open part's result lay in `range`.
    @inline(__always)
    mutating func reach(_ range: ClosedRange<Int64>) {
        best = max(best, gross &+ range.upperBound)
        worst = min(worst, gross &+ range.lowerBound)
    }

    mutating func pay(_ amount: Int64) { costs &+= amount }

    mutating func earn(_ amount: Int64) { gross &+= amount }

    /// Restates quantities for a split; its fraction leaves at `price.0 / price.1`.
    mutating func split(_ parts: SplitParts, at price: (Int64, Int64), realised: Int64) {
        let fraction = Int128(parts.fraction.magnitude) &* frame
        entryQuantity &*= Int128(parts.numerator)
        exitQuantity = exitQuantity &* Int128(parts.numerator) &+ fraction
        let paid = Rounding.halfEven.wideQuotient(fraction &* Int128(price.0), Int128(price.1)) ?? 0
        entryValue &*= Int128(parts.denominator)
        exitValue = exitValue &* Int128(parts.denominator) &+ paid
        frame &*= Int128(parts.denominator)
        let restated = Int128(largest) * Int128(parts.numerator) / Int128(parts.denominator)
        largest = Int64(clamping: restated)
        gross &+= realised
    }

    @inline(__always)
    func finished(_ execution: Execution, bars: UInt32) -> RoundTrip {
        RoundTrip(
            instrument: execution.instrument, side: side, exitReason: execution.reason,
            entrySequence: entrySequence, exitSequence: execution.sequence, entryTime: entryTime,
            exitTime: execution.time, quantity: Quantity(largest),
            entryPrice: Self.average(entryValue, entryQuantity),
            exitPrice: Self.average(exitValue, exitQuantity),
            gross: Money(gross), costs: Money(costs), worst: Money(min(worst, gross)),
            best: Money(max(best, gross)), bars: bars)
    }

    private static func average(_ value: Int128, _ quantity: Int128) -> Price {
        quantity == 0 ? .zero : Price(Rounding.halfEven.quotient(value, quantity) ?? 0)
    }
}
