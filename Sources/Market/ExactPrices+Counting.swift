package import CTapedeck

/// The units of the prices of a run's instruments, by their ids.
package struct PriceScales: Sendable {
    @usableFromInline let multipliers: [Double]

    /// `instruments[i].id` is `i`.
    package init(_ instruments: [Instrument]) {
        multipliers = instruments.map {
            $0.priceExponent <= 0
                ? PowerOfTen.double(-$0.priceExponent) : 1 / PowerOfTen.double($0.priceExponent)
        }
    }
}

extension ExactPrices {
    /// Counts the prices of `events` into the same places of `prices`, each to the nearest unit;
    /// what has no price becomes zeros. Returns the index of the first event whose price is not
    /// finite or beyond 2^53 units, or whose instrument is unknown, and stops there; nil when all
    /// were counted.
    package static func count(
        _ events: Span<Event>, in scales: PriceScales, into prices: inout MutableSpan<ExactPrices>
    ) -> Int? {
        var header = RunHeader.unknown
        return count(events, in: scales, into: &prices, &header)
    }

    /// The same, and tells what the events have in common.
    package static func count(
        _ events: Span<Event>, in scales: PriceScales, into prices: inout MutableSpan<ExactPrices>,
        _ header: inout RunHeader
    ) -> Int? {
        precondition(prices.count >= events.count, "a place for every event")
        let multipliers = scales.multipliers.span
        // Both are as long as `count` says, which is all that is read and written.
        return unsafe events.withUnsafeBufferPointer { events -> Int? in
            unsafe prices.withUnsafeMutableBufferPointer { prices -> Int? in
                guard let first = events.baseAddress, let prices = prices.baseAddress
                else { return nil }
                return unsafe count(
                    UnsafeRawPointer(first), events.count, multipliers, prices, &header)
            }
        }
    }
    private static func count(
        _ events: UnsafeRawPointer, _ count: Int, _ multipliers: Span<Double>,
        _ prices: UnsafeMutablePointer<ExactPrices>, _ header: inout RunHeader
    ) -> Int? {
        guard count > 0 else { return nil }
        let found = unsafe events.load(as: UInt64.self)
        if unsafe countSeries(events, count, multipliers, prices, several: 0) {
            header = RunHeader(found, differing: 0)
            return nil
        }
        if unsafe countSeries(
            events, count, multipliers, prices, several: RunHeader.instruments)
        {
            header = RunHeader(found | RunHeader.instruments, differing: 0)
            return nil
        }
        let first = unsafe events.load(as: UInt64.self)
        var differing: UInt64 = 0
        var last = Int64.min
        for index in 0..<count {
            let event = unsafe events + index &* Event.size
            let head = unsafe event.load(as: UInt64.self)
            let time = unsafe event.load(fromByteOffset: Event.timeOffset, as: Int64.self)
            // Times that go back differ, too.
            differing |= (head ^ first) | (time < last ? 1 : 0)
            last = time
            let (low, high): (SIMD2<Double>, SIMD2<Double>)
            let type = UInt8(truncatingIfNeeded: head)
            if type == EventKind.bar.rawValue {
                let values = unsafe event + Event.valuesOffset
                low = unsafe values.loadUnaligned(as: SIMD2<Double>.self)
                high = unsafe values.loadUnaligned(fromByteOffset: 16, as: SIMD2<Double>.self)
            } else if let four = unsafe four(of: event, type) {
                (low, high) = (four.lowHalf, four.highHalf)
            } else {
                unsafe prices[index] = ExactPrices(open: 0, high: 0, low: 0, close: 0)
                continue
            }
            let instrument = Int(UInt16(truncatingIfNeeded: head &>> 16))
            guard instrument < multipliers.count else { return index }
            let multiplier = multipliers[instrument]
            let counts = nearest(low * multiplier, high * multiplier)
            if let counts {
                unsafe prices[index] = counts
            } else {
                let scaled = SIMD4(lowHalf: low, highHalf: high) * multiplier
                guard let far = counted(scaled) else { return index }
                unsafe prices[index] = far
            }
        }
        header = RunHeader(first, differing: differing)
        return nil
    }

