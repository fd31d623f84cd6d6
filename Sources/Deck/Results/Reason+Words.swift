package import Kernel

extension Reason {
    /// For people; the words of `TD_REASON_*`.
    package var words: String {
        let code = Int(rawValue)
        return Self.allWords.indices.contains(code) ? Self.allWords[code] : "reason \(code)"
    }

    private static let allWords = [
        "signal", "rounds to zero", "not finite", "unknown instrument", "below the minimum",
        "buying power",
        "short not allowed", "position limit", "order limit", "rate limit", "exposure limit",
        "outside the session",
        "outside the window", "paused", "disabled", "would trade", "not reducing", "unknown order",
        "bad price",
        "warm-up", "by the author", "by the operator", "sibling filled", "parent ended", "time",
        "session closed",
        "not enough volume", "risk rule", "bad time in force", "overflow", "bad type",
        "position closed", "no price",
        "end of data", "stop loss", "take profit", "trailing stop", "fault", "delisted",
        "margin call",
    ]
}
