public import CTapedeck

/// The prices of one event in exact units: of a bar open, high, low, close; of a trade four times
/// its price; of a quote bid, the higher of both, the lower, ask; else zeros. Converted once for
/// all slots.
public struct ExactPrices: Sendable {
    public var open: Int64
    public var high: Int64
    public var low: Int64
    public var close: Int64
    @inlinable public init(open: Int64, high: Int64, low: Int64, close: Int64) {
        self.open = open
        self.high = high
        self.low = low
        self.close = close
    }
}

/// A contiguous run of events, borrowed: valid for the call it is handed to, owned by the tape or
/// the lane. `prices[i]` belongs to `events[i]`.
@unsafe public struct EventRun {
    public let events: UnsafePointer<Event>
    public let prices: UnsafePointer<ExactPrices>
    public let count: Int
    @inlinable public init(
        events: UnsafePointer<Event>, prices: UnsafePointer<ExactPrices>, count: Int
    ) {
        unsafe self.events = events
        unsafe self.prices = prices
        unsafe self.count = count
    }
}
