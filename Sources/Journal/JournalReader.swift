package import Kernel
package import Market

/// One line of the list of runs.
package struct RunSummary: Hashable, Sendable, Codable {
    package var id: Int64
    package var kind: String
    package var status: RunStatus
    package var started: Timestamp
    package var finished: Timestamp?
    package var events: Int
    package var slots: Int
    package var faults: Int
    package var source: String
    package var isSynthetic: Bool
    package var configurationPath: String?
    package var version: String
    package var digest: String?
}

/// Reads a journal; many may read while one writes.
package final class JournalReader {
    let database: Database

    package init(path: String) throws(JournalFailure) {
        database = try Database(path: path, readOnly: true)
    }

    /// The runs, newest first.
    package func runs(limit: Int = 50) throws(JournalFailure) -> [RunSummary] {
        try summaries("ORDER BY id DESC LIMIT ?", Int64(limit))
    }

    package func run(_ id: Int64) throws(JournalFailure) -> RunSummary? {
        try summaries("WHERE id = ?", id).first
    }

    private func summaries(_ clause: String, _ value: Int64) throws(JournalFailure) -> [RunSummary]
    {
        let row = try database.prepare(
            """
            SELECT id, kind, status, started, finished, events, source, is_synthetic, configuration_path, version,
              digest, (SELECT count(*) FROM slots WHERE run = id), (SELECT count(*) FROM faults WHERE run = id)
            FROM runs \(clause)
            """)
        row.bind(value)
        var found: [RunSummary] = []
        while try row.step() {
            let finished = row.integer(4)
            found.append(
                RunSummary(
                    id: row.integer(0), kind: row.text(1) ?? "",
                    status: try present(
                        row.text(2).flatMap(RunStatus.init) ?? .failed, of: row.integer(0)),
                    started: Timestamp(nanoseconds: row.integer(3)),
                    finished: finished == 0 ? nil : Timestamp(nanoseconds: finished),
                    events: Int(row.integer(5)), slots: Int(row.integer(11)),
                    faults: Int(row.integer(12)),
                    source: row.text(6) ?? "", isSynthetic: row.integer(7) != 0,
                    configurationPath: row.text(8), version: row.text(9) ?? "", digest: row.text(10)
                ))
        }
        return found
    }

    /// A run whose process is gone without a word does not go on.
    private func present(_ status: RunStatus, of run: Int64) throws(JournalFailure) -> RunStatus {
        guard status == .running, let process = try process(of: run), !process.mayGoOn else {
            return status
        }
        return .crashed
    }

    /// A journal of an earlier version may lack a table.
    private func has(_ table: String) throws(JournalFailure) -> Bool {
        let row = try database.prepare(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")
        row.bind(table)
        return try row.step()
    }

    /// Nil where nobody noted it.
    private func process(of run: Int64) throws(JournalFailure) -> ProcessMark? {
        guard try has("processes") else { return nil }
        let row = try database.prepare("SELECT number, began, boot FROM processes WHERE run = ?")
        row.bind(run)
        guard try row.step() else { return nil }
        return ProcessMark(number: row.integer(0), began: row.integer(1), boot: row.text(2) ?? "")
    }

    /// The result of a run as the JSON it was stored as; nil for an unknown run or one that did not
    /// end.
    package func result(of run: Int64) throws(JournalFailure) -> String? {
        let row = try database.prepare("SELECT result FROM runs WHERE id = ?")
        row.bind(run)
        let text = try row.step() ? row.text(0) : nil
        return text
    }

    /// Round trips of one slot, in the order they ended.
    package func roundTrips(run: Int64, slot: Int) throws(JournalFailure) -> [RoundTrip] {
        let hasRates = try has("trip_rates")
        let rates = "LEFT JOIN trip_rates USING (run, slot, instrument, exit_sequence)"
        let row = try database.prepare(
            """
            SELECT instrument, side, exit_reason, entry_sequence, exit_sequence, entry_time, exit_time, quantity,
              entry_price, exit_price, gross, costs, worst, best, bars, \(hasRates ? "coalesce(rate, 1)" : "1")
            FROM round_trips \(hasRates ? rates : "") WHERE run = ? AND slot = ? ORDER BY round_trips.rowid
            """)
        row.bind(run)
        row.bind(Int64(slot))
        var found: [RoundTrip] = []
        while try row.step() {
            var trip = RoundTrip(
                instrument: InstrumentID(truncatingIfNeeded: row.integer(0)),
                side: Int8(truncatingIfNeeded: row.integer(1)),
                exitReason: Reason(rawValue: UInt16(truncatingIfNeeded: row.integer(2))),
                entrySequence: UInt64(bitPattern: row.integer(3)),
                exitSequence: UInt64(bitPattern: row.integer(4)),
                entryTime: Timestamp(nanoseconds: row.integer(5)),
                exitTime: Timestamp(nanoseconds: row.integer(6)),
                quantity: Quantity(row.integer(7)), entryPrice: Price(row.integer(8)),
                exitPrice: Price(row.integer(9)), gross: Money(row.integer(10)),
                costs: Money(row.integer(11)), worst: Money(row.integer(12)),
                best: Money(row.integer(13)),
                bars: UInt32(truncatingIfNeeded: row.integer(14)))
            trip.rate = row.number(15)
            found.append(trip)
        }
        return found
    }

    /// Equity samples of one slot, in order.
    package func equity(run: Int64, slot: Int) throws(JournalFailure) -> [EquitySample] {
        let row = try database.prepare(
            "SELECT sequence, time, equity, cash, exposure FROM equity WHERE run = ? AND slot = ? ORDER BY rowid"
        )
        row.bind(run)
        row.bind(Int64(slot))
        var found: [EquitySample] = []
        while try row.step() {
            found.append(
                EquitySample(
                    sequence: UInt64(bitPattern: row.integer(0)),
                    time: Timestamp(nanoseconds: row.integer(1)),
                    equity: Money(row.integer(2)), cash: Money(row.integer(3)),
                    exposure: Money(row.integer(4))))
        }
        return found
    }

    /// The instruments of a run, by number.
    package func symbols(of run: Int64) throws(JournalFailure) -> [RunInstrument] {
        // Whoever wrote no exponents of money had one account's money for all.
        let hasMoney = try has("money_exponents")
        let money = "LEFT JOIN money_exponents USING (run, instrument)"
        let row = try database.prepare(
            """
            SELECT symbol, currency, price_exponent, quantity_exponent, \(hasMoney ? "coalesce(exponent, -1)" : "-1")
            FROM instruments \(hasMoney ? money : "") WHERE run = ? ORDER BY instrument
            """)
        row.bind(run)
        var found: [RunInstrument] = []
        while try row.step() {
            found.append(
                RunInstrument(
                    symbol: row.text(0) ?? "", currency: row.text(1) ?? "",
                    priceExponent: Int(row.integer(2)), quantityExponent: Int(row.integer(3)),
                    moneyExponent: row.integer(4) < 0 ? nil : Int(row.integer(4))))
        }
        return found
    }

    /// The slots of a run, in order.
    package func slots(of run: Int64) throws(JournalFailure) -> [SlotIdentity] {
        let hasWalls = try has("walls")
        let row = try database.prepare(
            """
            SELECT name, plugin, plugin_version, plugin_sha256, parameters, currency, money_exponent, cash,
              \(hasWalls ? "isolation, walls.walls" : "NULL, NULL")
            FROM slots \(hasWalls ? "LEFT JOIN walls USING (run, slot)" : "") WHERE run = ? ORDER BY slot
            """)
        row.bind(run)
        var found: [SlotIdentity] = []
        while try row.step() {
            found.append(
                SlotIdentity(
                    name: row.text(0) ?? "", plugin: row.text(1) ?? "",
                    pluginVersion: row.text(2) ?? "",
                    pluginDigest: row.text(3) ?? "", parameters: row.text(4) ?? "{}",
                    currency: Currency(code: row.text(5) ?? "", exponent: Int(row.integer(6))),
                    cash: Money(row.integer(7)), isolation: row.text(8) ?? "",
                    walls: row.text(9) ?? ""))
        }
        return found
    }
}

/// What is needed to print the exact numbers of one instrument of a run.
package struct RunInstrument: Hashable, Sendable, Codable {
    package var symbol: String
    package var currency: String
    package var priceExponent: Int
    package var quantityExponent: Int
    /// Decimals of its currency's money; nil where they are the account's.
    package var moneyExponent: Int?

    package init(
        symbol: String, currency: String, priceExponent: Int, quantityExponent: Int,
        moneyExponent: Int? = nil
    ) {
        self.moneyExponent = moneyExponent
        self.symbol = symbol
        self.currency = currency
        self.priceExponent = priceExponent
        self.quantityExponent = quantityExponent
    }
}
