package import CTapedeck

/// The prices of one event in exact units: of a bar open, high, low, close; of a trade four times its
/// price; of a quote bid, the higher of both, the lower, ask; else zeros. Converted once for all slots.
package struct ExactPrices: Sendable {
    package var open: Int64
    package var high: Int64
    package var low: Int64
    package var close: Int64
    @inlinable package init(open: Int64, high: Int64, low: Int64, close: Int64) {
        self.open = open
        self.high = high
        self.low = low
        self.close = close
    }
}

/// A contiguous run of events, borrowed: valid for the call it is handed to, owned by the tape or the
/// lane. `prices[i]` belongs to `events[i]`.
@unsafe package struct EventRun {
    package let events: UnsafePointer<Event>
    package let prices: UnsafePointer<ExactPrices>
    package let count: Int
    @inlinable package init(events: UnsafePointer<Event>, prices: UnsafePointer<ExactPrices>, count: Int) {
        unsafe self.events = events
        unsafe self.prices = prices
        unsafe self.count = count
    }
}
