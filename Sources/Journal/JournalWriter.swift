import Dispatch
package import Kernel
package import Market
import Synchronization

/// Writes runs to a journal file: one writer thread, one transaction a batch, bounded memory.
///
/// Full: when `capacity` batches wait, `append` waits for the writer; nothing is dropped. A failure
/// of the writer (a full disk) is thrown by the next call.
package final class JournalWriter: Sendable {
    package let path: String
    private let queue = DispatchQueue(label: "tapedeck.journal")
    private let room: DispatchSemaphore
    private let state: Mutex<State>

    /// What both sides touch, for moments only.
    private struct State {
        var failure: JournalFailure?
        var spare: [Parcel] = []
    }

    /// What one hand-over carries. It goes round: whoever has it, nobody else touches it, so its
    /// arrays belong to one owner at a time and emptying them leaves their room as it is.
    private final class Parcel: @unchecked Sendable {
        var records = Records()
    }

    /// Lives on the writer's queue only, apart from creation.
    private let rows: Rows

    /// Opens or creates the journal at `path`.
    /// - Parameter capacity: batches that may wait. More would not make a slow disk faster, and
    ///   each is memory that the playing thread finds cold.
    package init(path: String, capacity: Int = 32) throws(JournalFailure) {
        self.path = path
        rows = try Rows(path: path)
        room = DispatchSemaphore(value: capacity)
        state = Mutex(State())
    }

    /// Begins a run and answers its number.
    package func begin(
        _ identity: RunIdentity, slots: [SlotIdentity], instruments: [Instrument],
        at started: Timestamp
    ) throws(JournalFailure) -> Int64 {
        try onQueue { rows throws(JournalFailure) in
            try rows.begin(identity, slots: slots, instruments: instruments, at: started)
        }
    }

    /// Hands over what a slot has to tell and leaves `records` empty, with room to go on.
    package func append(run: Int64, slot: Int, _ records: inout Records) throws(JournalFailure) {
        if records.isEmpty { return }
        room.wait()
        let (failure, spare) = state.withLock {
            ($0.failure, $0.failure == nil ? $0.spare.popLast() : nil)
        }
        if let failure {
            room.signal()
            throw failure
        }
        let parcel = spare ?? Parcel()
        parcel.records.append(records)
        records.removeAll()
        queue.async { [self] in
            write { rows throws(JournalFailure) in
                try rows.write(parcel.records, run: run, slot: slot)
            }
            parcel.records.removeAll()
            state.withLock { $0.spare.append(parcel) }
            room.signal()
        }
    }

    /// Notes that a slot was stopped, and why.
    package func fault(
        run: Int64, slot: Int, sequence: UInt64, time: Timestamp, text: String
    ) throws(JournalFailure) {
        try onQueue { rows throws(JournalFailure) in
            try rows.fault(run: run, slot: slot, sequence: sequence, time: time, text: text)
        }
    }

    /// Notes something that was done to the run while it played.
    package func command(_ record: CommandRecord, run: Int64) throws(JournalFailure) {
        try onQueue { rows throws(JournalFailure) in try rows.command(record, run: run) }
    }

    /// Notes a slot that came while the run played, or that is now another plug-in's.
    package func slot(_ slot: SlotIdentity, at index: Int, run: Int64) throws(JournalFailure) {
        try onQueue { rows throws(JournalFailure) in try rows.slot(slot, at: index, run: run) }
    }

    /// Ends a run: everything before it is on disk when this returns.
    package func end(run: Int64, _ ending: RunEnding) throws(JournalFailure) {
        try onQueue { rows throws(JournalFailure) in try rows.end(run: run, ending) }
    }

    /// Says of a run that it did not come to its end, even when it is the journal itself that
    /// failed: then as well as that goes, and if it does not, the run is left without an end, as by
    /// a crash.
    package func fail(run: Int64, at finished: Timestamp) throws(JournalFailure) {
        try wait { rows throws(JournalFailure) in try rows.fail(run: run, at: finished) }
    }

    private func write(_ body: (Rows) throws(JournalFailure) -> Void) {
        guard state.withLock({ $0.failure == nil }) else { return }
        do {
            try body(rows)
        } catch {
            state.withLock { $0.failure = error }
        }
    }

    private func onQueue<Answer: Sendable>(
        _ body: @escaping @Sendable (Rows) throws(JournalFailure) -> Answer
    ) throws(JournalFailure) -> Answer {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return try wait { [self] rows throws(JournalFailure) in
            // A batch before this call may have failed while it waited its turn.
            if let failure = state.withLock({ $0.failure }) { throw failure }
            return try body(rows)
        }
    }

    /// Has it done behind everything that waits, and waits for that. Never on the caller's own
    /// thread, as a synchronous call of the queue would be: whoever commits may have to move the
    /// whole log into the file.
    private func wait<Answer: Sendable>(
        _ body: @escaping @Sendable (Rows) throws(JournalFailure) -> Answer
    ) throws(JournalFailure) -> Answer {
        let reply = Reply<Answer>()
        queue.async { [rows] in
            do throws(JournalFailure) {
                reply.answer = .success(try body(rows))
            } catch {
                reply.answer = .failure(error)
            }
            reply.isThere.signal()
        }
        reply.isThere.wait()
        guard let answer = reply.answer else {
            preconditionFailure("a call has ended without an answer")
        }
        return try answer.get()
    }

    /// Written by the queue before it signals, read by the caller after that.
    private final class Reply<Answer: Sendable>: @unchecked Sendable {
        var answer: Result<Answer, JournalFailure>?
        let isThere = DispatchSemaphore(value: 0)
    }
}

extension Records {
    /// Copies, list by list: whoever plays goes on in memory that he has at hand, and does not
    /// write record by record where the writer has just read.
    fileprivate mutating func append(_ others: borrowing Records) {
        orders.append(contentsOf: others.orders)
        fills.append(contentsOf: others.fills)
        ledger.append(contentsOf: others.ledger)
        roundTrips.append(contentsOf: others.roundTrips)
        equity.append(contentsOf: others.equity)
        breaches.append(contentsOf: others.breaches)
    }

    package var isEmpty: Bool {
        orders.isEmpty && fills.isEmpty && ledger.isEmpty && roundTrips.isEmpty && equity.isEmpty
            && breaches.isEmpty
    }
}
