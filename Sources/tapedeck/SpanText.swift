import Market

/// How spans of time stand in the command line's answers.
enum SpanText {
    /// `800 ms`, `3.2 s`, `3 min 20 s`, `2 h 05 min`, `12 d`.
    static func of(nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        let seconds = milliseconds / 1_000
        if seconds < 60 { return "\(seconds).\(milliseconds / 100 % 10) s" }
        if seconds < 3_600 { return "\(seconds / 60) min \(two(seconds % 60)) s" }
        if seconds < 2 * 86_400 { return "\(seconds / 3_600) h \(two(seconds / 60 % 60)) min" }
        return "\(seconds / 86_400) d"
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
