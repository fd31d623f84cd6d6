import Foundation
import Kernel
import Market
import TestGround
import Testing

@testable import Journal

let dollar = Currency(code: "USD", exponent: 6)
let identity = RunIdentity(
    kind: "backtest", configurationPath: "strategies.yaml", configuration: "cash: 1",
    configurationDigest: "c0",
    source: "synthetic", tapeDigest: "t0", isSynthetic: true, seed: UInt64.max, version: "0.1.0")
let slot = SlotIdentity(
    name: "one", plugin: "org.tapedeck.test", pluginVersion: "1.0.0", pluginDigest: "p0",
    parameters: #"{"n":3}"#,
    currency: dollar, cash: Money(100_000_000_000), isolation: "worker",
    walls: "worker: every layer")
let stock = Instrument(
    id: 0, symbol: "ABC", currency: dollar, priceExponent: -2, quantityExponent: 0,
    priceStep: Price(1),
    quantityStep: Quantity(1))

func fill(_ sequence: UInt64) -> FillRecord {
    FillRecord(
        order: 7, tag: 9, sequence: sequence, time: Timestamp(seconds: 5), quantity: Quantity(-3),
        price: Price(1234),
        cash: Money(37_020_000), fee: Money(10_000), realised: Money(-5), cashAfter: Money(1),
        positionAfter: .zero,
        instrument: 0, reason: Reason(rawValue: 34), isMaker: false, isAmbiguous: true)
}

func roundTrip(_ gross: Int64) -> RoundTrip {
    RoundTrip(
        instrument: 0, side: -1, exitReason: Reason(rawValue: 35), entrySequence: 1,
        exitSequence: 4,
        entryTime: Timestamp(seconds: 1), exitTime: Timestamp(seconds: 4), quantity: Quantity(3),
        entryPrice: Price(100), exitPrice: Price(90), gross: Money(gross), costs: Money(2),
        worst: Money(-7),
        best: Money(40), bars: 3)
}

let sample = EquitySample(
    sequence: 4, time: Timestamp(seconds: 4), equity: Money(11), cash: Money(10), exposure: Money(1)
)

@Suite struct JournalTests {
    @Test func `what was written is read back as it was`() throws {
        let folder = ScratchFolder()
        let writer = try JournalWriter(path: folder.file("runs.db"))
        let run = try writer.begin(
            identity, slots: [slot], instruments: [stock], at: Timestamp(seconds: 100))
        var records = Records()
        records.fills.append(fill(4))
        records.roundTrips = [roundTrip(30), roundTrip(-8)]
        records.equity.append(sample)
        try writer.append(run: run, slot: 0, &records)
        #expect(records.isEmpty)
        try writer.fault(
            run: run, slot: 0, sequence: 4, time: Timestamp(seconds: 4), text: "create failed")
        try writer.end(
            run: run,
            RunEnding(
                status: .complete, finished: Timestamp(seconds: 101),
                firstEvent: Timestamp(seconds: 1),
                lastEvent: Timestamp(seconds: 4), events: 4, digest: "d0", slotDigests: ["s0"],
                result: #"{"a":1}"#))

        let reader = try JournalReader(path: folder.file("runs.db"))
        #expect(
            try reader.runs() == [
                RunSummary(
                    id: run, kind: "backtest", status: .complete, started: Timestamp(seconds: 100),
                    finished: Timestamp(seconds: 101), events: 4, slots: 1, faults: 1,
                    source: "synthetic",
                    isSynthetic: true, configurationPath: "strategies.yaml", version: "0.1.0",
                    digest: "d0")
            ])
        #expect(try reader.roundTrips(run: run, slot: 0) == [roundTrip(30), roundTrip(-8)])
        #expect(try reader.equity(run: run, slot: 0) == [sample])
        #expect(try reader.slots(of: run) == [slot])
        #expect(try reader.result(of: run) == #"{"a":1}"#)
        #expect(try reader.run(run + 1) == nil)
    }

    @Test func `ledger lines hold every movement of cash`() throws {
        let folder = ScratchFolder()
        let writer = try JournalWriter(path: folder.file("runs.db"))
        let run = try writer.begin(
            identity, slots: [slot], instruments: [stock], at: Timestamp(seconds: 1))
        var records = Records()
        records.fills.append(fill(2))
        records.ledger.append(
            LedgerRecord(
                sequence: 3, time: Timestamp(seconds: 6), amount: Money(44), cashAfter: Money(45),
                instrument: 0,
                kind: .dividend))
        try writer.append(run: run, slot: 0, &records)
        try writer.end(
            run: run,
            RunEnding(
                status: .complete, finished: .init(seconds: 2), firstEvent: .init(seconds: 1),
                lastEvent: .init(seconds: 1), events: 1, digest: "", slotDigests: [], result: "{}"))
        let rows = try Database(path: folder.file("runs.db"), readOnly: true)
            .prepare("SELECT kind, amount FROM ledger_lines ORDER BY sequence, amount")
        var lines: [String] = []
        while try rows.step() { lines.append("\(rows.text(0) ?? "") \(rows.integer(1))") }
        #expect(lines == ["commission -10000", "trade 37020000", "dividend 44"])
    }

    @Test func `a slow writer makes the producer wait and loses nothing`() throws {
        let folder = ScratchFolder()
        let writer = try JournalWriter(path: folder.file("runs.db"), capacity: 2)
        let run = try writer.begin(
            identity, slots: [slot], instruments: [stock], at: Timestamp(seconds: 1))
        var records = Records()
        for sequence in 0..<500 {
            records.fills.append(fill(UInt64(sequence)))
            records.roundTrips.append(roundTrip(Int64(sequence)))
            try writer.append(run: run, slot: 0, &records)
        }
        try writer.end(
            run: run,
            RunEnding(
                status: .interrupted, finished: .init(seconds: 2), firstEvent: .init(seconds: 1),
                lastEvent: .init(seconds: 1), events: 1, digest: "", slotDigests: [], result: "{}"))
        let reader = try JournalReader(path: folder.file("runs.db"))
        #expect(try reader.roundTrips(run: run, slot: 0).map(\.gross.rawValue) == Array(0..<500))
        #expect(try reader.run(run)?.status == .interrupted)
    }

    @Test(arguments: [
        "not a database, only text that is long enough to be looked at by anybody who opens it", "",
    ])
    func `a file that is no journal is refused and left alone`(content: String) throws {
        let folder = ScratchFolder()
        let path = folder.file("other.db")
        try Data(content.utf8).write(to: URL(filePath: path))
        if content.isEmpty {
            _ = try JournalWriter(path: path)  // SQLite's own empty file
            return
        }
        let failure = #expect(throws: JournalFailure.self) { _ = try JournalWriter(path: path) }
        #expect(failure?.description.contains("move it away") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == content)
    }

    @Test func `a journal of a newer Tapedeck is refused`() throws {
        let folder = ScratchFolder()
        do {
            let database = try Database(path: folder.file("new.db"))
            try database.run("PRAGMA user_version = 99")
        }
        let failure = #expect(throws: JournalFailure.self) {
            _ = try JournalWriter(path: folder.file("new.db"))
        }
        #expect(failure?.description.contains("newer Tapedeck (format 99") == true)
    }

