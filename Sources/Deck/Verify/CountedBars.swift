import CTapedeck
import Feeds
import Market
import StrategyHost

/// The bars of a slot's longest time frame as the deck makes them, and tapes with so many of them
/// before one.
struct CountedBars {
    /// Closing times, by instrument of the slot, ascending.
    private let closes: [InstrumentID: [Int64]]
    private let series: [[Int64]]
    private let tape: TapeFile
    private let range: Range<Int>

    init(_ slot: SlotPlan, _ frame: UInt32, _ rehearsal: TapeTrial) throws(DeckFailure) {
        var configuration = rehearsal.configuration
        configuration.slots = [slot]
        // What lies before the run's beginning is history that is there.
        configuration.feed.from = nil
        let tape = configuration.open.tape
        self.tape = tape
        let end = configuration.feed.to.map { tape.place(at: $0.rawValue) } ?? tape.count
        range = 0..<end
        var planning = DeckPlanning(configuration, PlayOptions())
        let parts = try planning.assemble(rehearsal.plugins)
        var found: [InstrumentID: [Int64]] = [:]
        while let block = try unsafe parts.blocks.next() {
            for index in unsafe 0..<block.count {
                let event = unsafe block.events[index]
                guard event.type == TD_EVENT_BAR, event.timeframe == frame,
                    slot.instruments.contains(event.instrument)
                else { continue }
                found[event.instrument, default: []].append(event.time)
            }
        }
        closes = found
        series = slot.instruments.map { found[$0] ?? [] }
    }

    /// The most bars that an instrument has.
    var count: Int { series.map(\.count).max() ?? 0 }

    /// The close of the last bar that is history, for a share of the tape.
    func moment(_ share: Double) -> Timestamp {
        let times = series.compactMap { $0.isEmpty ? nil : $0[Int(Double($0.count - 1) * share)] }
        return Timestamp(nanoseconds: times.max() ?? 0)
    }

    /// Bars up to `moment` that every instrument has, but for the one before them.
    func longest(before moment: Timestamp) -> Int {
        (series.map { $0.count { $0 <= moment.rawValue } }.min() ?? 0) - 1
    }

    /// The tape without what lies before `history` bars of each instrument.
    func tape(history: Int, before moment: Timestamp) throws(DeckFailure) -> TapeFile {
        var begins = [Int64](repeating: .min, count: tape.contents.instruments.count)
        var earliest = Int64.max
        for (instrument, times) in closes {
            // Everything up to the close of the bar before the first one that is kept.
            let place = times.count { $0 <= moment.rawValue } - history - 1
            begins[Int(instrument)] = place >= 0 ? times[place] : .min
            earliest = min(earliest, begins[Int(instrument)])
        }
        let events = unsafe tape.events[range].filter { event in
            if event.isOfSession || event.type == TD_EVENT_COMMAND { return event.time > earliest }
            guard Int(event.instrument) < begins.count, closes[event.instrument] != nil else {
                return event.time > earliest
            }
            return event.time > begins[Int(event.instrument)]
        }
        return try tape.remade(Array(events), name: "\(history) bars of history")
    }
}
