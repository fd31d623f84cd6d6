import Market

/// Where one calendar stands, as told by the session events of the tape. A calendar that has not
/// spoken yet is taken as always open, in sessions of one UTC day.
struct SessionClock {
    static let day: Int64 = 86_400_000_000_000

    /// What `td_session.calendar` says of it.
    let calendar: UInt32
    var hasSpoken = false
    var isOpen = true
    /// Of the present or the last session.
    var opens = Int64.min
    var closes = Int64.max
    /// Counts sessions.
    var number: Int64 = 0

    init(calendar: UInt32) { self.calendar = calendar }

    mutating func open(_ opens: Int64, _ closes: Int64) {
        hasSpoken = true
        isOpen = true
        self.opens = opens
        self.closes = closes
        number += 1
    }

    mutating func close() {
        hasSpoken = true
        isOpen = false
    }

    /// The session in which an order sent at `time` still works: at or after the close it is the
    /// next one.
    func sessionOfOrder(at time: Int64) -> Int64 { isOpen && time < closes ? number : number + 1 }

    /// The end of the day in which an order sent at `time` works.
    static func midnight(after time: Int64) -> Int64 {
        let day = time >= 0 ? time / day : (time - day + 1) / day
        let (next, overflow) = (day + 1).multipliedReportingOverflow(by: Self.day)
        return overflow ? .max : next
    }

    /// Whether a bar is the first of its session, given where the one before it closed.
    func isFirst(barOpening opens: Int64, after last: Int64, span: Int64) -> Bool {
        if last == .min { return true }
        if hasSpoken { return last <= self.opens }
        return Self.midnight(after: opens) != Self.midnight(after: last &- span)
    }

    /// Whether a bar ends its session.
    func isLast(barClosing time: Int64) -> Bool {
        hasSpoken ? isOpen && time >= closes : time % Self.day == 0
    }
}
