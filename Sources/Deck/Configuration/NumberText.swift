import Market

/// Numbers as people write them: `100000`, `100_000`, `-1.5`, `2e-3`.
enum NumberText {
    static func integer(_ text: String) -> Int? {
        guard let digits = digits(text), !digits.contains(where: { ".eE".contains($0) }) else {
            return nil
        }
        return Int(digits)
    }

    static func double(_ text: String) -> Double? {
        guard let digits = digits(text), let value = Double(digits), value.isFinite else {
            return nil
        }
        return value
    }

    /// The count of `10^exponent` that `text` says exactly, or nil.
    static func count(_ text: String, exponent: Int) -> Int64? {
        guard let digits = digits(text) else { return nil }
        do {
            return try DecimalText.count(digits, exponent: exponent)
        } catch {
            return nil
        }
    }

    /// The text without the underscores between its digits; nil when it is no number at all (`nan`,
    /// `0x1F` and `1,000` are none).
    private static func digits(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
                result.append(byte)
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "E"):
                result.append(byte)
            case UInt8(ascii: "_"):
                let neighbours = [index - 1, index + 1]
                guard neighbours.allSatisfy({ bytes.indices.contains($0) && isDigit(bytes[$0]) })
                else {
                    return nil
                }
            default: return nil
            }
        }
        guard let last = result.last, isDigit(last) else { return nil }
        return String(decoding: result, as: UTF8.self)
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }
}
