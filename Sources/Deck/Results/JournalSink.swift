import FoundationEssentials
package import Journal
package import Kernel
package import Market
package import StrategyHost
import Synchronization

/// Writes a run to the journal.
package final class JournalSink: RecordSink, Sendable {
    private struct Run {
        var number: Int64?
        /// Of its strategies, by index.
        var names: [String] = []
    }

    private let writer: JournalWriter
    private let present = Mutex(Run())
    /// Its number in the journal, once it has begun.
    package var run: Int64? { present.withLock { $0.number } }

    package init(_ writer: JournalWriter) { self.writer = writer }

    package func begin(
        _ identity: RunIdentity, slots: [SlotIdentity], instruments: [Instrument],
        at started: Timestamp
    ) throws(DeckFailure) {
        let number = try written { () throws(JournalFailure) in
            try writer.begin(identity, slots: slots, instruments: instruments, at: started)
        }
        present.withLock { $0 = Run(number: number, names: slots.map(\.name)) }
    }

    package func take(slot: Int, _ records: inout Records) throws(DeckFailure) {
        guard let run else { return }
        do {
            try writer.append(run: run, slot: slot, &records)
        } catch {
            throw DeckFailure(error.description)
        }
    }

    /// Signals, plotted values and log lines have no table.
    package func take(slot: Int, _ output: inout StrategyOutput) throws(DeckFailure) {}

    package func fault(
        slot: Int, sequence: UInt64, time: Timestamp, text: String
    ) throws(DeckFailure) {
        guard let run else { return }
        try written { () throws(JournalFailure) in
            try writer.fault(run: run, slot: slot, sequence: sequence, time: time, text: text)
        }
    }

    /// Of a strategy by its name, seen by another thread than the one that plays: at no event.
    package func fault(ofStrategy name: String, text: String) throws(DeckFailure) {
        let place = present.withLock { $0.names.lastIndex(of: name) }
        guard let place else { return }
        try fault(slot: place, sequence: 0, time: Timestamp(nanoseconds: 0), text: text)
    }

    package func command(_ record: CommandRecord) throws(DeckFailure) {
        guard let run else { return }
        try written { () throws(JournalFailure) in try writer.command(record, run: run) }
    }

    package func slot(_ slot: SlotIdentity, at index: Int) throws(DeckFailure) {
        guard let run else { return }
        present.withLock { present in
            while present.names.count <= index { present.names.append("") }
            present.names[index] = slot.name
        }
        try written { () throws(JournalFailure) in try writer.slot(slot, at: index, run: run) }
    }

    package func end(_ result: RunResult, at finished: Timestamp) throws(DeckFailure) {
        guard let run else { return }
        let ending = RunEnding(
            status: result.status, finished: finished,
            firstEvent: result.firstEvent?.time ?? Timestamp(nanoseconds: 0),
            lastEvent: result.lastEvent?.time ?? Timestamp(nanoseconds: 0), events: result.events,
            digest: result.digest, slotDigests: result.slots.map(\.digest), result: try result.json)
        try written { () throws(JournalFailure) in try writer.end(run: run, ending) }
    }

    package func fail(at finished: Timestamp) {
        guard let run else { return }
        // Why the run failed is about to be told; that the journal could not note it adds nothing
        // to that.
        do throws(JournalFailure) { try writer.fail(run: run, at: finished) } catch {}
    }

    private func written<Answer>(
        _ body: () throws(JournalFailure) -> Answer
    ) throws(DeckFailure) -> Answer {
        do {
            return try body()
        } catch {
            throw DeckFailure(error.description)
        }
    }
}

extension RunResult {
    /// As the journal keeps it; keys in order, so that equal results are equal texts.
    package var json: String {
        get throws(DeckFailure) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            do {
                return String(decoding: try encoder.encode(self), as: UTF8.self)
            } catch {
                throw DeckFailure("the result cannot be written as JSON: \(error)")
            }
        }
    }

    /// Of what the journal kept.
    package static func read(_ json: String) throws(DeckFailure) -> RunResult {
        do {
            let decoder = JSONDecoder()
            decoder.nonConformingFloatDecodingStrategy = .convertFromString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            return try decoder.decode(RunResult.self, from: Data(json.utf8))
        } catch {
            throw DeckFailure("the journal's result cannot be read: \(error)")
        }
    }
}
