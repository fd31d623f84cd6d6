import Market

/// Instruments of several tapes, each once.
struct InstrumentUnion {
    private(set) var instruments: [Instrument] = []
    private(set) var stamps: [BarStamp] = []

    /// The merged numbers of a tape's instruments.
    mutating func add(_ tape: TapeFile) throws(FeedError) -> [UInt16] {
        var numbers: [UInt16] = []
        for (instrument, stamp) in zip(tape.contents.instruments, tape.contents.stamps) {
            if let known = instruments.firstIndex(where: { $0.symbol == instrument.symbol }) {
                instruments[known] = try Self.joined(instruments[known], instrument, tape.path)
                numbers.append(UInt16(known))
            } else {
                var added = instrument
                added.id = InstrumentID(truncatingIfNeeded: instruments.count)
                instruments.append(added)
                stamps.append(stamp)
                numbers.append(added.id)
            }
        }
        return numbers
    }

    /// One instrument of two, as fine as the finer of them.
    private static func joined(
        _ one: Instrument, _ other: Instrument, _ path: String
    ) throws(FeedError) -> Instrument {
        for (what, first, second) in [
            ("currency", one.currency.code, other.currency.code),
            ("calendar", one.calendar, other.calendar),
            ("venue", one.venue, other.venue), ("kind", one.kind.rawValue, other.kind.rawValue),
            ("multiplier", "\(one.multiplier)", "\(other.multiplier)"),
        ] where first != second {
            throw FeedError(
                .badSettings, path,
                "the \(what) of \(one.symbol) is \(second) here and \(first) before",
                hint: "import both with the same \(what), or under different symbols")
        }
        var joined = try finer(one, other, path)
        joined.allowsNonPositivePrices =
            one.allowsNonPositivePrices || other.allowsNonPositivePrices
        joined.isSynthetic = one.isSynthetic || other.isSynthetic
        return joined
    }

    /// Lets an instrument and its successor count alike, so that positions and orders can go on
    /// under the new name whatever decimals each one's own prices have.
    mutating func liken(_ old: Int, _ new: Int, _ path: String) throws(FeedError) {
        guard instruments.indices.contains(old), instruments.indices.contains(new) else { return }
        let (one, other) = (instruments[old], instruments[new])
        instruments[old] = try Self.finer(one, other, path)
        instruments[new] = try Self.finer(other, one, path)
    }

    /// The first, counting in the finer of both units.
    private static func finer(
        _ one: Instrument, _ other: Instrument, _ path: String
    ) throws(FeedError) -> Instrument {
        var joined = one
        joined.priceExponent = min(one.priceExponent, other.priceExponent)
        joined.quantityExponent = min(one.quantityExponent, other.quantityExponent)
        joined.priceStep = Price(
            try step(
                (one.priceStep.rawValue, one.priceExponent),
                (other.priceStep.rawValue, other.priceExponent), path))
        joined.quantityStep = Quantity(
            try step(
                (one.quantityStep.rawValue, one.quantityExponent),
                (other.quantityStep.rawValue, other.quantityExponent), path))
        return joined
    }

    /// The smaller of two steps, in the finer of their units.
    private static func step(
        _ a: (count: Int64, exponent: Int), _ b: (count: Int64, exponent: Int), _ path: String
    ) throws(FeedError) -> Int64 {
        let unit = min(a.exponent, b.exponent)
        var least = Int64.max
        for step in [a, b] {
            let places = step.exponent - unit
            guard places <= PowerOfTen.largestInteger else {
                throw FeedError(.badSettings, path, "its units are too different from those before")
            }
            let (count, overflow) = step.count.multipliedReportingOverflow(
                by: PowerOfTen.integer(places))
            if !overflow { least = min(least, count) }
        }
        return least
    }
}
