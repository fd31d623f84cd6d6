import Deck
import Glibc
import Journal
import Kernel
import Market
import StrategyHost

/// Prints what happens in a run, as it happens: in the order of the events, of one event in the
/// order of the slots.
final class RunWatcher {
    private struct Line {
        var sequence: UInt64
        var text: String
    }

    private let isJSON: Bool
    private let isQuiet: Bool
    private let terminal: Terminal
    private var instruments: [Instrument]
    private var slots: [SlotIdentity] = []
    private var nameWidth = 0
    private var waiting: [Line] = []

    init(_ configuration: DeckConfiguration, isJSON: Bool, isQuiet: Bool, _ terminal: Terminal) {
        self.isJSON = isJSON
        self.isQuiet = isQuiet
        self.terminal = terminal
        instruments = configuration.outline.instruments
    }

    private static let longestName = 18

    func begin(_ slots: [SlotIdentity], _ instruments: [Instrument]) {
        self.slots = slots
        self.instruments = instruments
        nameWidth = slots.map { min($0.name.count, Self.longestName) }.max() ?? 0
    }

    func watch(slot: Int, _ records: borrowing Records) {
        guard !isQuiet else { return }
        for fill in records.fills { add(.fill(fill), slot) }
        for trip in records.roundTrips { add(.roundTrip(trip), slot) }
        for breach in records.breaches { add(.breach(breach), slot) }
    }

    func watch(slot: Int, _ log: LogLines) {
        guard !isQuiet else { return }
        for line in log.lines where line.level > .debug { add(.log(line), slot) }
    }

    func fault(slot: Int, sequence: UInt64, time: Timestamp, text: String) {
        guard !isQuiet else { return }
        add(.fault(sequence: sequence, time: time, text: text), slot)
    }

    func set(_ slot: SlotIdentity, at index: Int) {
        while slots.count <= index { slots.append(slot) }
        slots[index] = slot
        nameWidth = max(nameWidth, min(slot.name.count, Self.longestName))
    }

    func watch(_ record: CommandRecord) {
        guard !isQuiet else { return }
        let words = CommandText(record, name: record.slot.map { slots[$0].name })
        waiting.append(
            Line(
                sequence: record.sequence,
                text: isJSON
                    ? words.json
                    : words.line(terminal, nameWidth: nameWidth, longest: Self.longestName)))
    }

    private func add(_ happening: Happening, _ slot: Int) {
        let words = HappeningText(
            happening, slots[slot], instruments,
            slot: slots[slot].name.shortened(to: Self.longestName)
                .padded(to: nameWidth))
        waiting.append(
            Line(
                sequence: happening.sequence, text: isJSON ? words.json : words.line(terminal)))
    }

    /// Prints what has come since; between two blocks, so that lines of different slots stand in
    /// order.
    func flush() {
        guard !waiting.isEmpty else { return }
        let inOrder = waiting.enumerated().sorted { a, b in
            (a.element.sequence, a.offset) < (b.element.sequence, b.offset)
        }
        for line in inOrder { print(line.element.text) }
        waiting.removeAll(keepingCapacity: true)
        // A reader at the other end of a pipe wants it now.
        fflush(nil)
    }
}

/// One thing that happened to a slot.
enum Happening {
    case fill(FillRecord)
    case roundTrip(RoundTrip)
    case breach(BreachRecord)
    case log(LogLine)
    case fault(sequence: UInt64, time: Timestamp, text: String)

    /// Of the event at which it happened.
    var sequence: UInt64 {
        switch self {
        case .fill(let fill): fill.sequence
        case .roundTrip(let trip): trip.exitSequence
        case .breach(let breach): breach.sequence
        case .log(let line): line.sequence
        case .fault(let sequence, _, _): sequence
        }
    }

    /// Nil where only the number of the event is known.
    var time: Timestamp? {
        switch self {
        case .fill(let fill): fill.time
        case .roundTrip(let trip): trip.exitTime
        case .breach(let breach): breach.time
        case .log: nil
        case .fault(_, let time, _): time
        }
    }
}
