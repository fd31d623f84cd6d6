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
    /// What all its events have in common, where somebody has looked.
    public let header: RunHeader
    @inlinable public init(
        events: UnsafePointer<Event>, prices: UnsafePointer<ExactPrices>, count: Int,
        header: RunHeader = .unknown
    ) {
        unsafe self.events = events
        unsafe self.prices = prices
        unsafe self.count = count
        unsafe self.header = header
    }
}

/// Type and time frame of events that all have the same, and whose times never go back: what need
/// not be asked of each. Most have one instrument, too.
public struct RunHeader: Sendable {
    /// The first eight bytes of every event, its flags left out, and with the largest instrument
    /// where they have several; zero, which no event has, where they differ, where times go back,
    /// or where nobody has looked.
    @usableFromInline let bits: UInt64
    @inlinable init(bits: UInt64) { self.bits = bits }

    /// Nothing is known of them.
    @inlinable public static var unknown: RunHeader { RunHeader(bits: 0) }

    @inlinable public var isKnown: Bool { bits != 0 }
    /// All are of one instrument.
    @inlinable public var isOfOne: Bool { bits != 0 && instrument != .max }
    @inlinable public var type: UInt8 { UInt8(truncatingIfNeeded: bits) }
    /// The largest number where there are several.
    @inlinable public var instrument: UInt16 { UInt16(truncatingIfNeeded: bits >> 16) }
    @inlinable public var timeframe: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) }
}
