import Market

/// Reads time stamps from bytes. Whoever calls guarantees a byte that is no digit behind the text
/// and at least 32 readable bytes in all.
@safe struct TimestampReader {
    let format: TimestampFormat
    /// Nanoseconds: since 1970 in UTC where `isAbsolute`, else of the clock on the wall.
    private(set) var value: Int64 = 0
    private(set) var isAbsolute = false
    /// Whether a time of day was written, or only a date.
    private(set) var hasTime = false

    // The date read last: the next row usually has the same.
    private var cachedBytes: (UInt64, UInt16) = (0, 0)
    private var cachedDay: Int64 = 0

    init(_ format: TimestampFormat) { self.format = format }

    /// Moves `p` behind what it read; false when this is no such stamp.
    @inline(__always)
    mutating func read(_ p: inout UnsafePointer<UInt8>) -> Bool {
        switch format {
        case .iso: unsafe readISO(&p)
        case .seconds: unsafe readCount(&p, 1_000_000_000)
        case .milliseconds: unsafe readCount(&p, 1_000_000)
        case .microseconds: unsafe readCount(&p, 1000)
        case .nanoseconds: unsafe readCount(&p, 1)
        case .compact: unsafe readCompact(&p)
        default: unsafe readWritten(&p)
        }
    }

    /// A count of units of `unit` nanoseconds, with decimals or without.
    private mutating func readCount(_ p: inout UnsafePointer<UInt8>, _ unit: Int64) -> Bool {
        let isNegative = unsafe p.pointee == UInt8(ascii: "-")
        if isNegative { unsafe p += 1 }
        let start = unsafe p
        var count: UInt64 = 0
        while unsafe p.pointee &- 48 <= 9 {
            unsafe count = count &* 10 &+ UInt64(p.pointee &- 48)
            unsafe p += 1
        }
        let digits = unsafe p - start
        guard digits > 0, digits <= 19, count <= UInt64(Int64.max / unit) else { return false }
        var total = Int64(count) * unit
        if unsafe p.pointee == UInt8(ascii: ".") {
            unsafe p += 1
            var scale = unit
            let fraction = unsafe p
            while unsafe p.pointee &- 48 <= 9 {
                scale /= 10
                unsafe total += scale * Int64(p.pointee &- 48)
                unsafe p += 1
            }
            if unsafe p == fraction { return false }
        }
        value = isNegative ? -total : total
        isAbsolute = true
        hasTime = true
        return true
    }

    @inline(__always)
    private mutating func readISO(_ p: inout UnsafePointer<UInt8>) -> Bool {
        let raw = unsafe UnsafeRawPointer(p)
        let first = unsafe raw.loadUnaligned(as: UInt64.self)
        let second = unsafe raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
        if first != cachedBytes.0 || second != cachedBytes.1 {
            guard let day = unsafe isoDay(p) else { return false }
            cachedBytes = (first, second)
            cachedDay = day
        }
        unsafe p += 10
        value = cachedDay
        isAbsolute = false
        hasTime = false
        let mark = unsafe p.pointee
        guard mark == UInt8(ascii: "T") || mark == UInt8(ascii: " "), unsafe p[1] &- 48 <= 9 else {
            return true
        }
        unsafe p += 1
        guard unsafe readWholeClock(&p) || readClock(&p) else { return false }
        return unsafe readZone(&p)
    }

