import Market

/// Makes instruments of what a file shows of its symbols and what the user says of them.
struct InstrumentMaking {
    let settings: CSVImportSettings
    let path: String

    /// Units are never coarser nor finer than these many decimals unless asked for.
    private static let priceDecimals = 2...9
    private static let largestQuantityDecimals = 9

    func instrument(
        _ number: Int, _ symbol: String, _ needs: NumberNeeds, _ notes: inout [String]
    ) throws(FeedError) -> Instrument {
        let said = overrides(symbol)
        let step = try decimals(said.priceStep), quantityStep = try decimals(said.quantityStep)
        var digits = max(
            Self.priceDecimals.lowerBound, min(needs.priceDecimals, Self.priceDecimals.upperBound))
        digits = held(max(digits, step), needs.largestPrice)
        let priceExponent = said.priceExponent ?? -digits
        let quantityDigits = held(
            max(min(needs.quantityDecimals, Self.largestQuantityDecimals), quantityStep),
            needs.largestQuantity)
        let quantityExponent = said.quantityExponent ?? -quantityDigits
        try check(priceExponent, needs.largestPrice, symbol, "prices")
        try check(quantityExponent, needs.largestQuantity, symbol, "quantities")
        note(needs.priceDecimals, priceExponent, symbol, "prices", &notes)
        note(needs.quantityDecimals, quantityExponent, symbol, "quantities", &notes)
        return Instrument(
            id: InstrumentID(number), symbol: symbol, venue: said.venue ?? "",
            kind: said.kind ?? .spot,
            currency: said.currency ?? Self.currency(of: symbol, settings.calendar),
            calendar: settings.calendar, priceExponent: priceExponent,
            quantityExponent: quantityExponent,
            priceStep: Price(try count(said.priceStep, priceExponent)),
            quantityStep: Quantity(try count(said.quantityStep, quantityExponent)),
            multiplier: said.multiplier ?? 1, minimumNotional: said.minimumNotional ?? .zero,
            allowsNonPositivePrices: settings.allowsNonPositivePrices)
    }

    private func overrides(_ symbol: String) -> InstrumentOverrides {
        guard let own = settings.instruments.first(where: { $0.symbol == symbol }) else {
            return settings.instrument
        }
        var merged = settings.instrument
        merged.venue = own.venue ?? merged.venue
        merged.kind = own.kind ?? merged.kind
        merged.currency = own.currency ?? merged.currency
        merged.priceExponent = own.priceExponent ?? merged.priceExponent
        merged.quantityExponent = own.quantityExponent ?? merged.quantityExponent
        merged.priceStep = own.priceStep ?? merged.priceStep
        merged.quantityStep = own.quantityStep ?? merged.quantityStep
        merged.multiplier = own.multiplier ?? merged.multiplier
        merged.minimumNotional = own.minimumNotional ?? merged.minimumNotional
        return merged
    }

    private func decimals(_ step: String?) throws(FeedError) -> Int {
        guard let step else { return 0 }
        do { return -(try DecimalText.exponent(of: step)) } catch {
            throw FeedError(.badSettings, path, "the step \"\(step)\" is no decimal number")
        }
    }

    private func count(_ step: String?, _ exponent: Int) throws(FeedError) -> Int64 {
        guard let step else { return 1 }
        do {
            let count = try DecimalText.count(step, exponent: exponent)
            if count > 0 { return count }
        } catch {}
        throw FeedError(
            .badSettings, path, "the step \"\(step)\" is no multiple of the unit 1e\(exponent)")
    }

    /// As many of these decimals as leave the largest number a count.
    private func held(_ digits: Int, _ largest: Double) -> Int {
        var digits = digits
        while digits > 0, largest * PowerOfTen.double(digits) > DecimalScale.largestCount {
            digits -= 1
        }
        return digits
    }

    private func check(
        _ exponent: Int, _ largest: Double, _ symbol: String, _ what: String
    ) throws(FeedError) {
        guard DecimalScale.exponents.contains(exponent) else {
            throw FeedError(
                .badSettings, path, "the exponent \(exponent) of \(what) is outside -18 to 18")
        }
        let scale = DecimalScale(exponent: exponent)
        do { _ = try scale.count(of: largest) } catch {
            throw FeedError(
                .badSettings, path,
                "\(what) of \(symbol) reach \(largest), too many for a unit of 1e\(exponent)",
                hint: "use a coarser exponent")
        }
    }

    private func note(
        _ decimals: Int, _ exponent: Int, _ symbol: String, _ what: String, _ notes: inout [String]
    ) {
        guard decimals > -exponent else { return }
        notes.append(
            "\(what) of \(symbol) have up to \(decimals) decimals; orders and fills count them in 1e\(exponent)"
        )
    }

    /// By how pairs of coins and currencies are called, on markets that never shut; else dollars.
    static func currency(of symbol: String, _ calendar: String) -> Currency {
        let plain = symbol.uppercased().filter { $0.isLetter }
        if calendar == "24/7" || calendar == "24/5" {
            for (code, exponent) in quotes
            where plain.hasSuffix(code) && plain.utf8.count >= code.utf8.count + 3 {
                return Currency(code: code, exponent: exponent)
            }
        }
        return Currency(
            code: calendar == "XNSE" ? "INR" : calendar == "XLON" ? "GBP" : "USD", exponent: 6)
    }

    private static let quotes: [(String, Int)] = [
        ("USDT", 6), ("USDC", 6), ("BUSD", 6), ("FDUSD", 6), ("TUSD", 6), ("USD", 6), ("EUR", 6),
        ("GBP", 6),
        ("JPY", 6), ("CHF", 6), ("AUD", 6), ("CAD", 6), ("NZD", 6), ("INR", 6), ("TRY", 6),
        ("BRL", 6),
        ("BTC", 8), ("ETH", 8), ("BNB", 8),
    ]

    /// What a file is about, by its name: `data/AAPL_1d.csv` is AAPL.
    static func symbol(ofFile path: String) -> String {
        let name = path.split(separator: "/").last ?? "data"
        let stem = name.prefix { !"_. -".contains($0) }
        let symbol = String(stem.isEmpty ? name : stem).uppercased()
        return symbol.utf8.count <= TapeFormat.longestSymbol ? symbol : "DATA"
    }
}
