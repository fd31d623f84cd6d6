import ArgumentParser
import Deck
import Feeds
import Journal
import Kernel
import Market

/// Round trips and equity as CSV files, from the journal: exact decimals, times in UTC.
struct RunTables: ParsableArguments {
    @Option(help: ArgumentHelp("Write the round trips to this CSV file.", valueName: "file.csv"))
    var trades: String?
    @Option(
        help: ArgumentHelp("Write the equity's samples to this CSV file.", valueName: "file.csv"))
    var equity: String?

    var isWanted: Bool { trades != nil || equity != nil }

    static let tradeColumns =
        "strategy,symbol,side,quantity,entry_time,entry_price,exit_time,exit_price,exit_reason,gross,costs,net,"
        + "worst,best,bars,currency,rate,net_in_base,base_currency"
    static let equityColumns = "strategy,time,equity,cash,exposure,currency"

    func write(_ run: Int64, of journal: JournalReader) throws {
        do {
            let slots = try journal.slots(of: run)
            if let trades { try writeTrades(run, slots, journal, trades) }
            if let equity { try writeEquity(run, slots, journal, equity) }
        } catch let failure as JournalFailure {
            throw failed(failure)
        } catch let failure as FeedError {
            throw failed(failure)
        }
    }

    private func writeTrades(
        _ run: Int64, _ slots: [SlotIdentity], _ journal: JournalReader, _ path: String
    ) throws {
        let file = try OutputFile(replacing: path)
        let instruments = try journal.symbols(of: run)
        var table = CSVTable(file, header: Self.tradeColumns)
        for (index, slot) in slots.enumerated() {
            for trip in try journal.roundTrips(run: run, slot: index) {
                table.add(trip, of: slot, instruments[Int(trip.instrument)])
                try table.writeIfFull()
            }
        }
        try table.finish()
    }

    private func writeEquity(
        _ run: Int64, _ slots: [SlotIdentity], _ journal: JournalReader, _ path: String
    ) throws {
        let file = try OutputFile(replacing: path)
        var table = CSVTable(file, header: Self.equityColumns)
        for (index, slot) in slots.enumerated() {
            for sample in try journal.equity(run: run, slot: index) {
                table.add(sample, of: slot)
                try table.writeIfFull()
            }
        }
        try table.finish()
    }
}
