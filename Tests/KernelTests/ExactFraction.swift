/// Whole numbers of any size, digit by digit as on paper: slow and plain, for second opinions.
struct BigInteger: Equatable {
    /// Base 2^32, least significant first, no zeros at the end.
    private(set) var digits: [UInt32]
    private(set) var isNegative: Bool

    init(_ value: Int128) {
        var rest = value.magnitude
        digits = []
        while rest > 0 {
            digits.append(UInt32(truncatingIfNeeded: rest))
            rest >>= 32
        }
        isNegative = value < 0
    }

    private init(_ digits: [UInt32], isNegative: Bool) {
        self.digits = digits
        while self.digits.last == 0 { self.digits.removeLast() }
        self.isNegative = isNegative && !self.digits.isEmpty
    }

    var isZero: Bool { digits.isEmpty }
    var magnitude: BigInteger { BigInteger(digits, isNegative: false) }

    /// Nil beyond 64 bits.
    var small: Int64? {
        guard digits.count <= 3 else { return nil }
        var value: Int128 = 0
        for digit in digits.reversed() { value = value << 32 + Int128(digit) }
        return Int64(exactly: isNegative ? -value : value)
    }

    static func isLess(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        if a.count != b.count { return a.count < b.count }
        for (x, y) in zip(a.reversed(), b.reversed()) where x != y { return x < y }
        return false
    }

    static func + (a: BigInteger, b: BigInteger) -> BigInteger {
        if a.isNegative == b.isNegative {
            return BigInteger(add(a.digits, b.digits), isNegative: a.isNegative)
        }
        if isLess(a.digits, b.digits) {
            return BigInteger(subtract(b.digits, a.digits), isNegative: b.isNegative)
        }
        return BigInteger(subtract(a.digits, b.digits), isNegative: a.isNegative)
    }

    static prefix func - (a: BigInteger) -> BigInteger {
        BigInteger(a.digits, isNegative: !a.isNegative)
    }

    static func * (a: BigInteger, b: BigInteger) -> BigInteger {
        var product = [UInt32](repeating: 0, count: a.digits.count + b.digits.count)
        for (i, x) in a.digits.enumerated() {
            var carry: UInt64 = 0
            for (j, y) in b.digits.enumerated() {
                let sum = UInt64(x) * UInt64(y) + UInt64(product[i + j]) + carry
                product[i + j] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            product[i + b.digits.count] = UInt32(carry)
        }
        return BigInteger(product, isNegative: a.isNegative != b.isNegative)
    }

    /// Cut toward zero, digit by digit (Knuth, The Art of Computer Programming, 4.3.1 D).
    func divided(by divisor: BigInteger) -> (quotient: BigInteger, rest: BigInteger) {
        if Self.isLess(digits, divisor.digits) { return (BigInteger(0), self) }
        let shift = UInt32(divisor.digits.last?.leadingZeroBitCount ?? 0)
        let low = Self.shifted(divisor.digits, by: shift)
        var rest = Self.shifted(digits, by: shift) + [0]
        var quotient = [UInt32](repeating: 0, count: rest.count - low.count)
        let top = UInt64(low.last ?? 1)
        for place in quotient.indices.reversed() {
            let head = UInt64(rest[place + low.count]) << 32 | UInt64(rest[place + low.count - 1])
            var guess = min(head / top, UInt64(UInt32.max))
            var part = Self.multiply(low, UInt32(guess))
            let window = Array(rest[place...(place + low.count)])
            while Self.isLess(Self.trimmed(window), part) {
                guess -= 1
                part = Self.subtract(part, low)
            }
            let left = Self.subtract(window, part)
            for index in 0...low.count {
                rest[place + index] = index < left.count ? left[index] : 0
            }
            quotient[place] = UInt32(guess)
        }
        let back = Self.shifted(rest, by: 32 - shift)
        return (
            BigInteger(quotient, isNegative: isNegative != divisor.isNegative),
            BigInteger(shift == 0 ? rest : Array(back.dropFirst()), isNegative: isNegative)
        )
    }

    private static func trimmed(_ digits: [UInt32]) -> [UInt32] {
        var digits = digits
        while digits.last == 0 { digits.removeLast() }
        return digits
    }

    private static func shifted(_ digits: [UInt32], by bits: UInt32) -> [UInt32] {
        if bits == 0 { return digits }
        var shifted: [UInt32] = []
        var carry: UInt32 = 0
        for digit in digits {
            shifted.append(digit << bits | carry)
            carry = digit >> (32 - bits)
        }
        return carry > 0 ? shifted + [carry] : shifted
    }

    private static func multiply(_ a: [UInt32], _ b: UInt32) -> [UInt32] {
        (BigInteger(a, isNegative: false) * BigInteger(Int128(b))).digits
    }

    func commonDivisor(with other: BigInteger) -> BigInteger {
        var (a, b) = (magnitude, other.magnitude)
        while !b.isZero { (a, b) = (b, a.divided(by: b).rest) }
        return a
    }

    var isOne: Bool { digits == [1] && !isNegative }

    private static func add(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var sum: [UInt32] = []
        var carry: UInt64 = 0
        for index in 0..<max(a.count, b.count) {
            let digit =
                UInt64(index < a.count ? a[index] : 0) + UInt64(index < b.count ? b[index] : 0)
                + carry
            sum.append(UInt32(truncatingIfNeeded: digit))
            carry = digit >> 32
        }
        if carry > 0 { sum.append(UInt32(carry)) }
        return sum
    }

    private static func subtract(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var difference: [UInt32] = []
        var borrow: Int64 = 0
        for index in a.indices {
            var digit = Int64(a[index]) - Int64(index < b.count ? b[index] : 0) - borrow
            borrow = digit < 0 ? 1 : 0
            if digit < 0 { digit += 1 << 32 }
            difference.append(UInt32(digit))
        }
        while difference.last == 0 { difference.removeLast() }
        return difference
    }
}

/// An exact fraction of any size.
struct ExactFraction: Equatable {
    let up: BigInteger
    /// Above zero.
    let down: BigInteger

