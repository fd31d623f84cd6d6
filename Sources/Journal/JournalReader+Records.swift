package import Kernel
package import Market

/// One slot's records of a run as the journal has them, each kind in the order in which it was
/// written.
package struct StoredRecords: Hashable, Sendable {
    package var orders: [OrderRecord] = []
    package var fills: [FillRecord] = []
    package var ledger: [LedgerRecord] = []
    package var breaches: [BreachRecord] = []
    package var faults: [StoredFault] = []

    package init() {}
}

/// Why and when a slot was stopped.
package struct StoredFault: Hashable, Sendable {
    package var sequence: UInt64
    package var time: Timestamp
    package var text: String
}

extension JournalReader {
    /// What a run was made with; nil for an unknown run.
    package func identity(of run: Int64) throws(JournalFailure) -> RunIdentity? {
        let row = try database.prepare(
            """
            SELECT kind, configuration_path, configuration, configuration_sha256, source, tape_digest, is_synthetic,
              seed, version FROM runs WHERE id = ?
            """)
        row.bind(run)
        guard try row.step() else { return nil }
        let identity = RunIdentity(
            kind: row.text(0) ?? "", configurationPath: row.text(1),
            configuration: row.text(2) ?? "",
            configurationDigest: row.text(3) ?? "", source: row.text(4) ?? "",
            tapeDigest: row.text(5) ?? "",
            isSynthetic: row.integer(6) != 0, seed: UInt64(bitPattern: row.integer(7)),
            version: row.text(8) ?? "")
        _ = try row.step()
        return identity
    }

    /// Of the first and last event played, and how many; nil for a run that did not end.
    package func span(
        of run: Int64
    ) throws(JournalFailure) -> (first: Timestamp, last: Timestamp, events: Int)? {
        let row = try database.prepare(
            "SELECT first_event, last_event, events, result FROM runs WHERE id = ?")
        row.bind(run)
        guard try row.step() else { return nil }
        let span = (
            first: Timestamp(nanoseconds: row.integer(0)),
            last: Timestamp(nanoseconds: row.integer(1)),
            events: Int(row.integer(2))
        )
        let hasEnded = row.text(3) != nil
        _ = try row.step()
        return hasEnded ? span : nil
    }

    /// The digests of a run's slots, in order; nil where one did not end.
    package func slotDigests(of run: Int64) throws(JournalFailure) -> [String?] {
        let row = try database.prepare("SELECT digest FROM slots WHERE run = ? ORDER BY slot")
        row.bind(run)
        var digests: [String?] = []
        while try row.step() { digests.append(row.text(0)) }
        return digests
    }

    /// Everything that one slot decided and that was done for it.
    package func records(run: Int64, slot: Int) throws(JournalFailure) -> StoredRecords {
        var records = StoredRecords()
        records.orders = try orders(run, slot)
        records.fills = try fills(run, slot)
        records.ledger = try ledger(run, slot)
        records.breaches = try breaches(run, slot)
        records.faults = try faults(run, slot)
        return records
    }

    private func rows(
        _ columns: String, _ table: String, _ run: Int64, _ slot: Int
    ) throws(JournalFailure) -> Statement {
        let row = try database.prepare(
            "SELECT sequence, time, \(columns) FROM \(table) WHERE run = ? AND slot = ? ORDER BY rowid"
        )
        row.bind(run)
        row.bind(Int64(slot))
        return row
    }

    private func orders(_ run: Int64, _ slot: Int) throws(JournalFailure) -> [OrderRecord] {
        let row = try rows(
            """
            "order", state, reason, instrument, kind, time_in_force, quantity, filled, limit_price, stop_price, expires,
            parent, oco, tag, flags
            """, "orders", run, slot)
        var found: [OrderRecord] = []
        while try row.step() {
            guard let state = OrderState(named: row.text(3)),
                let kind = OrderKind(named: row.text(6)),
                let force = TimeInForce(named: row.text(7))
            else { throw unreadable("orders", run) }
            found.append(
                OrderRecord(
                    order: row.word(2), parent: row.word(13), tag: row.word(15),
                    sequence: row.word(0),
                    time: Timestamp(nanoseconds: row.integer(1)),
                    quantity: Quantity(row.integer(8)),
                    filled: Quantity(row.integer(9)), limit: Price(row.integer(10)),
                    stop: Price(row.integer(11)),
                    expires: Timestamp(nanoseconds: row.integer(12)), instrument: row.instrument(5),
                    kind: kind,
                    timeInForce: force, state: state,
                    flags: UInt32(truncatingIfNeeded: row.integer(16)),
                    oco: UInt32(truncatingIfNeeded: row.integer(14)), reason: row.reason(4)))
        }
        return found
    }

