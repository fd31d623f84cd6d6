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
        precondition(prices.count >= events.count, "a place for every event")
        let multipliers = scales.multipliers.span
        var index = 0
        while index < events.count {
            let values = events[index].values
            let instrument = Int(events[index].instrument)
            let type = events[index].type
            var four: SIMD4<Double>
            if type == EventKind.bar.rawValue {
                four = SIMD4(values.0, values.1, values.2, values.3)
            } else if type == EventKind.trade.rawValue {
                four = SIMD4(repeating: values.0)
            } else if type == EventKind.quote.rawValue {
                four = SIMD4(values.0, max(values.0, values.2), min(values.0, values.2), values.2)
            } else {
                prices[index] = ExactPrices(open: 0, high: 0, low: 0, close: 0)
                index += 1
                continue
            }
            guard instrument < multipliers.count else { return index }
            four *= multipliers[instrument]
            if all((four .<= nearLimit) .& (four .>= -nearLimit)) {
                prices[index] = nearest(four)
            } else {
                guard let far = counted(four) else { return index }
                prices[index] = far
            }
            index += 1
        }
        return nil
    }

    /// Up to here adding 1.5 * 2^52 leaves the nearest integer in the low bits of the sum.
    private static let nearLimit = 0x1p51

    @inline(__always) private static func nearest(_ scaled: SIMD4<Double>) -> ExactPrices {
        let shifter = 0x1.8p52
        let shifted = scaled + shifter
        func units(_ place: Int) -> Int64 {
            Int64(bitPattern: shifted[place].bitPattern) &- Int64(bitPattern: shifter.bitPattern)
        }
        return ExactPrices(open: units(0), high: units(1), low: units(2), close: units(3))
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
