import Market

/// Numbers as the command line writes them.
enum FigureText {
    /// What stands where a figure is undefined.
    static let none = "-"

    /// `1234.50`; a rounded zero has no sign.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let scaled = (value * Double(PowerOfTen.integer(decimals))).rounded()
        guard scaled.magnitude < 9e18 else { return value.isNaN ? none : "\(value)" }
        return DecimalText.string(Int64(scaled), exponent: -decimals)
    }

    /// `+12.4 %` of 0.124.
    static func percent(_ fraction: Double?, _ decimals: Int = 1, signed: Bool = false) -> String {
        guard let fraction else { return none }
        let text = fixed(fraction * 100, fraction.magnitude < 100 ? decimals : 0)
        return (signed ? plus(text) : text) + " %"
    }

    /// `1.02`.
    static func ratio(_ value: Double?, _ decimals: Int = 2) -> String {
        value.map { fixed($0, $0.magnitude < 10_000 ? decimals : 0) } ?? none
    }

    /// `12,345`.
    static func count(_ value: Int) -> String { grouped("\(value)") }

    /// `1 order`, `12,345 orders`.
    static func count(_ value: Int, _ noun: String) -> String {
        count(value) + " \(noun)\(value == 1 ? "" : "s")"
    }

    /// `-1,234.50`.
    static func money(_ value: Double?, _ decimals: Int = 2, signed: Bool = false) -> String {
        guard let value else { return none }
        let text = grouped(fixed(value, decimals))
        return signed ? plus(text) : text
    }

    private static func plus(_ text: String) -> String {
        let isZero = !text.contains { $0 >= "1" && $0 <= "9" || $0 == "i" }
        return text.hasPrefix("-") || isZero ? text : "+" + text
    }

    /// Commas between the thousands of the digits before the point.
    private static func grouped(_ text: String) -> String {
        let sign = text.hasPrefix("-") ? "-" : ""
        let body = text.dropFirst(sign.count)
        let whole = body.prefix { $0.isNumber }
        guard whole.count > 3 else { return text }
        var out = ""
        for (place, digit) in whole.enumerated() {
            if place > 0, (whole.count - place) % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        return sign + out + body.dropFirst(whole.count)
    }
}

/// Prints lines as they are, but facts, which stand indented, wrapped to the width of a report.
func printFacts(_ text: String) {
    for line in text.split(separator: "\n") {
        guard line.hasPrefix("  "), line.count > RunReport.width else {
            print(line)
            continue
        }
        for (place, part) in String(line).wrapped(to: RunReport.width - 4).enumerated() {
            print((place == 0 ? "  " : "    ") + part)
        }
    }
}

extension String {
    /// At most `width` characters; what is cut off is shown by three points.
    func shortened(to width: Int) -> String {
        count <= width
            ? self
            : String(prefix(max(0, width - 3))) + String(repeating: ".", count: min(3, width))
    }

    /// Filled up on the left.
    func aligned(right width: Int) -> String {
        let missing = width - seenWidth
        return missing > 0 ? String(repeating: " ", count: missing) + self : self
    }

    /// Broken between words into lines of at most `width` characters; a longer word stands alone.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ", omittingEmptySubsequences: true) {
            if let last = lines.last, last.seenWidth + 1 + String(word).seenWidth <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.isEmpty ? [""] : lines
    }
}