    private func begun(_ folder: ScratchFolder) throws -> (JournalWriter, Int64) {
        let writer = try JournalWriter(path: folder.file("runs.db"))
        return (
            writer,
            try writer.begin(
                identity, slots: [slot], instruments: [stock], at: Timestamp(seconds: 100))
        )
    }

    @Test func `a run goes on while its process does, and has crashed when that is gone`() throws {
        let folder = ScratchFolder()
        let (_, run) = try begun(folder)
        let reader = try JournalReader(path: folder.file("runs.db"))
        #expect(try reader.run(run)?.status == .running)
        let database = try Database(path: folder.file("runs.db"))
        // The same number, but another process.
        try database.run("UPDATE processes SET began = began + 1")
        #expect(try reader.run(run)?.status == .crashed)
        #expect(try reader.runs().map(\.status) == [.crashed])
        try database.run("UPDATE processes SET boot = 'of another machine'")
        #expect(try reader.run(run)?.status == .running)
    }

    @Test func `a journal of before processes were noted is read and written on`() throws {
        let folder = ScratchFolder()
        _ = try begun(folder)
        let database = try Database(path: folder.file("runs.db"))
        try database.run("DROP TABLE processes")
        let reader = try JournalReader(path: folder.file("runs.db"))
        #expect(try reader.runs().map(\.status) == [.running])
        let (_, second) = try begun(folder)
        #expect(try reader.runs().map(\.id) == [second, second - 1])
    }

    @Test func `a run that cannot go on is a failed one, even when the journal is what fails`()
        throws
    {
        let folder = ScratchFolder()
        let (writer, run) = try begun(folder)
        var records = Records()
        records.fills.append(fill(4))
        let other = try Database(path: folder.file("runs.db"))
        try other.run("DROP TABLE fills")
        try writer.append(run: run, slot: 0, &records)
        #expect(throws: JournalFailure.self) {
            try writer.fault(
                run: run, slot: 0, sequence: 4, time: Timestamp(seconds: 4), text: "stopped")
        }
        try writer.fail(run: run, at: Timestamp(seconds: 200))
        let summary = try #require(try JournalReader(path: folder.file("runs.db")).run(run))
        #expect(summary.status == .failed)
        #expect(summary.finished == Timestamp(seconds: 200))
        #expect(summary.digest == nil)
    }

    @Test func `a folder that does not exist is named`() throws {
        let failure = #expect(throws: JournalFailure.self) {
            _ = try JournalWriter(path: "/nonexistent/folder/runs.db")
        }
        #expect(failure?.description.contains("/nonexistent/folder/runs.db") == true)
        #expect(failure?.description.contains("check that the folder exists") == true)
    }
}
