import Market

/// An instrument as one portfolio trades it.
struct Listing {
    let units: OrderUnits
    let scale: ValueScale
    let minimumNotional: Int64
    /// Money units in one of its currency.
    let moneyUnits: Double
    /// The place of its calendar among the portfolio's session clocks.
    let clock: Int
    /// Time frame of the bars that orders are matched against, in seconds; zero for every event,
    /// and see `Portfolio.ticks`.
    let matching: UInt32
    var matchesTicks: Bool { matching == 0 || matching & Portfolio.ticks != 0 }
    /// Time frame of the longer bars that stand in where there were none of `matching`; zero for
    /// none.
    let coarse: UInt32
    /// Close of the last of those, nanoseconds.
    var lastCoarse = Int64.min
    /// Close of the last bar, nanoseconds, and its length.
    var lastBar = Int64.min
    var lastSpan: Int64 = 0
    /// Volume of the last bar or trade in quantity units, and the last quote's spread.
    var volume: Int64 = 0
    var spread: Int64 = 0
    /// Trading is stopped: orders rest.
    var isHalted = false
    /// Nothing will be traded any more.
    var isDelisted = false
    /// What this portfolio may still take of the present event's volume, in quantity units.
    var liquidity = Int64.max
}

/// Whose bands have to be made anew.
enum TouchedBands: Equatable {
    case none
    case one(InstrumentID)
    case all
}

/// What an instrument's prices must stay between for an event to be quiet: nothing rests at `above`
/// or higher, nor at `below` or lower.
struct QuietBand {
    var below = Int64.min
    var above = Int64.max

    static let never = QuietBand(below: .max, above: .min)
    var isNever: Bool { below == .max }

    @inline(__always)
    func isQuiet(_ prices: ExactPrices) -> Bool { prices.high < above && prices.low > below }

    mutating func watchBelow(_ price: Int64) { below = max(below, price) }
    mutating func watchAbove(_ price: Int64) { above = min(above, price) }
}
