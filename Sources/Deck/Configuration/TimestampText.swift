package import Market

/// Dates and times as people write them in a configuration.
package enum TimestampText {
    /// `2024-03-01`, `2024-03-01 09:30`, `2024-03-01T09:30:15Z`, `...+05:30`; UTC where no offset is given.
    package static func timestamp(_ text: String) -> Timestamp? {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == " " || $0 == "T" }
        guard let date = parts.first, let days = days(date) else { return nil }
        guard parts.count == 2 else { return Timestamp(seconds: days * 86_400) }
        guard let (clock, offset) = splitOffset(parts[1]), let seconds = secondsOfDay(clock) else { return nil }
        return Timestamp(seconds: days * 86_400 + Int64(seconds) - offset)
    }

    /// Seconds since midnight of `09:30` or `09:30:15`, up to `24:00`.
    package static func secondsOfDay(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { return nil }
        let numbers = parts.compactMap { number($0, digits: 2) }
        guard numbers.count == parts.count, numbers[1] < 60, numbers.count == 2 || numbers[2] < 60 else {
            return nil
        }
        let seconds = numbers[0] * 3_600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
        return seconds <= 86_400 ? seconds : nil
    }

    /// The clock's text and the seconds it is ahead of UTC.
    private static func splitOffset(_ text: Substring) -> (Substring, Int64)? {
        if text.hasSuffix("Z") { return (text.dropLast(), 0) }
        guard let sign = text.lastIndex(where: { $0 == "+" || $0 == "-" }) else { return (text, 0) }
        guard let seconds = secondsOfDay(text[text.index(after: sign)...]) else { return nil }
        return (text[..<sign], Int64(text[sign] == "-" ? -seconds : seconds))
    }

    /// Days since 1970 of `YYYY-MM-DD`, 1677 to 2261: what 64 bits of nanoseconds hold.
    private static func days(_ text: Substring) -> Int64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = number(parts[0], digits: 4), let month = number(parts[1], digits: 2),
            let day = number(parts[2], digits: 2), (1678...2261).contains(year), (1...12).contains(month),
            day >= 1, day <= length(ofMonth: month, year)
        else { return nil }
        var days = (year - 1970) * 365 + leapDays(before: year) - leapDays(before: 1970)
        for earlier in 1..<month { days += length(ofMonth: earlier, year) }
        return Int64(days + day - 1)
    }

    private static func leapDays(before year: Int) -> Int {
        (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400
    }

    private static func length(ofMonth month: Int, _ year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy(NumberText.isDigit) else { return nil }
        return Int(text)
    }
}
