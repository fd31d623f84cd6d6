/// Spans of time as people write them: `90s`, `5m`, `1h30m`, `1d`, `2w`, `250ms`.
package enum DurationText {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000), ("d", 86_400_000_000_000), ("w", 604_800_000_000_000),
    ]

    /// Nanoseconds; nil where the text is no span or longer than 292 years. Every number has a unit.
    package static func nanoseconds(_ text: String) -> Int64? {
        var rest = Substring(text)
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest[digits.endIndex...]
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest[letters.endIndex...]
            guard let count = Int64(digits), let unit = units.first(where: { $0.name == letters }) else {
                return nil
            }
            let (part, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
            let (sum, overflowed) = total.addingReportingOverflow(part)
            if overflow || overflowed { return nil }
            total = sum
        }
        return total
    }

    /// The shortest text of `seconds`: `5m`, `1h30m`, `1w`.
    package static func text(seconds: Int64) -> String {
        var rest = seconds
        var text = ""
        for unit in units.reversed() where unit.nanoseconds >= 1_000_000_000 {
            let (count, left) = rest.quotientAndRemainder(dividingBy: unit.nanoseconds / 1_000_000_000)
            if count > 0 { text += "\(count)\(unit.name)" }
            rest = left
        }
        return text.isEmpty ? "0s" : text
    }
}
