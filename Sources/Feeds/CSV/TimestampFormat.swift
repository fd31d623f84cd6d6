/// How a file writes time.
package enum TimestampFormat: String, Hashable, Sendable, Codable, CaseIterable {
    /// Since 1970, in UTC; decimals are allowed.
    case seconds, milliseconds, microseconds, nanoseconds
    /// `2024-01-31`, `2024-01-31 14:30`, `2024-01-31T14:30:05.123Z`, `...+05:30`; also with `/` or
    /// `.`.
    case iso
    /// `20240131`, `20240131 143005`, `202401311430`, `20240131143005`.
    case compact
    /// `01/31/2024`, `1/31/24 2:30 PM`; also with `-` or `.`.
    case monthFirst = "month_first"
    /// `31/01/2024`, `31.1.24 14:30`.
    case dayFirst = "day_first"
    /// `31-Jan-2024`, `31 January 2024 14:30`.
    case dayMonthName = "day_month_name"
    /// `Jan 31, 2024`.
    case monthNameDay = "month_name_day"

    /// Nanoseconds of one unit of a count; nil for written dates.
    var unit: Int64? {
        switch self {
        case .seconds: 1_000_000_000
        case .milliseconds: 1_000_000
        case .microseconds: 1000
        case .nanoseconds: 1
        default: nil
        }
    }

    package var title: String {
        switch self {
        case .seconds, .milliseconds, .microseconds, .nanoseconds: "\(rawValue) since 1970"
        case .iso: "ISO 8601 dates"
        case .compact: "dates without separators"
        case .monthFirst: "dates with the month first"
        case .dayFirst: "dates with the day first"
        case .dayMonthName, .monthNameDay: "dates with the month's name"
        }
    }
}