    /// `14:30:05` and no decimals, its eight bytes at once.
    @inline(__always)
    private mutating func readWholeClock(_ p: inout UnsafePointer<UInt8>) -> Bool {
        let text = unsafe UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))
        // What remains of `00:00:00`: digits, and nothing in the places of the colons.
        let digits = text ^ 0x3030_3a30_303a_3030
        guard DigitWord.others(digits) == 0, digits & 0x0000_ff00_00ff_0000 == 0,
            unsafe p[8] != UInt8(ascii: ".")
        else { return false }
        let pairs = (digits &* (10 << 8 + 1)) &>> 8
        let hour = pairs & 0xff, minute = pairs &>> 24 & 0xff, second = pairs &>> 48 & 0xff
        guard hour < 24, minute < 60, second < 60 else { return false }
        value &+= Int64(hour &* 3600 &+ minute &* 60 &+ second) &* 1_000_000_000
        hasTime = true
        unsafe p += 8
        return true
    }

    private func isoDay(_ p: UnsafePointer<UInt8>) -> Int64? {
        let mark = unsafe p[4]
        guard mark == UInt8(ascii: "-") || mark == UInt8(ascii: "/") || mark == UInt8(ascii: "."),
            unsafe p[7] == mark
        else { return nil }
        guard let century = unsafe twoDigits(p), let year = unsafe twoDigits(p + 2),
            let month = unsafe twoDigits(p + 5), let day = unsafe twoDigits(p + 8),
            let date = CivilDate(year: century * 100 + year, month: month, day: day)
        else { return nil }
        return Self.nanoseconds(date)
    }

    /// `14:30`, `14:30:05`, `14:30:05.123456789`, after a date.
    @inline(__always)
    private mutating func readClock(_ p: inout UnsafePointer<UInt8>) -> Bool {
        guard let hour = unsafe twoDigits(p), hour < 24, unsafe p[2] == UInt8(ascii: ":"),
            let minute = unsafe twoDigits(p + 3), minute < 60
        else { return false }
        unsafe p += 5
        value &+= Int64(hour &* 3600 &+ minute &* 60) &* 1_000_000_000
        hasTime = true
        return unsafe p.pointee == UInt8(ascii: ":") ? readSecond(&p) : true
    }

    @inline(__always)
    private mutating func readSecond(_ p: inout UnsafePointer<UInt8>) -> Bool {
        guard let second = unsafe twoDigits(p + 1), second < 60 else { return false }
        unsafe p += 3
        value &+= Int64(second) &* 1_000_000_000
        let mark = unsafe p.pointee
        // Some write the decimals of a second after a comma; a comma is more often a separator.
        guard mark == UInt8(ascii: ".") else { return true }
        unsafe p += 1
        var scale: Int64 = 1_000_000_000
        let start = unsafe p
        while unsafe p.pointee &- 48 <= 9 {
            scale /= 10
            unsafe value &+= scale &* Int64(p.pointee &- 48)
            unsafe p += 1
        }
        return unsafe p > start
    }

    /// `Z`, `+05:30`, `-0500`, `+01`, ` UTC`, or nothing.
    @inline(__always)
    private mutating func readZone(_ p: inout UnsafePointer<UInt8>) -> Bool {
        let mark = unsafe p.pointee
        if mark == UInt8(ascii: "Z") {
            unsafe p += 1
            isAbsolute = true
            return true
        }
        if mark == UInt8(ascii: " "), unsafe p[1] == UInt8(ascii: "U"),
            unsafe p[2] == UInt8(ascii: "T"),
            unsafe p[3] == UInt8(ascii: "C")
        {
            unsafe p += 4
            isAbsolute = true
            return true
        }
        guard mark == UInt8(ascii: "+") || mark == UInt8(ascii: "-") else { return true }
        guard let hours = unsafe twoDigits(p + 1), hours < 24 else { return false }
        unsafe p += 3
        if unsafe p.pointee == UInt8(ascii: ":") { unsafe p += 1 }
        var seconds = Int64(hours) * 3600
        if let minutes = unsafe twoDigits(p) {
            guard minutes < 60 else { return false }
            seconds += Int64(minutes) * 60
            unsafe p += 2
        }
        value &-= (mark == UInt8(ascii: "-") ? -seconds : seconds) &* 1_000_000_000
        isAbsolute = true
        return true
    }

    @inline(__always)
    private func twoDigits(_ p: UnsafePointer<UInt8>) -> Int? {
        let tens = unsafe p[0] &- 48, ones = unsafe p[1] &- 48
        return tens <= 9 && ones <= 9 ? Int(tens) &* 10 &+ Int(ones) : nil
    }

    static func nanoseconds(_ date: CivilDate) -> Int64 {
        Int64(date.dayNumber) * Timestamp.nanosecondsPerDay
    }
}

extension TimestampReader {
    /// Up to 14 digits, perhaps with a blank or a `T` between date and time.
    fileprivate mutating func readCompact(_ p: inout UnsafePointer<UInt8>) -> Bool {
        guard let century = unsafe twoDigits(p), let year = unsafe twoDigits(p + 2),
            let month = unsafe twoDigits(p + 4), let day = unsafe twoDigits(p + 6),
            let date = CivilDate(year: century * 100 + year, month: month, day: day)
        else { return false }
        unsafe p += 8
        value = Self.nanoseconds(date)
        isAbsolute = false
        hasTime = false
        let mark = unsafe p.pointee
        if mark == UInt8(ascii: " ") || mark == UInt8(ascii: "T"), unsafe p[1] &- 48 <= 9 {
            unsafe p += 1
        }
        guard unsafe p.pointee &- 48 <= 9 else { return true }
        guard unsafe readTimeOfDay(&p) else { return false }
        return unsafe readZone(&p)
    }

