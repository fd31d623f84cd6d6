/// Decimal text and exact counts, without a detour through doubles.
package enum DecimalText {
    /// Why a text is not a count of the wanted unit.
    package enum Refusal: Error, Hashable, Sendable {
        case empty
        case notANumber
        /// It has decimals that the unit cannot hold.
        case tooManyDigits
        /// It does not fit 64 bits.
        case outOfRange
    }

    /// The count of `10^exponent` (-18...18) that `text` says: an optional sign, digits with at
    /// most one point, an optional power of ten (`-1.50`, `.5`, `3e-8`); no blanks, no separators.
    /// What the unit cannot hold is refused, or rounded where `rounding` says how.
    package static func count(
        _ text: Span<UInt8>, exponent: Int, rounding: Rounding? = nil
    ) throws(Refusal) -> Int64 {
        let number = try scan(text)
        let magnitude = try align(number, to: exponent, rounding)
        if number.isNegative {
            guard magnitude <= 1 << 63 else { throw .outOfRange }
            return Int64(truncatingIfNeeded: 0 &- magnitude)
        }
        guard let count = Int64(exactly: magnitude) else { throw .outOfRange }
        return count
    }

    /// The same from a string.
    package static func count(
        _ text: String, exponent: Int, rounding: Rounding? = nil
    ) throws(Refusal) -> Int64 {
        try count(text.utf8.span, exponent: exponent, rounding: rounding)
    }

    /// The exponent that holds all decimals of `text`, trailing zeros left out: `0.050` has -2,
    /// `1200` 0.
    package static func exponent(of text: String) throws(Refusal) -> Int {
        let number = try scan(text.utf8.span)
        guard !number.hasMore else { throw .tooManyDigits }
        return number.digits == 0 ? 0 : min(0, number.power)
    }

    /// `digits * 10^power`, without trailing zeros; `hasMore` when digits had to be left out, the
    /// first of which is `next`, with something below it when `hasRest`.
    private struct Number {
        var digits: UInt64 = 0
        var power = 0
        var isNegative = false
        var hasMore = false
        var next: UInt8 = 0
        var hasRest = false
    }

    private static func scan(_ text: Span<UInt8>) throws(Refusal) -> Number {
        if text.isEmpty { throw .empty }
        var number = Number()
        var index = 0
        if text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") {
            number.isNegative = text[0] == UInt8(ascii: "-")
            index = 1
        }
        var seen = false
        var pointAt: Int?
        var zeros = 0
        while index < text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            if digit > 9 {
                if text[index] == UInt8(ascii: "."), pointAt == nil {
                    pointAt = index
                    index += 1
                    continue
                }
                break
            }
            seen = true
            if pointAt != nil { number.power -= 1 }
            if digit == 0 { zeros += 1 } else { take(digit, &zeros, &number) }
            index += 1
        }
        guard seen else { throw .notANumber }
        number.power += zeros
        if index < text.count { number.power += try powerOfTen(text, from: index) }
        return number
    }

    /// Adds one digit and the zeros that stood before it, as long as there is room.
    private static func take(_ digit: UInt8, _ zeros: inout Int, _ number: inout Number) {
        while zeros > 0, !number.hasMore, number.digits != 0 {
            guard number.digits < 1_000_000_000_000_000_000 else { break }
            number.digits *= 10
            zeros -= 1
        }
        if number.digits == 0 { zeros = 0 }
        if number.hasMore || zeros > 0 || number.digits >= 1_000_000_000_000_000_000 {
            if number.hasMore || zeros > 0 { number.hasRest = true } else { number.next = digit }
            number.hasMore = true
            number.power += zeros + 1
            zeros = 0
        } else {
            number.digits = number.digits * 10 + UInt64(digit)
        }
    }

    private static func powerOfTen(_ text: Span<UInt8>, from start: Int) throws(Refusal) -> Int {
        guard text[start] | 0x20 == UInt8(ascii: "e"), start + 1 < text.count else {
            throw .notANumber
        }
        var index = start + 1
        let isNegative = text[index] == UInt8(ascii: "-")
        if isNegative || text[index] == UInt8(ascii: "+") { index += 1 }
        guard index < text.count else { throw .notANumber }
        var power = 0
        while index < text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { throw .notANumber }
            power = min(power * 10 + Int(digit), 100_000)
            index += 1
        }
        return isNegative ? -power : power
    }

    private static func align(
        _ number: Number, to exponent: Int, _ rounding: Rounding?
    ) throws(Refusal) -> UInt64 {
        if number.digits == 0 { return 0 }
        let shift = number.power - exponent
        if shift > 0 || (shift == 0 && !number.hasMore) {
            guard shift <= PowerOfTen.largestInteger else { throw .outOfRange }
            let (count, overflow) = number.digits.multipliedReportingOverflow(
                by: UInt64(PowerOfTen.integer(shift)))
            if overflow { throw .outOfRange }
            return count
        }
        guard let rounding else { throw .tooManyDigits }
        return try rounded(number, -shift, rounding)
    }

    private static func rounded(
        _ number: Number, _ places: Int, _ rounding: Rounding
    ) throws(Refusal) -> UInt64 {
        let divisor = PowerOfTen.wide(min(places, 24)) * 20
        // Doubled, to have room for "a little more", which decides ties and nothing else.
        let magnitude =
            (Int128(number.digits) * 10 + Int128(number.next)) * 2 + (number.hasRest ? 1 : 0)
        let signed = number.isNegative ? -magnitude : magnitude
        guard let quotient = rounding.quotient(signed, divisor) else { throw .outOfRange }
        return quotient.magnitude
    }
}
