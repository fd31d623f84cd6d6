import Market

/// Decimal text to the nearest double, on the short way: numbers of at most 19 digits and 2^53,
/// whose one division rounds correctly. Everything else is left to the long way.
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

    /// Moves `p` behind the number; false when the long way is needed, or it is none. Eight bytes
    /// from `p` on can be read.
    @inline(__always)
    mutating func read(_ p: inout UnsafePointer<UInt8>) -> Bool {
        unsafe readWord(&p) || readDigits(&p)
    }

    /// A number without a sign that ends within eight bytes, its digits taken together: three
    /// products instead of one for each digit, and no branch that depends on how many there are.
    @inline(__always)
    private mutating func readWord(_ p: inout UnsafePointer<UInt8>) -> Bool {
        let text = unsafe UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))
        let bytes = text ^ DigitWord.zeros
        let ends = DigitWord.others(bytes)
        let whole = ends.trailingZeroBitCount
        guard ends != 0, whole > 7 else { return false }
        // `whole` is the place of the highest bit of the first byte that is no digit.
        let first = whole &- 7
        var digits = bytes
        var count = first
        var length = first
        if UInt8(truncatingIfNeeded: text &>> UInt64(first)) == point {
            let rest = ends & (ends &- 1)
            guard rest != 0 else { return false }
            length = rest.trailingZeroBitCount &- 7
            count = length &- 8
            let mask: UInt64 = (1 &<< UInt64(first)) &- 1
            digits = bytes & mask | (bytes &>> 8) & ~mask
        }
        decimals = (count &- first) &>> 3
        let number = DigitWord.number(digits &<< UInt64(64 &- count))
        value = unsafe decimals == 0 ? Double(number) : Double(number) / powers[decimals]
        unsafe p += length &>> 3
        return true
    }

    /// The same for a column whose numbers mostly look like the one before: where its point stands
    /// and where it ends. That is foretold and then checked, so that reading what follows need not
    /// wait for it.
    @inline(__always)
    mutating func read(
        _ p: inout UnsafePointer<UInt8>, like shape: UnsafeMutablePointer<NumberShape>
    ) -> Bool {
        let text = unsafe UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))
        let bytes = unsafe text ^ shape.pointee.pattern
        if unsafe DigitWord.others(bytes) & shape.pointee.looked == shape.pointee.end,
            unsafe bytes & shape.pointee.point == 0,
            unsafe UInt8(truncatingIfNeeded: text &>> shape.pointee.endShift) != point
        {
            let whole = unsafe shape.pointee.whole
            let number = unsafe DigitWord.number(
                (bytes & whole | (bytes &>> 8) & ~whole) &<< shape.pointee.shift)
            decimals = unsafe shape.pointee.decimals
            value = unsafe decimals == 0 ? Double(number) : Double(number) / shape.pointee.power
            unsafe p += shape.pointee.length
            return true
        }
        let start = unsafe p
        guard unsafe read(&p) else { return false }
        let length = unsafe p - start
        if length < 8, unsafe start.pointee &- 48 <= 9, unsafe p.pointee &- 48 > 9 {
            unsafe shape.pointee = NumberShape(
                length: length, decimals: decimals, hasPoint: p[-1 - decimals] == point,
                point: point,
                power: powers[decimals])
        }
        return true
    }

    /// Digit after digit: any length, and a sign.
    private mutating func readDigits(_ p: inout UnsafePointer<UInt8>) -> Bool {
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
        // Twenty digits may wrap 64 bits unnoticed; 2^53 is the last count that a double is sure to
        // hold.
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

/// Where a number of at most seven bytes has its point and its end, as masks over eight bytes of
/// text.
struct NumberShape {
    /// Zeros where digits are, the point in its place: what is left of the text by an exclusive or
    /// is the digits.
    var pattern = DigitWord.zeros
    /// The highest bits of the bytes up to the end, and that of the first byte behind the number.
    /// No text looks like a shape that has not been set.
    var looked: UInt64 = 0
    var end: UInt64 = 1
    /// Bits before that byte, which is not a point: then there would be more.
    var endShift: UInt64 = 0
    /// All bits of the point's byte, and of the bytes before it; of all where there is none.
    var point: UInt64 = 0
    var whole: UInt64 = .max
    /// Bits by which the digits are short of eight.
    var shift: UInt64 = 0
    var power = 1.0
    var length = 0
    var decimals = 0

    init() {}

    init(length: Int, decimals: Int, hasPoint: Bool, point mark: UInt8, power: Double) {
        self.length = length
        self.decimals = decimals
        self.power = power
        end = 0x80 << UInt64(8 * length)
        endShift = UInt64(8 * length)
        looked = DigitWord.highBits & (end | (end &- 1))
        shift = UInt64(64 - 8 * (hasPoint ? length - 1 : length))
        guard hasPoint else { return }
        let place = UInt64(8 * (length - 1 - decimals))
        point = 0xff << place
        whole = 1 << place - 1
        pattern = DigitWord.zeros & ~point | UInt64(mark) << place
    }
}

/// Eight bytes of text at once, the first in the lowest byte.
enum DigitWord {
    /// Digits become their value by an exclusive or with it.
    static let zeros: UInt64 = 0x3030_3030_3030_3030
    static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The highest bit of every byte that is none of 0...9. No byte's sum reaches into the next.
    @inline(__always)
    static func others(_ bytes: UInt64) -> UInt64 {
        ((bytes & ~highBits) &+ 0x7676_7676_7676_7676 | bytes) & highBits
    }

    /// The number of eight digits, zeros before it: pairs, fours, eight.
    @inline(__always)
    static func number(_ digits: UInt64) -> UInt64 {
        let pairs = (digits &* (10 << 8 + 1)) &>> 8 & 0x00ff_00ff_00ff_00ff
        let fours = (pairs &* (100 << 16 + 1)) &>> 16 & 0x0000_ffff_0000_ffff
        return (fours &* (10_000 << 32 + 1)) &>> 32
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
        "": .missing, "null": .missing, "none": .missing, "na": .missing, "n/a": .missing,
        "-": .missing,
        "nan": .notFinite, "inf": .notFinite, "-inf": .notFinite, "+inf": .notFinite,
        "infinity": .notFinite, "-infinity": .notFinite,
    ]

    /// `text` has lost its quotes and the blanks around it. Thousands may be parted by commas where
    /// the field was quoted.
    static func read(_ text: [UInt8], point: UInt8, isQuoted: Bool) -> Outcome {
        if text.count <= 9, let known = words[String(decoding: text, as: UTF8.self).lowercased()] {
            return known
        }
        var plain: [UInt8] = []
        for (index, byte) in text.enumerated() {
            switch byte {
            case point: plain.append(UInt8(ascii: "."))
            case UInt8(ascii: ",") where isQuoted && isThousands(text, at: index, point): continue
            case 48...57, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"),
                UInt8(ascii: "E"):
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
        guard point != UInt8(ascii: ","), index > 0, 48...57 ~= text[index - 1] else {
            return false
        }
        let digits = text[(index + 1)...].prefix { 48...57 ~= $0 }.count
        return digits == 3
    }

    private static func decimals(_ text: String) -> Int {
        do { return -(try DecimalText.exponent(of: text)) } catch {
            return DecimalScale.exponents.upperBound
        }
    }
}