    /// Bars of one time frame in the order of their times, which is what most runs are: of one
    /// instrument, or of several where `several` has the bits that may differ.
    /// - Returns: whether they were such, and all their prices are counted.
    @inline(__always)
    private static func countSeries(
        _ events: UnsafeRawPointer, _ count: Int, _ multipliers: Span<Double>,
        _ prices: UnsafeMutablePointer<ExactPrices>, several: UInt64
    ) -> Bool {
        let mask = RunHeader.flags | several
        let found = unsafe events.load(as: UInt64.self)
        let first = found | mask
        let instrument = Int(UInt16(truncatingIfNeeded: found &>> 16))
        guard UInt8(truncatingIfNeeded: first) == EventKind.bar.rawValue,
            instrument < multipliers.count
        else { return false }
        var multiplier = SIMD2(repeating: multipliers[instrument])
        let shifter = SIMD2(repeating: Self.shifter)
        let zero = SIMD2(repeating: Int64(bitPattern: Self.shifter.bitPattern))
        let offset = SIMD2<Int64>(repeating: Self.offset)
        var beyond = SIMD2<Int64>.zero
        var last = Int64.min
        for index in 0..<count {
            let event = unsafe events + index &* Event.size
            let head = unsafe event.load(as: UInt64.self)
            let time = unsafe event.load(fromByteOffset: Event.timeOffset, as: Int64.self)
            guard head | mask == first, time >= last else { return false }
            last = time
            if several != 0 {
                let instrument = Int(UInt16(truncatingIfNeeded: head &>> 16))
                guard instrument < multipliers.count else { return false }
                multiplier = SIMD2(repeating: multipliers[instrument])
            }
            let values = unsafe event + Event.valuesOffset
            let low = unsafe values.loadUnaligned(as: SIMD2<Double>.self)
            let high = unsafe values.loadUnaligned(fromByteOffset: 16, as: SIMD2<Double>.self)
            let one =
                unsafe unsafeBitCast(low * multiplier + shifter, to: SIMD2<Int64>.self) &- zero
            let two =
                unsafe unsafeBitCast(high * multiplier + shifter, to: SIMD2<Int64>.self) &- zero
            beyond |= (one &+ offset) | (two &+ offset)
            unsafe prices[index] = ExactPrices(
                open: one[0], high: one[1], low: two[0], close: two[1])
        }
        return UInt64(bitPattern: beyond[0] | beyond[1]) &>> 52 == 0
    }

    /// 1.5 * 2^52: added to a number below 2^51, it leaves the nearest integer in the low bits.
    private static var shifter: Double { 0x1.8p52 }
    private static var offset: Int64 { 1 << 51 }

    /// Of a trade four times its price; of a quote bid, the higher, the lower, ask; nil for what
    /// has no prices.
    @inline(never)
    private static func four(of event: UnsafeRawPointer, _ type: UInt8) -> SIMD4<Double>? {
        let values = unsafe event + Event.valuesOffset
        let price = unsafe values.load(as: Double.self)
        if type == EventKind.trade.rawValue { return SIMD4(repeating: price) }
        guard type == EventKind.quote.rawValue else { return nil }
        let ask = unsafe values.load(fromByteOffset: 16, as: Double.self)
        return SIMD4(price, max(price, ask), min(price, ask), ask)
    }

    /// To the nearest unit below 2^51 of them; nil for more, and for what is no number.
    ///
    /// What does not fit the low bits of the sum shows in the high ones.
    @inline(__always) private static func nearest(
        _ low: SIMD2<Double>, _ high: SIMD2<Double>
    ) -> ExactPrices? {
        let zero = SIMD2(repeating: Int64(bitPattern: shifter.bitPattern))
        let first = unsafe unsafeBitCast(low + shifter, to: SIMD2<Int64>.self) &- zero
        let second = unsafe unsafeBitCast(high + shifter, to: SIMD2<Int64>.self) &- zero
        let offset = SIMD2<Int64>(repeating: Self.offset)
        let beyond = (first &+ offset) | (second &+ offset)
        guard UInt64(bitPattern: beyond[0] | beyond[1]) &>> 52 == 0 else { return nil }
        return ExactPrices(open: first[0], high: first[1], low: second[0], close: second[1])
    }

    /// Prices that are already in units but beyond the fast way's limit.
    private static func counted(_ four: SIMD4<Double>) -> ExactPrices? {
        let limit = DecimalScale.largestCount
        guard all((four .<= limit) .& (four .>= -limit)) else { return nil }
        let whole = four.rounded(.toNearestOrEven)
        return ExactPrices(
            open: Int64(whole[0]), high: Int64(whole[1]), low: Int64(whole[2]),
            close: Int64(whole[3]))
    }
}

extension RunHeader {
    /// The bits of an event's flags, which may differ.
    fileprivate static var flags: UInt64 { 0xFF00 }
    /// Those of its instrument.
    fileprivate static var instruments: UInt64 { 0xFFFF_0000 }

    /// Of events whose headers differ from the first in these bits.
    init(_ first: UInt64, differing: UInt64) {
        self.init(bits: differing & ~Self.flags == 0 ? first & ~Self.flags : 0)
    }
}

extension Event {
    /// Where things stand in the 64 bytes of an event; frozen by the contract.
    fileprivate static var size: Int { 64 }
    fileprivate static var timeOffset: Int { 16 }
    fileprivate static var valuesOffset: Int { 24 }
}
