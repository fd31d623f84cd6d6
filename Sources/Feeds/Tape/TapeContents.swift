package import Market

/// What a tape says about its events.
package struct TapeContents: Hashable, Sendable {
    /// By dense id: `instruments[i].id == i`.
    package var instruments: [Instrument]
    /// How each instrument's source stamps its bars; as many as instruments.
    package var stamps: [BarStamp]
    /// Where the events come from, for people.
    package var source: String
    /// What a synthetic tape was made with; empty for a real one.
    package var label: String
    /// What wrote it.
    package var creator: String
    /// Session opens and closes stand among the events.
    package var hasSessions: Bool

    package static let creator = "tapedeck"

    package init(
        instruments: [Instrument], stamps: [BarStamp], source: String, label: String = "",
        creator: String = TapeContents.creator, hasSessions: Bool = false
    ) {
        self.instruments = instruments
        self.stamps = stamps
        self.source = source
        self.label = label
        self.creator = creator
        self.hasSessions = hasSessions
    }

    /// True when any instrument was made by a generator.
    package var isSynthetic: Bool { instruments.contains { $0.isSynthetic } }

    /// Refuses what the format or a plug-in could not be told in full.
    func check(_ path: String) throws(FeedError) {
        guard instruments.count == stamps.count, instruments.count < Int(UInt16.max) else {
            throw FeedError(
                .badSettings, path, "a tape holds at most 65534 instruments, a stamp for each")
        }
        for (index, instrument) in instruments.enumerated() {
            guard Int(instrument.id) == index else {
                throw FeedError(
                    .badSettings, path, "instrument \(index) has the id \(instrument.id)")
            }
            for (what, text, limit) in [
                ("symbol", instrument.symbol, TapeFormat.longestSymbol),
                ("venue", instrument.venue, TapeFormat.longestVenue),
                ("currency", instrument.currency.code, TapeFormat.longestCurrency),
                ("calendar", instrument.calendar, TapeFormat.longestCalendar),
            ] where text.utf8.count > limit || text.utf8.contains(0) {
                throw FeedError(
                    .badSettings, path, "the \(what) \"\(text)\" is longer than \(limit) bytes",
                    hint: "give a shorter one")
            }
            guard instrument.symbol.isEmpty == false else {
                throw FeedError(.badSettings, path, "instrument \(index) has no symbol")
            }
        }
    }
}

extension Instrument {
    func encode(_ stamp: BarStamp, to builder: inout ByteBuilder) {
        let start = builder.count
        builder.append(id)
        builder.append(kind == .future ? 1 : 0 as UInt8)
        builder.append((allowsNonPositivePrices ? 1 : 0) | (isSynthetic ? 2 : 0) as UInt8)
        builder.append(Int8(clamping: priceExponent))
        builder.append(Int8(clamping: quantityExponent))
        builder.append(Int8(clamping: currency.exponent))
        builder.append(stamp.code)
        builder.append(priceStep.rawValue)
        builder.append(quantityStep.rawValue)
        builder.append(multiplier)
        builder.append(minimumNotional.rawValue)
        builder.append(symbol, in: TapeFormat.symbolSize)
        builder.append(venue, in: TapeFormat.venueSize)
        builder.append(currency.code, in: TapeFormat.currencySize)
        builder.append(calendar, in: TapeFormat.calendarSize)
        builder.append(
            bytes: Array(repeating: 0, count: start + TapeFormat.instrumentSize - builder.count))
    }

    /// Nil for a record that no version 1 writer makes.
    static func decode(_ parser: inout ByteParser) -> (Instrument, BarStamp)? {
        let start = parser.position
        let id = parser.integer(UInt16.self)
        let kind = parser.integer(UInt8.self)
        let flags = parser.integer(UInt8.self)
        let priceExponent = Int(parser.integer(Int8.self))
        let quantityExponent = Int(parser.integer(Int8.self))
        let currencyExponent = Int(parser.integer(Int8.self))
        let stampCode = parser.integer(UInt8.self)
        let numbers = (0..<4).map { _ in parser.integer(Int64.self) }
        let symbol = parser.text(in: TapeFormat.symbolSize)
        let venue = parser.text(in: TapeFormat.venueSize)
        let code = parser.text(in: TapeFormat.currencySize)
        let calendar = parser.text(in: TapeFormat.calendarSize)
        parser.skip(start + TapeFormat.instrumentSize - parser.position)
        guard let stamp = BarStamp(code: stampCode), kind < 2, flags < 4, let symbol, let venue,
            let code,
            let calendar, DecimalScale.exponents.contains(priceExponent),
            DecimalScale.exponents.contains(quantityExponent), (0...18).contains(currencyExponent)
        else { return nil }
        let instrument = Instrument(
            id: id, symbol: symbol, venue: venue, kind: kind == 1 ? .future : .spot,
            currency: Currency(code: code, exponent: currencyExponent), calendar: calendar,
            priceExponent: priceExponent, quantityExponent: quantityExponent,
            priceStep: Price(numbers[0]), quantityStep: Quantity(numbers[1]),
            multiplier: numbers[2],
            minimumNotional: Money(numbers[3]), allowsNonPositivePrices: flags & 1 != 0,
            isSynthetic: flags & 2 != 0)
        return (instrument, stamp)
    }
}
