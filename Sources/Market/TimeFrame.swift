/// How long a bar lasts. The number is what stands in an event's `timeframe`: seconds; a calendar
/// month is written as 30 days.
package struct TimeFrame: RawRepresentable, Hashable, Comparable, Sendable, Codable,
    CustomStringConvertible
{
    package var rawValue: UInt32
    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }
    @inlinable package var seconds: UInt32 { rawValue }
    @inlinable package var nanoseconds: Int64 { Int64(rawValue) * 1_000_000_000 }
    @inlinable package static func < (a: TimeFrame, b: TimeFrame) -> Bool {
        a.rawValue < b.rawValue
    }

    @inlinable package static func seconds(_ n: UInt32) -> TimeFrame { TimeFrame(rawValue: n) }
    @inlinable package static func minutes(_ n: UInt32) -> TimeFrame { TimeFrame(rawValue: n * 60) }
    @inlinable package static func hours(_ n: UInt32) -> TimeFrame { TimeFrame(rawValue: n * 3600) }
    /// A UTC day, or a session where bars follow sessions.
    @inlinable package static var day: TimeFrame { TimeFrame(rawValue: 86_400) }
    /// From Monday on.
    @inlinable package static var week: TimeFrame { TimeFrame(rawValue: 604_800) }
    /// A calendar month.
    @inlinable package static var month: TimeFrame { TimeFrame(rawValue: 2_592_000) }

    /// Whole days belong to dates, not to a grid of seconds.
    @inlinable package var isOfDates: Bool { rawValue >= 86_400 }
    /// Whether bars of this length can be built: up to a day, a day, a week, or a month.
    @inlinable package var canBeBuilt: Bool {
        rawValue > 0 && (rawValue <= 86_400 || self == .week || self == .month)
    }

    /// Reads `15s`, `1m`, `4h`, `1d`, `1w`, `1mo`; nil for anything else and for lengths not built.
    package init?(_ text: some StringProtocol) {
        let digits = text.prefix { "0"..."9" ~= $0 }
        guard let count = UInt32(digits), count > 0 else { return nil }
        let units: [(String, UInt32)] = [
            ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800), ("mo", 2_592_000),
        ]
        let unit = text.dropFirst(digits.count)
        guard let seconds = units.first(where: { $0.0 == unit })?.1 else { return nil }
        let (total, overflow) = count.multipliedReportingOverflow(by: seconds)
        self.init(rawValue: total)
        if overflow || !canBeBuilt { return nil }
    }

    package var description: String {
        switch rawValue {
        case Self.month.rawValue: "1mo"
        case let s where s > 0 && s % 604_800 == 0: "\(s / 604_800)w"
        case let s where s > 0 && s % 86_400 == 0: "\(s / 86_400)d"
        case let s where s > 0 && s % 3600 == 0: "\(s / 3600)h"
        case let s where s > 0 && s % 60 == 0: "\(s / 60)m"
        default: "\(rawValue)s"
        }
    }
}
