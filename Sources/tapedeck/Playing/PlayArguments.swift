import ArgumentParser
import Deck

/// What `backtest` and `run` have in common.
struct PlayArguments: ParsableArguments {
    @OptionGroup var source: ConfigurationFile
    @Option(help: "Play from this time on: 2024-01-31, or 2024-01-31T14:30:00Z.")
    var from: String?
    @Option(help: "Play until before this time.")
    var to: String?
    @Option(help: "Threads that play slots; the result is the same for any number.")
    var lanes: Int?
    @Flag(help: "Every figure of every strategy, each with its convention.")
    var detail = false
    @Flag(help: "Answer as JSON.")
    var json = false
    @Flag(help: "Print no result.")
    var quiet = false
    @OptionGroup var tables: RunTables
    @Option(help: ArgumentHelp("Keep the run in this journal.", valueName: "file"))
    var journal: String?
    @Flag(help: "Keep the run nowhere.")
    var noJournal = false

    func validate() throws {
        if let lanes, !(1...1_024).contains(lanes) {
            throw ValidationError("--lanes takes a number from 1 to 1024")
        }
        if journal != nil, noJournal {
            throw ValidationError("--journal and --no-journal exclude each other")
        }
        if json, quiet { throw ValidationError("--json and --quiet exclude each other") }
    }

    /// The configuration with all that the command line changes in it.
    func configuration() throws -> DeckConfiguration {
        var source = self.source
        if let from { source.overrides.append("feed.from=\(from)") }
        if let to { source.overrides.append("feed.to=\(to)") }
        return try source.load()
    }

    /// Where the run is kept: as the command line says, else the configuration, else the usual
    /// place.
    func journalChoice(_ configuration: DeckConfiguration) -> JournalPlace {
        if noJournal { return tables.isWanted ? .untilTablesAreWritten : .none }
        if let journal { return .file(journal) }
        switch configuration.journal {
        case .standard: return .file(JournalFile.standard)
        case .none: return tables.isWanted ? .untilTablesAreWritten : .none
        case .file(let path): return .file(path)
        }
    }

    static let discussion = """
        Ctrl-C ends the run after the present block and keeps what was played until then; pressed three times it \
        ends at once. Exit codes: 0 done; 1 something failed, or a strategy was stopped (the results are shown, the reason \
        is on standard error); 2 the configuration has problems; 130 interrupted.
        --trades has the columns strategy, symbol, side, quantity, entry_time, entry_price, exit_time, exit_price, \
        exit_reason, gross, costs, net, worst, best, bars, currency; --equity has strategy, time, equity, cash, \
        exposure, currency. Times are UTC; all numbers are exact.
        """
}

/// Where the records of a run go.
enum JournalPlace: Hashable {
    case file(String)
    /// A file that is removed again: the tables are made of it.
    case untilTablesAreWritten
    case none
}
