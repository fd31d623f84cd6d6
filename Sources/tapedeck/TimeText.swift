import Market

/// How moments and spans stand in the command line's answers.
enum TimeText {
    /// `2024-03-05 14:30:00`, UTC; the time of day is left out at midnight where `isDateOnly` allows it.
    static func moment(_ time: Timestamp) -> String {
        let seconds = Int64((Double(time.rawValue) / 1e9).rounded(.down))
        let day = Int((Double(seconds) / 86_400).rounded(.down))
        let second = Int(seconds - Int64(day) * 86_400)
        let clock = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
        return "\(date(day)) \(clock)"
    }

    static func date(_ time: Timestamp) -> String {
        date(Int((Double(time.rawValue) / 86_400e9).rounded(.down)))
    }

    /// `0.8 s`, `3 min 20 s`, `2 h 05 min`, `12 d`.
    static func span(nanoseconds: Int64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        if seconds < 1 { return "\(Int((seconds * 1e3).rounded())) ms" }
        if seconds < 60 { return "\(Int(seconds)).\(Int(seconds * 10) % 10) s" }
        let whole = Int(seconds)
        if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
        if whole < 2 * 86_400 { return "\(whole / 3600) h \(two(whole / 60 % 60)) min" }
        return "\(whole / 86_400) d"
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    /// The civil date of a day since 1970, by the proleptic Gregorian rules.
    private static func date(_ day: Int) -> String {
        let civil = CivilDate(dayNumber: Int32(clamping: day))
        return "\(civil.year)-\(two(civil.month))-\(two(civil.day))"
    }
}
