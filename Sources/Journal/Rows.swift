import Kernel
import Market

/// The statements that write a journal. Used on the writer's queue alone, which is why it may be
/// shared.
final class Rows: @unchecked Sendable {
    private let database: Database
    private let order, fill, ledger, roundTrip, tripRate, equity, breach, faultRow,
        commandRow: Statement

    init(path: String) throws(JournalFailure) {
        let database = try Database(path: path)
        // WAL with NORMAL: a crash of the process loses nothing; a power cut may lose the last
        // batches of a backtest, which can be run again.
        try database.run(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;")
        try Rows.migrate(database)
        try database.run(Schema.additions)
        func insert(_ table: String, _ columns: Int) throws(JournalFailure) -> Statement {
            let marks = Array(repeating: "?", count: columns).joined(separator: ",")
            return try database.prepare("INSERT INTO \(table) VALUES (\(marks))")
        }
        self.database = database
        order = try insert("orders", 19)
        fill = try insert("fills", 17)
        ledger = try insert("ledger", 8)
        roundTrip = try insert("round_trips", 18)
        tripRate = try database.prepare("INSERT OR REPLACE INTO trip_rates VALUES (?,?,?,?,?)")
        equity = try insert("equity", 7)
        breach = try insert("breaches", 9)
        faultRow = try insert("faults", 5)
        commandRow = try insert("commands", 9)
    }

    private static func migrate(_ database: Database) throws(JournalFailure) {
        let row = try database.prepare("PRAGMA user_version")
        let version = try row.step() ? row.integer(0) : 0
        _ = try row.step()
        if version == Schema.version { return }
        guard version == 0 else {
            throw JournalFailure(
                "cannot use \(database.path)", code: 0,
                message:
                    "it was written by a newer Tapedeck (format \(version), this one knows \(Schema.version)); use that one or another file"
            )
        }
        try database.run("BEGIN; \(Schema.tables) PRAGMA user_version = \(Schema.version); COMMIT;")
    }

    private func transaction<Answer>(
        _ body: () throws(JournalFailure) -> Answer
    ) throws(JournalFailure) -> Answer {
        try database.run("BEGIN")
        do {
            let answer = try body()
            try database.run("COMMIT")
            return answer
        } catch {
            // The reason of the first failure matters, not that of a roll-back that SQLite may have
            // done itself.
            do { try database.run("ROLLBACK") } catch {}
            throw error
        }
    }

    func begin(
        _ identity: RunIdentity, slots: [SlotIdentity], instruments: [Instrument],
        at started: Timestamp
    ) throws(JournalFailure) -> Int64 {
        try transaction { () throws(JournalFailure) in
            let run = try database.prepare(
                """
                INSERT INTO runs (kind, status, started, configuration_path, configuration, configuration_sha256,
                  source, tape_digest, is_synthetic, seed, version) VALUES (?,?,?,?,?,?,?,?,?,?,?)
                """)
            run.bind(identity.kind)
            run.bind(RunStatus.running.rawValue)
            run.bind(started.rawValue)
            run.bind(identity.configurationPath)
            run.bind(identity.configuration)
            run.bind(identity.configurationDigest)
            run.bind(identity.source)
            run.bind(identity.tapeDigest)
            run.bind(Int64(identity.isSynthetic ? 1 : 0))
            run.bind(identity.seed)
            run.bind(identity.version)
            try run.execute()
            let id = database.lastInsertedID
            try write(slots, run: id)
            try write(instruments, run: id)
            if let process = ProcessMark.own { try write(process, run: id) }
            return id
        }
    }

    private func write(_ process: ProcessMark, run: Int64) throws(JournalFailure) {
        let row = try database.prepare("INSERT OR REPLACE INTO processes VALUES (?,?,?,?)")
        row.bind(run)
        row.bind(process.number)
        row.bind(process.began)
        row.bind(process.boot)
        try row.execute()
    }

    /// What was written of the run stays.
    func fail(run: Int64, at finished: Timestamp) throws(JournalFailure) {
        try transaction { () throws(JournalFailure) in
            let row = try database.prepare("UPDATE runs SET status = ?, finished = ? WHERE id = ?")
            row.bind(RunStatus.failed.rawValue)
            row.bind(finished.rawValue)
            row.bind(run)
            try row.execute()
        }
    }

    private func write(_ slots: [SlotIdentity], run: Int64) throws(JournalFailure) {
        for (index, slot) in slots.enumerated() { try write(slot, at: index, run: run) }
    }

    private func write(_ slot: SlotIdentity, at index: Int, run: Int64) throws(JournalFailure) {
        let row = try database.prepare(
            """
            INSERT INTO slots (run, slot, name, plugin, plugin_version, plugin_sha256, parameters, currency,
              money_exponent, cash) VALUES (?,?,?,?,?,?,?,?,?,?)
            """)
        row.bind(run)
        row.bind(Int64(index))
        row.bind(slot.name)
        row.bind(slot.plugin)
        row.bind(slot.pluginVersion)
        row.bind(slot.pluginDigest)
        row.bind(slot.parameters)
        row.bind(slot.currency.code)
        row.bind(Int64(slot.currency.exponent))
        row.bind(slot.cash.rawValue)
        try row.execute()
        let walls = try database.prepare("INSERT OR REPLACE INTO walls VALUES (?,?,?,?)")
        walls.bind(run)
        walls.bind(Int64(index))
        walls.bind(slot.isolation)
        walls.bind(slot.walls)
        try walls.execute()
    }

    private func write(_ instruments: [Instrument], run: Int64) throws(JournalFailure) {
        let row = try database.prepare("INSERT INTO instruments VALUES (?,?,?,?,?,?,?,?,?)")
        let money = try database.prepare("INSERT INTO money_exponents VALUES (?,?,?)")
        for instrument in instruments {
            row.bind(run)
            row.bind(Int64(instrument.id))
            row.bind(instrument.symbol)
            row.bind(instrument.currency.code)
            row.bind(instrument.calendar)
            row.bind(Int64(instrument.priceExponent))
            row.bind(Int64(instrument.quantityExponent))
            row.bind(instrument.multiplier)
            row.bind(Int64(instrument.isSynthetic ? 1 : 0))
            try row.execute()
            money.bind(run)
            money.bind(Int64(instrument.id))
            money.bind(Int64(instrument.currency.exponent))
            try money.execute()
        }
    }

    func write(_ records: Records, run: Int64, slot: Int) throws(JournalFailure) {
        try transaction { () throws(JournalFailure) in
            let slot = Int64(slot)
            for record in records.orders { try write(record, run, slot) }
            for record in records.fills { try write(record, run, slot) }
            for record in records.ledger { try write(record, run, slot) }
            for record in records.roundTrips { try write(record, run, slot) }
            for record in records.equity { try write(record, run, slot) }
            for record in records.breaches { try write(record, run, slot) }
        }
    }

    private func start(
        _ row: Statement, _ run: Int64, _ slot: Int64, _ sequence: UInt64, _ time: Timestamp
    ) {
        row.bind(run)
        row.bind(slot)
        row.bind(sequence)
        row.bind(time.rawValue)
    }

    private func write(_ record: OrderRecord, _ run: Int64, _ slot: Int64) throws(JournalFailure) {
        start(order, run, slot, record.sequence, record.time)
        order.bind(record.order)
        order.bind(record.state.name)
        order.bind(Int64(record.reason.rawValue))
        order.bind(Int64(record.instrument))
        order.bind(record.kind.name)
        order.bind(record.timeInForce.name)
        order.bind(record.quantity.rawValue)
        order.bind(record.filled.rawValue)
        order.bind(record.limit.rawValue)
        order.bind(record.stop.rawValue)
        order.bind(record.expires.rawValue)
        order.bind(record.parent)
        order.bind(Int64(record.oco))
        order.bind(record.tag)
        order.bind(Int64(record.flags))
        try order.execute()
    }

    private func write(_ record: FillRecord, _ run: Int64, _ slot: Int64) throws(JournalFailure) {
        start(fill, run, slot, record.sequence, record.time)
        fill.bind(record.order)
        fill.bind(Int64(record.instrument))
        fill.bind(record.quantity.rawValue)
        fill.bind(record.price.rawValue)
        fill.bind(record.cash.rawValue)
        fill.bind(record.fee.rawValue)
        fill.bind(record.realised.rawValue)
        fill.bind(record.cashAfter.rawValue)
        fill.bind(record.positionAfter.rawValue)
        fill.bind(Int64(record.reason.rawValue))
        fill.bind(record.tag)
        fill.bind(Int64(record.isMaker ? 1 : 0))
        fill.bind(Int64(record.isAmbiguous ? 1 : 0))
        try fill.execute()
    }

    private func write(_ record: LedgerRecord, _ run: Int64, _ slot: Int64) throws(JournalFailure) {
        start(ledger, run, slot, record.sequence, record.time)
        ledger.bind(record.kind.name)
        ledger.bind(Int64(record.instrument))
        ledger.bind(record.amount.rawValue)
        ledger.bind(record.cashAfter.rawValue)
        try ledger.execute()
    }

    private func write(_ trip: RoundTrip, _ run: Int64, _ slot: Int64) throws(JournalFailure) {
        roundTrip.bind(run)
        roundTrip.bind(slot)
        roundTrip.bind(Int64(trip.instrument))
        roundTrip.bind(Int64(trip.side))
        roundTrip.bind(trip.quantity.rawValue)
        roundTrip.bind(trip.entrySequence)
        roundTrip.bind(trip.entryTime.rawValue)
        roundTrip.bind(trip.entryPrice.rawValue)
        roundTrip.bind(trip.exitSequence)
        roundTrip.bind(trip.exitTime.rawValue)
        roundTrip.bind(trip.exitPrice.rawValue)
        roundTrip.bind(Int64(trip.exitReason.rawValue))
        roundTrip.bind(trip.gross.rawValue)
        roundTrip.bind(trip.costs.rawValue)
        roundTrip.bind(trip.gross.rawValue - trip.costs.rawValue)
        roundTrip.bind(trip.worst.rawValue)
        roundTrip.bind(trip.best.rawValue)
        roundTrip.bind(Int64(trip.bars))
        try roundTrip.execute()
        // Of what trades in the money that the account is kept in there is nothing to say.
        if trip.rate == 1 { return }
        tripRate.bind(run)
        tripRate.bind(slot)
        tripRate.bind(Int64(trip.instrument))
        tripRate.bind(trip.exitSequence)
        tripRate.bind(trip.rate)
        try tripRate.execute()
    }

    private func write(_ sample: EquitySample, _ run: Int64, _ slot: Int64) throws(JournalFailure) {
        start(equity, run, slot, sample.sequence, sample.time)
        equity.bind(sample.equity.rawValue)
        equity.bind(sample.cash.rawValue)
        equity.bind(sample.exposure.rawValue)
        try equity.execute()
    }

    private func write(_ record: BreachRecord, _ run: Int64, _ slot: Int64) throws(JournalFailure) {
        start(breach, run, slot, record.sequence, record.time)
        breach.bind(record.rule.rawValue)
        breach.bind(record.action.rawValue)
        breach.bind(Int64(record.instrument))
        breach.bind(record.measured)
        breach.bind(record.allowed)
        try breach.execute()
    }

    func fault(
        run: Int64, slot: Int, sequence: UInt64, time: Timestamp, text: String
    ) throws(JournalFailure) {
        start(faultRow, run, Int64(slot), sequence, time)
        faultRow.bind(text)
        try faultRow.execute()
    }

    func command(_ record: CommandRecord, run: Int64) throws(JournalFailure) {
        start(commandRow, run, record.slot.map { Int64($0) } ?? -1, record.sequence, record.time)
        commandRow.bind(record.at.rawValue)
        for text in [record.who, record.command, record.answer] { commandRow.bind(text) }
        commandRow.bind(Int64(record.isDone ? 1 : 0))
        try commandRow.execute()
    }

    /// A slot that came while the run played, or that is now another plug-in's.
    func slot(_ slot: SlotIdentity, at index: Int, run: Int64) throws(JournalFailure) {
        try transaction { () throws(JournalFailure) in
            let row = try database.prepare("DELETE FROM slots WHERE run = ? AND slot = ?")
            row.bind(run)
            row.bind(Int64(index))
            try row.execute()
            try write(slot, at: index, run: run)
        }
    }

    func end(run: Int64, _ ending: RunEnding) throws(JournalFailure) {
        try transaction { () throws(JournalFailure) in
            let row = try database.prepare(
                """
                UPDATE runs SET status = ?, finished = ?, first_event = ?, last_event = ?, events = ?, digest = ?,
                  result = ? WHERE id = ?
                """)
            row.bind(ending.status.rawValue)
            row.bind(ending.finished.rawValue)
            row.bind(ending.firstEvent.rawValue)
            row.bind(ending.lastEvent.rawValue)
            row.bind(Int64(ending.events))
            row.bind(ending.digest)
            row.bind(ending.result)
            row.bind(run)
            try row.execute()
            let slot = try database.prepare(
                "UPDATE slots SET digest = ? WHERE run = ? AND slot = ?")
            for (index, digest) in ending.slotDigests.enumerated() {
                slot.bind(digest)
                slot.bind(run)
                slot.bind(Int64(index))
                try slot.execute()
            }
        }
        try database.run(Schema.indices)
    }
}
