extension TimeText {
    /// How many digits of a second are written.
    package enum Precision: Hashable, Sendable {
        case seconds, milliseconds, microseconds, nanoseconds
        /// As few of 0, 3, 6, 9 digits as hold the instant.
        case needed
    }

    /// `2024-01-31T14:30:05Z`, or with the zone's offset: `2024-01-31T09:30:05-05:00`.
    package static func string(
        _ time: Timestamp, zone: ZoneRules = .utc, precision: Precision = .needed
    ) -> String {
        var bytes: [UInt8] = []
        append(time, zone: zone, precision: precision, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends that text.
    package static func append(
        _ time: Timestamp, zone: ZoneRules = .utc, precision: Precision = .needed,
        to bytes: inout [UInt8]
    ) {
        let civil = time.civil(in: zone)
        append(civil.date, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        append(civil.hour, 2, &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(civil.minute, 2, &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(civil.second, 2, &bytes)
        appendFraction(civil.nanosecond, precision, &bytes)
        appendOffset(zone.offset(at: time), zone == .utc, &bytes)
    }

    /// `2024-01-31`.
    package static func append(_ date: CivilDate, to bytes: inout [UInt8]) {
        let (year, month, day) = date.components
        append(year, 4, &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(month, 2, &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(day, 2, &bytes)
    }

    private static func append(_ value: Int, _ digits: Int, _ bytes: inout [UInt8]) {
        var divisor = Int(PowerOfTen.integer(digits - 1))
        for _ in 0..<digits {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    private static func appendFraction(
        _ nanosecond: Int, _ precision: Precision, _ bytes: inout [UInt8]
    ) {
        let digits: Int =
            switch precision {
            case .seconds: 0
            case .milliseconds: 3
            case .microseconds: 6
            case .nanoseconds: 9
            case .needed:
                nanosecond == 0
                    ? 0 : nanosecond % 1_000_000 == 0 ? 3 : nanosecond % 1000 == 0 ? 6 : 9
            }
        if digits == 0 { return }
        bytes.append(UInt8(ascii: "."))
        append(nanosecond / Int(PowerOfTen.integer(9 - digits)), digits, &bytes)
    }

    private static func appendOffset(_ offset: Int, _ isUTC: Bool, _ bytes: inout [UInt8]) {
        if isUTC {
            bytes.append(UInt8(ascii: "Z"))
            return
        }
        bytes.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        append(abs(offset) / 3600, 2, &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(abs(offset) / 60 % 60, 2, &bytes)
    }
}
