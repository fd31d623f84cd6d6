/// Instants as text by ISO 8601, without a String in between.
package enum TimeText {
    /// Why a text is not an instant.
    package enum Refusal: Error, Hashable, Sendable {
        case empty
        case notATime
        /// February 30 and the like.
        case noSuchDate
        /// 25:00 and the like; leap seconds are not told by UTC nanoseconds.
        case noSuchTime
        /// Outside the years 1678 to 2261.
        case outOfRange
    }

    /// Reads `2024-01-31`, `2024-01-31T14:30`, `2024-01-31 14:30:05.123456789Z`, `...+05:30`,
    /// `...-0500`. `zone` is that of a text without one. Digits beyond nanoseconds are refused.
    package static func timestamp(
        _ text: Span<UInt8>, zone: ZoneRules = .utc
    ) throws(Refusal) -> Timestamp {
        var reader = Reader()
        if text.isEmpty { throw .empty }
        let year = try reader.number(text, 4)
        try reader.skip(text, UInt8(ascii: "-"))
        let month = try reader.number(text, 2)
        try reader.skip(text, UInt8(ascii: "-"))
        let day = try reader.number(text, 2)
        guard CivilDate.years.contains(year) else { throw .outOfRange }
        guard let date = CivilDate(year: year, month: month, day: day) else { throw .noSuchDate }
        if reader.isAtEnd(text) { return zone.timestamp(date, secondOfDay: 0) }
        let hasTime = reader.take(text, UInt8(ascii: "T")) || reader.take(text, UInt8(ascii: " "))
        guard hasTime || reader.take(text, UInt8(ascii: "t")) else { throw .notATime }
        let time = try reader.time(text, of: date)
        if reader.isAtEnd(text) { return zone.timestamp(time) }
        let offset = try reader.offset(text)
        guard reader.isAtEnd(text) else { throw .notATime }
        return Timestamp(time) - Int64(offset) * Timestamp.nanosecondsPerSecond
    }

    /// The same from a string.
    package static func timestamp(
        _ text: String, zone: ZoneRules = .utc
    ) throws(Refusal) -> Timestamp {
        try timestamp(text.utf8.span, zone: zone)
    }

    /// The seconds of `Z`, `+05:30`, `-0500` or `+01`.
    package static func offset(_ text: Span<UInt8>) throws(Refusal) -> Int {
        var reader = Reader()
        let offset = try reader.offset(text)
        guard reader.isAtEnd(text) else { throw .notATime }
        return offset
    }
}

/// Steps through a text of digits and signs.
private struct Reader {
    var at = 0

    func isAtEnd(_ text: Span<UInt8>) -> Bool { at == text.count }

    mutating func take(_ text: Span<UInt8>, _ byte: UInt8) -> Bool {
        guard at < text.count, text[at] == byte else { return false }
        at += 1
        return true
    }

    mutating func skip(_ text: Span<UInt8>, _ byte: UInt8) throws(TimeText.Refusal) {
        guard take(text, byte) else { throw .notATime }
    }

    mutating func number(_ text: Span<UInt8>, _ digits: Int) throws(TimeText.Refusal) -> Int {
        guard at + digits <= text.count else { throw .notATime }
        var value = 0
        for _ in 0..<digits {
            let digit = text[at] &- UInt8(ascii: "0")
            guard digit <= 9 else { throw .notATime }
            value = value * 10 + Int(digit)
            at += 1
        }
        return value
    }

    mutating func time(
        _ text: Span<UInt8>, of date: CivilDate
    ) throws(TimeText.Refusal) -> CivilTime {
        var time = CivilTime(date, try number(text, 2))
        try skip(text, UInt8(ascii: ":"))
        time.minute = try number(text, 2)
        if take(text, UInt8(ascii: ":")) {
            time.second = try number(text, 2)
            if take(text, UInt8(ascii: ".")) || take(text, UInt8(ascii: ",")) {
                time.nanosecond = try fraction(text)
            }
        }
        guard time.hour < 24, time.minute < 60, time.second < 60 else { throw .noSuchTime }
        return time
    }

    private mutating func fraction(_ text: Span<UInt8>) throws(TimeText.Refusal) -> Int {
        var value = 0
        var places = 0
        while at < text.count, text[at] &- UInt8(ascii: "0") <= 9 {
            let digit = Int(text[at] &- UInt8(ascii: "0"))
            if places < 9 { value = value * 10 + digit } else if digit != 0 { throw .notATime }
            places += 1
            at += 1
        }
        guard places > 0 else { throw .notATime }
        for _ in min(places, 9)..<9 { value *= 10 }
        return value
    }

    mutating func offset(_ text: Span<UInt8>) throws(TimeText.Refusal) -> Int {
        if take(text, UInt8(ascii: "Z")) || take(text, UInt8(ascii: "z")) { return 0 }
        let isWest = take(text, UInt8(ascii: "-"))
        if !isWest { try skip(text, UInt8(ascii: "+")) }
        let hours = try number(text, 2)
        var minutes = 0
        if take(text, UInt8(ascii: ":")) || !isAtEnd(text) { minutes = try number(text, 2) }
        guard hours < 24, minutes < 60 else { throw .noSuchTime }
        return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }
}
