import Journal
import Kernel
import Market
import StrategyHost

/// Keeps what slots decide, and nothing else of a run.
final class DecisionKeeper: RecordSink {
    private var decisions: [[Decision]] = []
    /// Plotted values, whose names are known only at the end.
    private var points: [[PlotPoint]] = []
    private(set) var names: [String] = []

    func begin(
        _ identity: RunIdentity, slots: [SlotIdentity], instruments: [Instrument],
        at started: Timestamp
    ) throws(DeckFailure) {
        names = slots.map(\.name)
        decisions = slots.map { _ in [] }
        points = slots.map { _ in [] }
    }

    func take(slot: Int, _ records: inout Records) throws(DeckFailure) {
        for record in records.orders { add(slot, record.sequence, record.time, .order(record)) }
        for record in records.fills { add(slot, record.sequence, record.time, .fill(record)) }
        for record in records.ledger { add(slot, record.sequence, record.time, .ledger(record)) }
        for record in records.breaches { add(slot, record.sequence, record.time, .breach(record)) }
        records.removeAll()
    }

    func take(slot: Int, _ output: inout StrategyOutput) throws(DeckFailure) {
        for signal in output.signals { add(slot, signal.sequence, signal.time, .signal(signal)) }
        points[slot] += output.points
    }

    func fault(slot: Int, sequence: UInt64, time: Timestamp, text: String) throws(DeckFailure) {
        add(slot, sequence, time, .fault(text))
    }

    /// What was done from outside is the same in every play of a tape.
    func command(_ record: CommandRecord) throws(DeckFailure) {}

    func slot(_ slot: SlotIdentity, at index: Int) throws(DeckFailure) {
        while names.count <= index {
            names.append(slot.name)
            decisions.append([])
            points.append([])
        }
    }

    func end(_ result: RunResult, at finished: Timestamp) throws(DeckFailure) {}

    private func add(_ slot: Int, _ sequence: UInt64, _ time: Timestamp, _ act: Decision.Act) {
        decisions[slot].append(Decision(sequence: sequence, time: time, act: act))
    }

    /// - Parameter plotNames: of a slot's plotted values.
    func logs(_ plotNames: (Int) -> [String]) -> [DecisionLog] {
        names.indices.map { slot in
            let known = plotNames(slot)
            let plots = points[slot].map { point in
                let name =
                    Int(point.name) < known.count ? known[Int(point.name)] : "plot \(point.name)"
                return Decision(
                    sequence: point.sequence, time: point.time,
                    act: .plot(name: name, bits: point.value.bitPattern))
            }
            return DecisionLog(name: names[slot], decisions: decisions[slot] + plots)
        }
    }
}
