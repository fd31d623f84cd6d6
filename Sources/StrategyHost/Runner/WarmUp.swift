import CTapedeck
import Market

/// Which instruments have not yet had the bars that must pass before they may be traded.
struct WarmUp {
    private let bars: Int
    private let timeFrames: [UInt32]
    /// By instrument and time frame: bars still to come; empty for an instrument that is not wired.
    private var missing: [[Int]]
    /// Instruments and time frames that still wait.
    private var waiting: Int

    init(bars: Int, instruments: [InstrumentID], timeFrames: [UInt32]) {
        self.bars = bars
        self.timeFrames = timeFrames
        missing = Array(repeating: [], count: (instruments.max().map { Int($0) } ?? -1) + 1)
        waiting = bars > 0 ? instruments.count * timeFrames.count : 0
        guard waiting > 0 else { return }
        for instrument in instruments { missing[Int(instrument)] = Array(repeating: bars, count: timeFrames.count) }
    }

    var isOver: Bool { waiting == 0 }

    /// Whether an event is history: of an instrument that waits; or of none, while all wait.
    func covers(_ event: Event) -> Bool {
        switch Int(event.type) {
        case Int(TD_EVENT_BAR), Int(TD_EVENT_TRADE), Int(TD_EVENT_QUOTE), Int(TD_EVENT_DEPTH):
            Int(event.instrument) < missing.count && missing[Int(event.instrument)].contains { $0 > 0 }
        default: missing.allSatisfy { $0.isEmpty || $0.contains { $0 > 0 } }
        }
    }

    /// Counts an event that has been delivered.
    mutating func count(_ event: Event) {
        guard event.type == TD_EVENT_BAR, Int(event.instrument) < missing.count,
            let frame = timeFrames.firstIndex(of: event.timeframe),
            frame < missing[Int(event.instrument)].count, missing[Int(event.instrument)][frame] > 0
        else { return }
        missing[Int(event.instrument)][frame] -= 1
        if missing[Int(event.instrument)][frame] == 0 { waiting -= 1 }
    }
}
