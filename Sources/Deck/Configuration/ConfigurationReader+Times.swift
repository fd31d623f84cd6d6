package import Market
import StrategyHost

extension ConfigurationReader {
    /// Nanoseconds above zero.
    package func duration() -> Int64? {
        let expected = "a span of time such as 90s, 5m, 1h30m, 1d or 2w"
        guard let text = text(expected: expected) else { return nil }
        guard let nanoseconds = SpanOfTime.nanoseconds(text), nanoseconds > 0 else {
            refuse(expected: expected)
            return nil
        }
        return nanoseconds
    }

    /// Seconds of a bar, from one second to one week.
    package func timeframe() -> UInt32? {
        let expected = "a time frame from 1s to 1w such as 5m, 1h or 1d"
        guard let text = text(expected: expected) else { return nil }
        let (seconds, rest) = (SpanOfTime.nanoseconds(text) ?? 0)
            .quotientAndRemainder(dividingBy: 1_000_000_000)
        guard rest == 0, (1...604_800).contains(seconds) else {
            refuse(expected: expected)
            return nil
        }
        return UInt32(seconds)
    }

    /// `2024-03-01`, `2024-03-01 09:30`, `2024-03-01T09:30:00Z` or with an offset; UTC where none
    /// is given.
    package func timestamp() -> Timestamp? {
        let expected = "a date such as 2024-03-01, or a time such as 2024-03-01T09:30:00Z"
        guard let text = text(expected: expected) else { return nil }
        do {
            return try TimeText.timestamp(text)
        } catch {
            refuse(expected: expected)
            return nil
        }
    }

    /// Seconds of the day of `09:30` or `09:30:15`; `24:00` is the day's end.
    package func timeOfDay() -> Int? {
        let expected = "a time of day such as 09:30"
        guard let text = text(expected: expected) else { return nil }
        guard let seconds = Self.secondsOfDay(Substring(text)) else {
            refuse(expected: expected)
            return nil
        }
        return seconds
    }

    /// Spans of the day such as `09:45-15:45`.
    package func tradingWindow() -> (opens: Int, closes: Int)? {
        let expected = "a span of the day such as 09:45-15:45"
        guard let text = text(expected: expected) else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let opens = Self.secondsOfDay(Substring(parts[0].trimmingBlanks)),
            let closes = Self.secondsOfDay(Substring(parts[1].trimmingBlanks)), opens < closes
        else {
            refuse(expected: expected)
            return nil
        }
        return (opens, closes)
    }

    /// Seconds since midnight of `09:30` or `09:30:15`, up to `24:00`.
    private static func secondsOfDay(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.utf8.count == 2 }) else {
            return nil
        }
        let numbers = parts.compactMap { $0.utf8.allSatisfy(NumberText.isDigit) ? Int($0) : nil }
        guard numbers.count == parts.count, numbers.dropFirst().allSatisfy({ $0 < 60 }) else {
            return nil
        }
        let seconds = numbers[0] * 3_600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
        return seconds <= 86_400 ? seconds : nil
    }
}
