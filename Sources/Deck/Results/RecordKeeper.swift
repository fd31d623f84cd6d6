package import Journal
package import Kernel
package import Market
package import StrategyHost

/// Keeps everything that slots record in memory: for tables of trades and equity, and for tests.
package final class RecordKeeper: RecordSink {
    package struct SlotRecords: Sendable {
        package var records = Records()
        package var log: [LogLine] = []
        package var signals: [SignalRecord] = []
        package var points: [PlotPoint] = []
        /// At which event, and in what words, its strategy failed.
        package var faults: [(sequence: UInt64, text: String)] = []
    }

    package private(set) var slots: [SlotRecords] = []
    package private(set) var instruments: [Instrument] = []
    package private(set) var commands: [CommandRecord] = []
    package private(set) var identity: RunIdentity?
    /// Another sink that gets everything after this one.
    private let next: (any RecordSink)?

    package init(then next: (any RecordSink)? = nil) { self.next = next }

    package func begin(
        _ identity: RunIdentity, slots: [SlotIdentity], instruments: [Instrument],
        at started: Timestamp
    ) throws(DeckFailure) {
        self.identity = identity
        self.instruments = instruments
        self.slots = Array(repeating: SlotRecords(), count: slots.count)
        try next?.begin(identity, slots: slots, instruments: instruments, at: started)
    }

    package func take(slot: Int, _ records: inout Records) throws(DeckFailure) {
        slots[slot].records.orders += records.orders
        slots[slot].records.fills += records.fills
        slots[slot].records.ledger += records.ledger
        slots[slot].records.roundTrips += records.roundTrips
        slots[slot].records.equity += records.equity
        slots[slot].records.breaches += records.breaches
        if let next { try next.take(slot: slot, &records) } else { records.removeAll() }
    }

    package func take(slot: Int, _ output: inout StrategyOutput) throws(DeckFailure) {
        slots[slot].log += output.log.lines
        slots[slot].signals += output.signals
        slots[slot].points += output.points
        try next?.take(slot: slot, &output)
    }

    package func fault(
        slot: Int, sequence: UInt64, time: Timestamp, text: String
    ) throws(DeckFailure) {
        slots[slot].faults.append((sequence, text))
        try next?.fault(slot: slot, sequence: sequence, time: time, text: text)
    }

    package func command(_ record: CommandRecord) throws(DeckFailure) {
        commands.append(record)
        try next?.command(record)
    }

    package func slot(_ slot: SlotIdentity, at index: Int) throws(DeckFailure) {
        while slots.count <= index { slots.append(SlotRecords()) }
        try next?.slot(slot, at: index)
    }

    package func end(_ result: RunResult, at finished: Timestamp) throws(DeckFailure) {
        try next?.end(result, at: finished)
    }

    package func fail(at finished: Timestamp) { next?.fail(at: finished) }
}
