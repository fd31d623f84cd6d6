import Market

/// Decimal text to the nearest double, on the short way: numbers of at most 19 digits and 2^53, whose one
/// division rounds correctly. Everything else is left to the long way.
@safe struct NumberReader {
    let point: UInt8
    /// Digits behind the point of the number read last, as written.
    private(set) var decimals = 0
    private(set) var value = 0.0
    // Ten to the power of 0...22, exact; borrowed from the row reader.
    private let powers: UnsafePointer<Double>

    /// `powers` holds 23 powers of ten for as long as this reader is used.
    init(point: UInt8, powers: UnsafePointer<Double>) {
        self.point = point
        unsafe self.powers = powers
    }

    /// Moves `p` behind the number; false when the long way is needed, or it is none.
    @inline(__always)
    mutating func read(_ p: inout UnsafePointer<UInt8>) -> Bool {
        var q = unsafe p
        let isNegative = unsafe q.pointee == UInt8(ascii: "-")
        if isNegative { unsafe q += 1 }
        let start = unsafe q
        var count: UInt64 = 0
        var digit = unsafe q.pointee &- 48
        while digit <= 9 {
            count = count &* 10 &+ UInt64(digit)
            unsafe q += 1
            digit = unsafe q.pointee &- 48
        }
        var digits = unsafe q - start
        var decimals = 0
        if unsafe q.pointee == point {
            unsafe q += 1
            let fraction = unsafe q
            digit = unsafe q.pointee &- 48
            while digit <= 9 {
                count = count &* 10 &+ UInt64(digit)
                unsafe q += 1
                digit = unsafe q.pointee &- 48
            }
            decimals = unsafe q - fraction
            digits &+= decimals
        }
        // Twenty digits may wrap 64 bits unnoticed; 2^53 is the last count that a double is sure to hold.
        guard UInt(bitPattern: digits &- 1) < 19, count <= 1 << 53 else { return false }
        // Whole numbers are common, and dividing is slow.
        let magnitude = unsafe decimals == 0 ? Double(count) : Double(count) / powers[decimals]
        value = isNegative && count != 0 ? -magnitude : magnitude
        self.decimals = decimals
        unsafe p = unsafe q
        return true
    }

    /// The decimals without the zeros at the end of the number that ends before `end`.
    @inline(__always)
    func significantDecimals(before end: UnsafePointer<UInt8>) -> Int {
        var rest = decimals
        var q = unsafe end - 1
        while rest > 0, unsafe q.pointee == UInt8(ascii: "0") {
            rest &-= 1
            unsafe q -= 1
        }
        return rest
    }
}

/// Decimal text on the long way, and what is wrong with it.
enum NumberText {
    enum Outcome: Equatable {
        /// The nearest double, and the decimals that it needs.
        case number(Double, decimals: Int)
        case missing
        case notFinite
        case unreadable
    }

    private static let words: [String: Outcome] = [
        "": .missing, "null": .missing, "none": .missing, "na": .missing, "n/a": .missing, "-": .missing,
        "nan": .notFinite, "inf": .notFinite, "-inf": .notFinite, "+inf": .notFinite,
        "infinity": .notFinite, "-infinity": .notFinite,
    ]

    /// `text` has lost its quotes and the blanks around it. Thousands may be parted by commas where the
    /// field was quoted.
    static func read(_ text: [UInt8], point: UInt8, isQuoted: Bool) -> Outcome {
        if text.count <= 9, let known = words[String(decoding: text, as: UTF8.self).lowercased()] {
            return known
        }
        var plain: [UInt8] = []
        for (index, byte) in text.enumerated() {
            switch byte {
            case point: plain.append(UInt8(ascii: "."))
            case UInt8(ascii: ",") where isQuoted && isThousands(text, at: index, point): continue
            case 48...57, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
                plain.append(byte)
            default: return .unreadable
            }
        }
        let decimal = String(decoding: plain, as: UTF8.self)
        guard let value = Double(decimal) else { return .unreadable }
        guard value.isFinite else { return .notFinite }
        return .number(value == 0 ? 0 : value, decimals: decimals(decimal))
    }

    /// A comma with a digit before it and exactly three behind it.
    private static func isThousands(_ text: [UInt8], at index: Int, _ point: UInt8) -> Bool {
        guard point != UInt8(ascii: ","), index > 0, 48...57 ~= text[index - 1] else { return false }
        let digits = text[(index + 1)...].prefix { 48...57 ~= $0 }.count
        return digits == 3
    }

    private static func decimals(_ text: String) -> Int {
        do { return -(try DecimalText.exponent(of: text)) } catch { return DecimalScale.exponents.upperBound }
    }
}