    private func fills(_ run: Int64, _ slot: Int) throws(JournalFailure) -> [FillRecord] {
        let row = try rows(
            """
            "order", instrument, quantity, price, cash, fee, realised, cash_after, position_after, reason, tag,
            is_maker, is_ambiguous
            """, "fills", run, slot)
        var found: [FillRecord] = []
        while try row.step() {
            found.append(
                FillRecord(
                    order: row.word(2), tag: row.word(12), sequence: row.word(0),
                    time: Timestamp(nanoseconds: row.integer(1)),
                    quantity: Quantity(row.integer(4)),
                    price: Price(row.integer(5)), cash: Money(row.integer(6)),
                    fee: Money(row.integer(7)),
                    realised: Money(row.integer(8)), cashAfter: Money(row.integer(9)),
                    positionAfter: Quantity(row.integer(10)), instrument: row.instrument(3),
                    reason: row.reason(11),
                    isMaker: row.integer(13) != 0, isAmbiguous: row.integer(14) != 0))
        }
        return found
    }

    private func ledger(_ run: Int64, _ slot: Int) throws(JournalFailure) -> [LedgerRecord] {
        let row = try rows("kind, instrument, amount, cash_after", "ledger", run, slot)
        var found: [LedgerRecord] = []
        while try row.step() {
            guard let kind = LedgerRecord.Kind(named: row.text(2)) else {
                throw unreadable("ledger", run)
            }
            found.append(
                LedgerRecord(
                    sequence: row.word(0), time: Timestamp(nanoseconds: row.integer(1)),
                    amount: Money(row.integer(4)),
                    cashAfter: Money(row.integer(5)), instrument: row.instrument(3), kind: kind))
        }
        return found
    }

    private func breaches(_ run: Int64, _ slot: Int) throws(JournalFailure) -> [BreachRecord] {
        let row = try rows("rule, action, instrument, measured, allowed", "breaches", run, slot)
        var found: [BreachRecord] = []
        while try row.step() {
            guard let rule = row.text(2).flatMap(RiskSettings.Rule.init),
                let action = row.text(3).flatMap(RiskSettings.Action.init)
            else { throw unreadable("breaches", run) }
            found.append(
                BreachRecord(
                    sequence: row.word(0), time: Timestamp(nanoseconds: row.integer(1)), rule: rule,
                    action: action,
                    instrument: row.instrument(4), measured: row.number(5), allowed: row.number(6)))
        }
        return found
    }

    private func faults(_ run: Int64, _ slot: Int) throws(JournalFailure) -> [StoredFault] {
        let row = try rows("text", "faults", run, slot)
        var found: [StoredFault] = []
        while try row.step() {
            found.append(
                StoredFault(
                    sequence: row.word(0), time: Timestamp(nanoseconds: row.integer(1)),
                    text: row.text(2) ?? ""))
        }
        return found
    }

    private func unreadable(_ table: String, _ run: Int64) -> JournalFailure {
        JournalFailure(
            "cannot read the \(table) of run \(run)", code: 0,
            message:
                "there is a word that this version does not know; use the version that wrote it")
    }
}

extension Statement {
    fileprivate func word(_ column: Int32) -> UInt64 { UInt64(bitPattern: integer(column)) }
    fileprivate func instrument(_ column: Int32) -> InstrumentID {
        InstrumentID(truncatingIfNeeded: integer(column))
    }
    fileprivate func reason(_ column: Int32) -> Reason {
        Reason(rawValue: UInt16(truncatingIfNeeded: integer(column)))
    }
}
