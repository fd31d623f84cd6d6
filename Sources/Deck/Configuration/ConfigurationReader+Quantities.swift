package import Kernel
package import Market

/// An amount of money as it is written, before its currency's unit is known.
package struct Amount: Hashable, Sendable {
    package var digits: String
    /// Nil when only a number stands there.
    package var currency: String?

    package init(digits: String, currency: String?) {
        self.digits = digits
        self.currency = currency
    }

    /// In the unit of `currency`; nil when it has more decimals than the unit or does not fit.
    package func money(in currency: Currency) -> Money? {
        NumberText.count(digits, exponent: -currency.exponent).map { Money($0) }
    }
}

extension ConfigurationReader {
    /// A proportion: `5%`, `50bps` or `0.05`.
    package func rate(upTo largest: Rate = .one, from least: Rate = .zero) -> Rate? {
        let expected = "a share such as 5%, 50bps or 0.05"
        guard let text = text(expected: expected) else { return nil }
        guard let rate = Self.rate(text) else {
            refuse(expected: expected)
            return nil
        }
        guard rate >= least, rate <= largest else {
            var hint = ""
            if rate > largest, rate <= Rate(perBillion: largest.rawValue.multipliedOrMax(by: 100)),
                NumberText.double(text) != nil
            {
                hint = "; did you mean \"\(text)%\"?"
            }
            report(
                "\(name) must lie between \(least.percent) and \(largest.percent), not \(quoted)\(hint)"
            )
            return nil
        }
        return rate
    }

    static func rate(_ text: String) -> Rate? {
        for (unit, exponent) in [("%", -7), ("bps", -5), ("bp", -5)] where text.hasSuffix(unit) {
            let number = text.dropLast(unit.count).trimmingBlanks
            return NumberText.count(number, exponent: exponent).map { Rate(perBillion: $0) }
        }
        return NumberText.count(text, exponent: -9).map { Rate(perBillion: $0) }
    }

    /// `100000 USD`, or a number alone, of the portfolio's or instrument's own currency.
    package func amount() -> Amount? {
        let expected = "an amount of money such as 100000 USD"
        guard let text = text(expected: expected) else { return nil }
        let parts = text.split(separator: " ")
        guard (1...2).contains(parts.count), NumberText.double(String(parts[0])) != nil,
            parts.count == 1 || Self.isCurrency(parts[1])
        else {
            refuse(expected: expected)
            return nil
        }
        return Amount(digits: String(parts[0]), currency: parts.count == 2 ? String(parts[1]) : nil)
    }

    /// Money of `currency`, at least `least` of its units.
    package func money(in currency: Currency, least: Int64 = 0) -> Money? {
        guard let amount = amount() else { return nil }
        if let written = amount.currency, written != currency.code {
            report("\(name) must be in \(currency.code), not in \(written)")
            return nil
        }
        guard let money = amount.money(in: currency), money.rawValue >= least else {
            let limit = least > 0 ? "above zero" : "of zero or more"
            refuse(expected: "an amount \(limit), with at most \(currency.exponent) decimals")
            return nil
        }
        return money
    }

    /// The code of a currency or coin: `USD`, `BTC`, `USDT`.
    package func currencyCode() -> String? {
        let expected = "the code of a currency such as USD"
        guard let text = text(expected: expected) else { return nil }
        guard Self.isCurrency(Substring(text)) else {
            refuse(expected: expected)
            return nil
        }
        return text
    }

    /// Capital letters and digits, and short enough for the contract's `currency[12]`.
    static func isCurrency(_ text: Substring) -> Bool {
        (2...11).contains(text.utf8.count)
            && text.utf8.allSatisfy { (65...90).contains($0) || NumberText.isDigit($0) }
            && text.utf8.contains { (65...90).contains($0) }
    }

    /// Steps of a price or quantity: an exact decimal above zero, as its text.
    package func decimal() -> String? {
        let expected = "a decimal number above zero such as 0.01"
        guard let text = text(expected: expected) else { return nil }
        guard let value = NumberText.double(text), value > 0, text.utf8.allSatisfy({ $0 != 95 })
        else {
            refuse(expected: expected)
            return nil
        }
        return text
    }

    /// How far a stop is: `5%`, `2 atr(14)`, or an amount per unit with its currency, `1.50 USD`.
    package func stopDistance(in currency: Currency) -> StopDistance? {
        let expected = "a distance such as 5%, 2 atr(14) or 1.50 \(currency.code)"
        guard let text = text(expected: expected) else { return nil }
        let parts = text.split(separator: " ")
        if let rate = Self.rate(text) {
            guard rate > .zero, rate <= .one else {
                report("\(name) must lie above 0% and up to 100%, not \(quoted)")
                return nil
            }
            return .percent(rate)
        }
        if parts.count == 2, let multiple = NumberText.double(String(parts[0])), multiple > 0 {
            if let window = Self.averageTrueRangeWindow(parts[1]) {
                return .averageTrueRange(multiple: multiple, window: window)
            }
            let count = NumberText.count(String(parts[0]), exponent: -9)
            if parts[1] == currency.code, let count { return .amount(perBillion: count) }
        }
        refuse(expected: expected)
        return nil
    }

    private static func averageTrueRangeWindow(_ text: Substring) -> Int? {
        let lowered = text.lowercased()
        guard lowered.hasPrefix("atr("), lowered.hasSuffix(")") else { return nil }
        let window = NumberText.integer(String(lowered.dropFirst(4).dropLast()))
        return window.flatMap { (1...10_000).contains($0) ? $0 : nil }
    }
}

extension Rate {
    /// For messages: `5%`.
    var percent: String { DecimalText.string(rawValue, exponent: -7, decimals: .trimmed) + "%" }
}

extension Int64 {
    fileprivate func multipliedOrMax(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}

extension StringProtocol {
    /// Without blanks at either end.
    var trimmingBlanks: String {
        let start = drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}

extension ConfigurationReader {
    /// Bytes, at least one mebibyte.
    package func memory() -> Int? {
        let expected = "an amount of memory such as 64MB, 512MB or 2GB"
        guard let text = text(expected: expected) else { return nil }
        let word = text.filter { $0 != " " }
        let units: [(String, Int)] = [("GB", 1 << 30), ("MB", 1 << 20)]
        for (unit, bytes) in units where word.hasSuffix(unit) {
            if let count = Int(word.dropLast(2)), count > 0, count <= 1 << 20 {
                return count * bytes
            }
        }
        refuse(expected: expected)
        return nil
    }
}
