package import CTapedeck
package import Market

/// Which instruments have not yet had the bars that must pass before they may be traded.
package struct WarmUp: Codable {
    private var bars: Int
    private let timeFrames: [UInt32]
    /// By instrument and time frame: bars still to come; empty for an instrument that is not wired.
    private var missing: [[Int]]
    /// Instruments and time frames that still wait.
    private var waiting: Int
    /// Whatever came before is history, nanoseconds.
    private let begins: Int64
    /// Nobody waits any more, and the time has come.
    package private(set) var isOver: Bool

    package init(
        bars: Int, instruments: [InstrumentID], timeFrames: [UInt32],
        until begins: Timestamp = .distantPast
    ) {
        self.begins = begins.rawValue
        self.bars = bars
        self.timeFrames = timeFrames
        missing = Array(repeating: [], count: (instruments.max().map { Int($0) } ?? -1) + 1)
        waiting = bars > 0 ? instruments.count * timeFrames.count : 0
        isOver = waiting == 0 && begins == .distantPast
        guard waiting > 0 else { return }
        for instrument in instruments {
            missing[Int(instrument)] = Array(repeating: bars, count: timeFrames.count)
        }
    }

    /// Whether an event is history: of an instrument that waits; or of none, while all wait.
    package func covers(_ event: Event) -> Bool {
        if event.time < begins { return true }
        switch Int(event.type) {
        case Int(TD_EVENT_BAR), Int(TD_EVENT_TRADE), Int(TD_EVENT_QUOTE), Int(TD_EVENT_DEPTH):
            return Int(event.instrument) < missing.count
                && missing[Int(event.instrument)].contains { $0 > 0 }
        default: return waiting > 0 && missing.allSatisfy { $0.isEmpty || $0.contains { $0 > 0 } }
        }
    }

    /// Whether bars of an instrument are still missing. Not of one that is not wired.
    package func waits(for instrument: InstrumentID) -> Bool {
        Int(instrument) < missing.count && missing[Int(instrument)].contains { $0 > 0 }
    }

    /// Whether an event is before the time at which the first results count.
    package func precedes(_ event: Event) -> Bool { event.time < begins }

    /// The same with so many bars, where some have passed: who has had all of his needs no more.
    func asking(_ bars: Int) -> WarmUp {
        var other = self
        for instrument in missing.indices {
            for frame in missing[instrument].indices where missing[instrument][frame] > 0 {
                let left = max(0, missing[instrument][frame] + bars - self.bars)
                other.missing[instrument][frame] = left
                if left == 0 { other.waiting -= 1 }
            }
        }
        other.bars = bars
        return other
    }

    /// Counts an event that has been delivered.
    package mutating func count(_ event: Event) {
        defer { isOver = waiting == 0 && event.time >= begins }
        guard event.type == TD_EVENT_BAR, Int(event.instrument) < missing.count,
            let frame = timeFrames.firstIndex(of: event.timeframe),
            frame < missing[Int(event.instrument)].count, missing[Int(event.instrument)][frame] > 0
        else { return }
        missing[Int(event.instrument)][frame] -= 1
        if missing[Int(event.instrument)][frame] == 0 { waiting -= 1 }
    }
}
