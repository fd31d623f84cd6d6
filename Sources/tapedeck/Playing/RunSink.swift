import Deck
import Journal
import Kernel
import Market
import StrategyHost

/// Hands what slots tell to who watches, then to the journal; either may be missing.
final class RunSink: RecordSink {
    private let journal: JournalSink?
    private let watcher: RunWatcher?
    private var complaints = StrategyComplaints()

    init(journal: JournalSink?, watcher: RunWatcher?) {
        self.journal = journal
        self.watcher = watcher
    }

    func begin(
        _ identity: RunIdentity, slots: [SlotIdentity], instruments: [Instrument],
        at started: Timestamp
    ) throws(DeckFailure) {
        complaints.names = slots.map(\.name)
        watcher?.begin(slots, instruments)
        try journal?.begin(identity, slots: slots, instruments: instruments, at: started)
    }

    func take(slot: Int, _ records: inout Records) throws(DeckFailure) {
        watcher?.watch(slot: slot, records)
        if let journal { try journal.take(slot: slot, &records) } else { records.removeAll() }
    }

    func take(slot: Int, _ output: inout StrategyOutput) throws(DeckFailure) {
        if let watcher {
            watcher.watch(slot: slot, output.log)
        } else {
            complaints.tell(slot: slot, output.log)
        }
        output.removeAll()
    }

    func fault(slot: Int, sequence: UInt64, time: Timestamp, text: String) throws(DeckFailure) {
        watcher?.fault(slot: slot, sequence: sequence, time: time, text: text)
        try journal?.fault(slot: slot, sequence: sequence, time: time, text: text)
    }

    func command(_ record: CommandRecord) throws(DeckFailure) {
        watcher?.watch(record)
        try journal?.command(record)
    }

    func slot(_ slot: SlotIdentity, at index: Int) throws(DeckFailure) {
        complaints.setName(slot.name, at: index)
        watcher?.set(slot, at: index)
        try journal?.slot(slot, at: index)
    }

    func end(_ result: RunResult, at finished: Timestamp) throws(DeckFailure) {
        try journal?.end(result, at: finished)
    }

    func fail(at finished: Timestamp) { journal?.fail(at: finished) }
}

/// Warnings and errors that strategies log during a backtest: the first of each are shown.
private struct StrategyComplaints {
    var names: [String] = []
    private var told: [Int] = []
    private static let most = 5

    mutating func setName(_ name: String, at index: Int) {
        while names.count <= index { names.append(name) }
        names[index] = name
        if !told.isEmpty { while told.count < names.count { told.append(0) } }
    }

    mutating func tell(slot: Int, _ log: LogLines) {
        let lines = log.lines.filter { $0.level >= .warning }
        guard !lines.isEmpty else { return }
        if told.isEmpty { told = Array(repeating: 0, count: names.count) }
        for line in lines where told[slot] < Self.most {
            told[slot] += 1
            let rest =
                told[slot] == Self.most
                ? " (no more of these are shown; `tapedeck run` shows all)" : ""
            printError("\(names[slot]): \(line.text)\(rest)")
        }
    }
}