    init(_ up: Int128, _ down: Int128 = 1) {
        let shared = BigInteger(up).commonDivisor(with: BigInteger(down))
        let sign = BigInteger(down < 0 ? -1 : 1)
        self.init(
            reduced: BigInteger(up).divided(by: shared).quotient * sign,
            BigInteger(down).divided(by: shared).quotient.magnitude)
    }

    private init(reduced up: BigInteger, _ down: BigInteger) {
        self.up = up
        self.down = down
    }

    /// Knuth, 4.5.1: where the denominators have nothing in common, neither has the sum.
    static func + (a: Self, b: Self) -> Self {
        let shared = a.down.commonDivisor(with: b.down)
        if shared.isOne { return Self(reduced: a.up * b.down + b.up * a.down, a.down * b.down) }
        let sum =
            a.up * b.down.divided(by: shared).quotient + b.up * a.down.divided(by: shared).quotient
        let other = sum.commonDivisor(with: shared)
        return Self(
            reduced: sum.divided(by: other).quotient,
            a.down.divided(by: shared).quotient * b.down.divided(by: other).quotient)
    }

    static func * (a: Self, b: Self) -> Self {
        let (one, other) = (a.up.commonDivisor(with: b.down), b.up.commonDivisor(with: a.down))
        if a.up.isZero || b.up.isZero { return Self(0) }
        return Self(
            reduced: a.up.divided(by: one).quotient * b.up.divided(by: other).quotient,
            a.down.divided(by: other).quotient * b.down.divided(by: one).quotient)
    }

    static func / (a: Self, b: Self) -> Self {
        let sign = BigInteger(b.up.isNegative ? -1 : 1)
        return a * Self(reduced: b.down * sign, b.up.magnitude)
    }

    static func - (a: Self, b: Self) -> Self { a + -b }
    static func < (a: Self, b: Self) -> Bool { (a - b).up.isNegative }
    static prefix func - (a: Self) -> Self { Self(reduced: -a.up, a.down) }

    var isZero: Bool { up.isZero }
    var isNegative: Bool { up.isNegative }

    var towardZero: Int64 { up.divided(by: down).quotient.small ?? .max }

    /// The nearest whole number, a tie to the even one.
    var halfEven: Int64 {
        let (whole, rest) = up.divided(by: down)
        let doubled = rest.magnitude * BigInteger(2)
        let isTie = doubled == down
        let isOdd = (whole.digits.first ?? 0) & 1 == 1
        let away = isTie ? isOdd : BigInteger.isLess(down.digits, doubled.digits)
        let step = BigInteger(away ? (up.isNegative ? -1 : 1) : 0)
        return (whole + step).small ?? .max
    }
}
