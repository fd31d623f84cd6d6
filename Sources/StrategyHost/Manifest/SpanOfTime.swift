/// Lengths of time as people write them: `90s`, `5m`, `1h30m`, `1d`, `250ms`.
package enum SpanOfTime {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("w", 604_800_000_000_000), ("d", 86_400_000_000_000), ("h", 3_600_000_000_000),
        ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ]

    /// Nanoseconds; nil when the text is not a length of time, or longer than 292 years. `0` needs
    /// no unit.
    package static func nanoseconds(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        var bytes = Substring(text).utf8
        var total: Int64 = 0
        var isEmpty = true
        while !bytes.isEmpty {
            let digits = bytes.prefix { (0x30...0x39).contains($0) }
            bytes = bytes[digits.endIndex...]
            let letters = bytes.prefix { (0x61...0x7A).contains($0) }
            bytes = bytes[letters.endIndex...]
            guard let count = Int64(String(decoding: digits, as: UTF8.self)),
                let unit = units.first(where: { $0.name.utf8.elementsEqual(letters) })
            else { return nil }
            let (part, tooLong) = count.multipliedReportingOverflow(by: unit.nanoseconds)
            let (sum, isTooLong) = total.addingReportingOverflow(part)
            if tooLong || isTooLong { return nil }
            total = sum
            isEmpty = false
        }
        return isEmpty ? nil : total
    }

    /// The shortest text that `nanoseconds` reads back: `1h30m`.
    package static func text(nanoseconds: Int64) -> String {
        guard nanoseconds > 0 else { return "\(nanoseconds)" }
        var rest = nanoseconds
        var text = ""
        for unit in units where rest >= unit.nanoseconds {
            text += "\(rest / unit.nanoseconds)\(unit.name)"
            rest %= unit.nanoseconds
        }
        return text
    }
}
