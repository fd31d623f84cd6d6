import Glibc

/// One line on standard error with share, rate and time left; drawn only on a terminal, only after
/// a second, at most ten times a second, and wiped at the end so that it leaves nothing in the
/// output.
struct ProgressBar {
    private let label: String
    private let unit: String
    private let isShown: Bool
    private let started: Int64
    private var lastDrawn: Int64
    private var isDrawn = false

    init(_ label: String, unit: String, terminal: Terminal) {
        self.label = label
        self.unit = unit
        isShown = terminal.showsProgress
        started = ProgressBar.now()
        lastDrawn = started + 900_000_000
    }

    private static func now() -> Int64 {
        var time = timespec()
        // The clock fills the struct that lives on this stack.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    mutating func update(done: Int, of total: Int?) {
        guard isShown else { return }
        let now = ProgressBar.now()
        guard now - lastDrawn >= 100_000_000 else { return }
        lastDrawn = now
        isDrawn = true
        let line = ProgressBar.line(
            label: label, unit: unit, done: done, total: total, nanoseconds: now - started)
        writeError("\r\u{1B}[K" + line)
    }

    mutating func finish() {
        guard isDrawn else { return }
        writeError("\r\u{1B}[K")
        isDrawn = false
    }

    /// `playing  [########----------------]  33 %  12.0 M events/s  0:04 left`
    static func line(
        label: String, unit: String, done: Int, total: Int?, nanoseconds: Int64
    ) -> String {
        let seconds = max(Double(nanoseconds) / 1e9, 1e-9)
        let rate = Double(done) / seconds
        var text = label
        if let total, total > 0 {
            let share = min(max(Double(done) / Double(total), 0), 1)
            let filled = Int(share * 24)
            text +=
                "  [" + String(repeating: "#", count: filled)
                + String(repeating: "-", count: 24 - filled) + "]"
            text += "  \(Int(share * 100)) %"
        }
        text += "  \(scaled(rate)) \(unit)/s"
        if let total, rate > 0, total > done {
            let left = Int(Double(total - done) / rate)
            text += "  \(left / 60):" + (left % 60 < 10 ? "0" : "") + "\(left % 60) left"
        }
        return text
    }

    static func scaled(_ value: Double) -> String {
        func oneDecimal(_ value: Double) -> String {
            let tenths = Int((value * 10).rounded())
            return "\(tenths / 10).\(tenths % 10)"
        }
        if value >= 1e9 { return oneDecimal(value / 1e9) + " G" }
        if value >= 1e6 { return oneDecimal(value / 1e6) + " M" }
        if value >= 1e3 { return oneDecimal(value / 1e3) + " k" }
        return oneDecimal(value)
    }
}
