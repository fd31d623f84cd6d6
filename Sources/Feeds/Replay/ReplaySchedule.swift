package import CTapedeck

/// When each event of a tape is due, as a function of its time alone; it never looks at a clock.
package struct ReplaySchedule: Hashable, Sendable {
    package let speed: ReplaySpeed
    /// No pause of the tape takes longer than this, in nanoseconds of the clock: nights and weekends.
    package let longestPause: Int64
    // The last event that was let through, and when it was due.
    private var lastTime: Int64?
    private var lastDue: Int64

    /// `start` is the clock's reading at which the first event is due. Clocks are monotonic nanoseconds.
    package init(_ speed: ReplaySpeed, start: Int64, longestPause: Int64 = .max) {
        self.speed = speed
        self.longestPause = max(0, longestPause)
        lastDue = start
    }

    /// When an event that follows those let through is due.
    package func due(_ time: Int64) -> Int64 {
        guard case .times(let times) = speed, let lastTime, time > lastTime else { return lastDue }
        let (step, overflow) = time.subtractingReportingOverflow(lastTime)
        let scaled = (overflow ? Double(Int64.max) : Double(step)) / times
        let pause = scaled < Double(longestPause) ? Int64(exactly: scaled.rounded()) ?? longestPause : longestPause
        let (due, late) = lastDue.addingReportingOverflow(pause)
        return late ? .max : due
    }

    /// How many of the next events are due at `now`; they count as let through. `next` is when the one behind
    /// them is due; nil when all are.
    package mutating func admit(
        _ events: UnsafeBufferPointer<Event>, now: Int64
    ) -> (count: Int, next: Int64?) {
        if speed == .maximum { return (events.count, nil) }
        for index in 0..<events.count {
            let time = unsafe events[index].time
            let due = due(time)
            if due > now { return (index, due) }
            lastDue = due
            lastTime = max(lastTime ?? .min, time)
        }
        return (events.count, nil)
    }
}
