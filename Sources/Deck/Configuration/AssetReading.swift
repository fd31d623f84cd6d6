import Market

/// The keys of an entry of `assets`.
package enum AssetKey: String, CaseIterable {
    case symbol, path, venue, kind, currency, calendar
    case priceStep = "price_step"
    case priceDecimals = "price_decimals"
    case quantityStep = "quantity_step"
    case quantityDecimals = "quantity_decimals"
    case multiplier
    case minimumNotional = "minimum_notional"
    case allowNonPositivePrices = "allow_non_positive_prices"
    case commission, latency
    case borrowFee = "borrow_fee"
    case funding
}

/// One entry of `assets`: a symbol alone, or an instrument with what is to differ from the feed's
/// own idea.
struct AssetReading {
    let symbol: String
    let reader: ConfigurationReader
    private let section: ConfigurationSection<AssetKey>?

    init?(_ reader: ConfigurationReader) {
        self.reader = reader
        if reader.isBlock {
            guard let section = ConfigurationSection(reader.renamed("the asset"), AssetKey.self),
                let symbol = section.required(.symbol)?.symbolName()
            else { return nil }
            self.section = section
            self.symbol = symbol
        } else {
            guard let symbol = reader.renamed("an asset").symbolName() else { return nil }
            section = nil
            self.symbol = symbol
        }
    }

    /// The feed's file for this asset alone.
    var path: ConfigurationReader? { section?[.path] }
    var commission: ConfigurationReader? { section?[.commission] }
    var latency: ConfigurationReader? { section?[.latency] }
    var borrowFee: ConfigurationReader? { section?[.borrowFee] }
    var funding: ConfigurationReader? { section?[.funding] }

    /// What matters already when a file is read.
    var calendar: String? { section?[.calendar]?.calendarName() }
    var allowsNonPositivePrices: Bool? { section?[.allowNonPositivePrices]?.flag() }

    /// The instrument with what is written laid over it.
    func overlay(on instrument: Instrument) -> Instrument {
        guard let section else { return instrument }
        var result = instrument
        section.read(.venue, into: &result.venue) { $0.string() }
        section.read(.kind, into: &result.kind) { $0.choice() }
        section.read(.calendar, into: &result.calendar) { $0.calendarName() }
        section.read(.currency, into: &result.currency) {
            $0.currencyCode().map { Currency(code: $0) }
        }
        section.read(.allowNonPositivePrices, into: &result.allowsNonPositivePrices) { $0.flag() }
        section.read(.multiplier, into: &result.multiplier) {
            $0.integer(in: 1...1_000_000_000).map(Int64.init)
        }
        setUnits(&result, section)
        section.read(.minimumNotional, into: &result.minimumNotional) {
            $0.money(in: result.currency)
        }
        return result
    }

    private func setUnits(_ instrument: inout Instrument, _ section: ConfigurationSection<AssetKey>)
    {
        if let (exponent, step) = units(
            section[.priceStep], section[.priceDecimals], instrument.priceExponent,
            instrument.priceStep.rawValue)
        {
            instrument.priceExponent = exponent
            instrument.priceStep = Price(step)
        }
        if let (exponent, step) = units(
            section[.quantityStep], section[.quantityDecimals], instrument.quantityExponent,
            instrument.quantityStep.rawValue)
        {
            instrument.quantityExponent = exponent
            instrument.quantityStep = Quantity(step)
        }
    }

    /// The unit and the step in it: as many decimals as are asked for, else as many as feed and
    /// step need.
    private func units(
        _ step: ConfigurationReader?, _ decimals: ConfigurationReader?, _ exponent: Int,
        _ count: Int64
    ) -> (exponent: Int, step: Int64)? {
        var exponent = exponent
        var text = DecimalText.string(count, exponent: exponent, decimals: .trimmed)
        if let written = step?.decimal() {
            text = written
            exponent = min(exponent, Self.exponent(of: written))
        }
        if let places = decimals?.integer(in: 0...12) {
            // A step of one unit is no rule of the market but the unit's own, and follows it.
            if step == nil, count == 1 { text = DecimalText.string(1, exponent: -places) }
            exponent = -places
        }
        guard step != nil || decimals != nil else { return nil }
        guard let count = NumberText.count(text, exponent: exponent), count > 0 else {
            (decimals ?? step)?.report("a step of \(text) needs more decimals than \(-exponent)")
            return nil
        }
        return (exponent, count)
    }

    private static func exponent(of text: String) -> Int {
        do {
            return try DecimalText.exponent(of: text)
        } catch {
            return 0
        }
    }
}

extension ConfigurationReader {
    /// A symbol that fits the contract's `symbol[32]`.
    func symbolName() -> String? {
        guard let text = string(expected: "a symbol such as AAPL") else { return nil }
        guard text.utf8.count < 32 else {
            report("the symbol \(quoted) is longer than 31 bytes")
            return nil
        }
        return text
    }

    /// The name of a calendar, as it is stored.
    func calendarName() -> String? {
        guard let text = string(expected: "a calendar such as 24/7 or XNYS") else { return nil }
        do {
            return try TradingCalendar.named(text).name
        } catch {
            report(error.description)
            return nil
        }
    }

    /// `200 bars`, or the number alone.
    func barCount() -> Int? {
        let expected = "a number of bars such as \"200 bars\""
        guard let text = text(expected: expected) else { return nil }
        let words = text.split(separator: " ")
        guard let first = words.first,
            words.count == 1 || (words.count == 2 && ["bar", "bars"].contains(words[1])),
            let count = NumberText.integer(String(first)), (0...1_000_000_000).contains(count)
        else {
            refuse(expected: expected)
            return nil
        }
        return count
    }
}