    /// Adds `1430`, `143005`, `14:30`, `9:05`, `14:30:05.5`, `2:30 PM` to the value.
    mutating func readTimeOfDay(_ p: inout UnsafePointer<UInt8>) -> Bool {
        let start = unsafe p
        while unsafe p.pointee &- 48 <= 9 { unsafe p += 1 }
        let digits = unsafe p - start
        var hour = 0
        if digits <= 2, unsafe p.pointee == UInt8(ascii: ":") {
            guard digits > 0 else { return false }
            hour = unsafe digits == 2 ? twoDigits(start) ?? 99 : Int(start[0] &- 48)
            guard let minute = unsafe twoDigits(p + 1), minute < 60 else { return false }
            unsafe p += 3
            value &+= Int64(minute) &* 60_000_000_000
            if unsafe p.pointee == UInt8(ascii: ":") {
                guard unsafe readSecond(&p) else { return false }
            }
            guard let shift = unsafe readHalfOfDay(&p, hour) else { return false }
            hour = shift
        } else {
            // Stooq drops no zeros, spreadsheets do: 93000 is half past nine.
            guard digits == 4 || digits == 5 || digits == 6 else { return false }
            var number = 0
            for index in 0..<digits { unsafe number = number * 10 + Int(start[index] &- 48) }
            if digits == 4 { number *= 100 }
            let minute = number / 100 % 100, second = number % 100
            guard minute < 60, second < 60 else { return false }
            hour = number / 10_000
            value &+= Int64(minute * 60 + second) &* 1_000_000_000
        }
        guard hour < 24 else { return false }
        value &+= Int64(hour) &* 3_600_000_000_000
        hasTime = true
        return true
    }

    /// The hour of a full day: `AM` and `PM` are read where they stand.
    private func readHalfOfDay(_ p: inout UnsafePointer<UInt8>, _ hour: Int) -> Int? {
        var q = unsafe p
        if unsafe q.pointee == UInt8(ascii: " ") { unsafe q += 1 }
        let half = unsafe q.pointee | 0x20
        guard half == UInt8(ascii: "a") || half == UInt8(ascii: "p"),
            unsafe q[1] | 0x20 == UInt8(ascii: "m")
        else { return hour }
        guard 1...12 ~= hour else { return nil }
        unsafe p = unsafe q + 2
        return hour % 12 + (half == UInt8(ascii: "p") ? 12 : 0)
    }

    /// Dates in the orders that people write.
    fileprivate mutating func readWritten(_ p: inout UnsafePointer<UInt8>) -> Bool {
        var parts: (Int, Int, Int) = (0, 0, 0)
        switch format {
        case .monthNameDay:
            guard let month = unsafe month(&p), unsafe skipMarks(&p),
                let day = unsafe number(&p, 2),
                unsafe skipMarks(&p), let year = unsafe number(&p, 4)
            else { return false }
            parts = (year, month, day)
        case .dayMonthName:
            guard let day = unsafe number(&p, 2), unsafe skipMarks(&p),
                let month = unsafe month(&p),
                unsafe skipMarks(&p), let year = unsafe number(&p, 4)
            else { return false }
            parts = (year, month, day)
        default:
            guard let one = unsafe number(&p, 2), unsafe skipMarks(&p),
                let two = unsafe number(&p, 2),
                unsafe skipMarks(&p), let year = unsafe number(&p, 4)
            else { return false }
            parts = format == .dayFirst ? (year, two, one) : (year, one, two)
        }
        if parts.0 < 100 { parts.0 += parts.0 < 70 ? 2000 : 1900 }
        guard let date = CivilDate(year: parts.0, month: parts.1, day: parts.2) else {
            return false
        }
        value = Self.nanoseconds(date)
        isAbsolute = false
        hasTime = false
        return unsafe readLaterTime(&p)
    }

    private mutating func readLaterTime(_ p: inout UnsafePointer<UInt8>) -> Bool {
        var q = unsafe p
        if unsafe q.pointee == UInt8(ascii: ",") { unsafe q += 1 }
        guard unsafe q.pointee == UInt8(ascii: " ") || q.pointee == UInt8(ascii: "T"),
            unsafe q[1] &- 48 <= 9
        else { return true }
        unsafe p = unsafe q + 1
        guard unsafe readTimeOfDay(&p) else { return false }
        return unsafe readZone(&p)
    }

    private func number(_ p: inout UnsafePointer<UInt8>, _ limit: Int) -> Int? {
        var value = 0
        var digits = 0
        while digits < limit, unsafe p.pointee &- 48 <= 9 {
            unsafe value = value * 10 + Int(p.pointee &- 48)
            unsafe p += 1
            digits += 1
        }
        return digits > 0 ? value : nil
    }

    private func skipMarks(_ p: inout UnsafePointer<UInt8>) -> Bool {
        let start = unsafe p
        while true {
            switch unsafe p.pointee {
            case UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ","),
                UInt8(ascii: " "):
                unsafe p += 1
            default: return unsafe p > start && p - start <= 2
            }
        }
    }

    private func month(_ p: inout UnsafePointer<UInt8>) -> Int? {
        var letters: [UInt8] = []
        while letters.count < 9, unsafe (p.pointee | 0x20) &- 97 <= 25 {
            unsafe letters.append(p.pointee | 0x20)
            unsafe p += 1
        }
        guard letters.count >= 3 else { return nil }
        let index = Self.months.firstIndex { $0.utf8.prefix(letters.count).elementsEqual(letters) }
        return index.map { $0 + 1 }
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october",
        "november", "december",
    ]
}
