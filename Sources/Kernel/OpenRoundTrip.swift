import Market

/// What is kept of a position from flat to flat.
struct OpenRoundTrip: Hashable, Sendable {
    private var side: Int8 = 0
    private var entrySequence: UInt64 = 0
    private var entryTime = Timestamp(nanoseconds: 0)
    private var largest: Int64 = 0
    /// Sums of quantity and of quantity times price, in and out. Quantities count in `1 / frame` units, since a
    /// split may leave fractions; quantity times price is what a split does not change.
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

    mutating func enter(_ quantity: Int64, at price: Int64, fee: Int64, held: Int64) {
        entryQuantity &+= Int128(quantity) &* frame
        entryValue &+= Int128(quantity) &* Int128(price)
        costs &+= fee
        largest = max(largest, held)
    }

    mutating func exit(_ quantity: Int64, at price: Int64, fee: Int64, realised: Int64) {
        exitQuantity &+= Int128(quantity) &* frame
        exitValue &+= Int128(quantity) &* Int128(price)
        costs &+= fee
        gross &+= realised
    }

    /// The result so far with `open`, the open part's result, added.
    mutating func reach(_ open: Int64) {
        best = max(best, gross &+ open)
        worst = min(worst, gross &+ open)
    }

    func finished(_ execution: Execution, bars: UInt32) -> RoundTrip {
        RoundTrip(
            instrument: execution.instrument, side: side, exitReason: execution.reason,
            entrySequence: entrySequence, exitSequence: execution.sequence, entryTime: entryTime,
            exitTime: execution.time, quantity: Quantity(largest),
            entryPrice: Self.average(entryValue, frame, entryQuantity),
            exitPrice: Self.average(exitValue, frame, exitQuantity),
            gross: Money(gross), costs: Money(costs), worst: Money(min(worst, gross)),
            best: Money(max(best, gross)), bars: bars)
    }

    private static func average(_ value: Int128, _ frame: Int128, _ quantity: Int128) -> Price {
        quantity == 0 ? .zero : Price(Rounding.halfEven.quotient(value &* frame, quantity) ?? 0)
    }
}
