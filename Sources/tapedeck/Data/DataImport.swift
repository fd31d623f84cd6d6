import ArgumentParser
import Deck
import Feeds
import Market

struct DataImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a tape of CSV files: look at them, check every row, convert.",
        discussion: """
            How a file is written (separator, header, columns, stamps, zone, length of bars) is found out and \
            explained; every option below overrides what would be found. Every bad row is reported with file, line \
            and column. The policy says what becomes of it: reject writes nothing (exit code 2), drop leaves it out, \
            repair puts right what can be. Nothing is changed silently.
            Bars, bars of bid and ask, closes side by side, trades, quotes, levels of order books (time, side, level, \
            price, quantity; zero takes a level away), funding rates (time, funding_rate, mark_price) and standings (time, \
            symbol, standing, cash, successor, ratio: halts, delistings, new symbols) are known.
            Examples:
              tapedeck data import SPY_1d.csv -o spy.tape --calendar XNYS
              tapedeck data import BTCUSDT.csv ETHUSDT.csv -o coins.tape --policy drop
              tapedeck data import ticks.csv --columns time,price,quantity,ignored --time milliseconds
              tapedeck data import prices.csv --dry-run
            """)

    @Argument(help: "CSV files; several become one tape.", completion: .file(extensions: ["csv"]))
    var files: [String]
    @OptionGroup(title: "The tape: the first file's name with .tape where not given") var written:
        TargetArguments
    @Option(help: "What becomes of bad rows.")
    var policy = ImportPolicy.reject
    @Flag(help: "Only look and check; write nothing.")
    var dryRun = false
    @Option(
        help: ArgumentHelp("Write every problem to this file, one line each.", valueName: "file"))
    var problems: String?
    @Option(help: "Problems of each kind that are shown; all are counted.")
    var show = 20
    @Option(help: "What columns of splits mean: found out, applied as events, or left out.")
    var splits = CSVImportSettings.Splits.sniff
    @Flag(help: "Leave the calendar's openings and closings off the tape.")
    var noSessions = false
    @OptionGroup(title: "The file") var dialect: DialectArguments
    @OptionGroup(title: "The instrument") var instrument: InstrumentArguments
    @Flag(help: "Answer as JSON.")
    var json = false

    func validate() throws {
        if show < 0 { throw ValidationError("--show takes a number from 0 on") }
        if files.count > 1, problems != nil {
            throw ValidationError("--problems takes the rows of one file")
        }
        if files.count > 1, instrument.symbol != nil {
            throw ValidationError(
                "--symbol names the instrument of one file; there are \(files.count)")
        }
    }

    private struct Answer: Encodable {
        /// Nil where nothing was written.
        var tape: String?
        var digest: String?
        var reports: [ImportReport]
    }

    func run() throws {
        Interruption.expect()
        let target =
            dryRun ? "" : try written.path(else: TapeName.replacing(files[0], with: ".tape"))
        var answer = Answer(reports: [])
        do {
            let results = try files.map { try read($0, to: target) }
            answer.reports = results.map(\.report)
            let tapes = results.compactMap(\.tape)
            if !dryRun, tapes.count == files.count {
                answer.tape = target
                answer.digest =
                    (files.count == 1 ? tapes[0] : try merge(tapes, to: target)).header.digest
                    .description
            }
        } catch let failure as FeedError {
            throw ended(failure)
        }
        try tell(answer)
        if answer.reports.contains(where: { !$0.isAccepted }) { throw problemsFound }
    }

    private func settings() throws -> CSVImportSettings {
        var settings = CSVImportSettings()
        settings.hints = try dialect.hints()
        settings.policy = policy
        settings.calendar = instrument.calendar
        settings.allowsNonPositivePrices = instrument.anyPrice
        settings.instrument = try instrument.overrides()
        settings.splits = splits
        settings.hasSessions = !noSessions
        settings.problemsKept = show
        settings.problemFile = problems
        return settings
    }

    private func read(_ file: String, to target: String) throws -> CSVImportResult {
        let destination: TapeWriter.Destination? =
            dryRun ? nil : files.count == 1 ? .file(target) : .memory(file)
        let bar = SharedProgressBar(
            ProgressBar("importing \(file)", unit: "bytes", terminal: Terminal()))
        defer { bar.finish() }
        return try CSVImport.run(file, to: destination, settings: try settings()) { progress in
            bar.update(done: progress.bytesDone, of: progress.bytesTotal)
        }
    }

    private func merge(_ tapes: [TapeFile], to target: String) throws(FeedError) -> TapeFile {
        let bar = SharedProgressBar(ProgressBar("merging", unit: "events", terminal: Terminal()))
        defer { bar.finish() }
        let total = tapes.reduce(0) { $0 + $1.count }
        return try FeedMerge(tapes).write(.file(target)) { bar.update(done: $0, of: total) }
    }

    private func tell(_ answer: Answer) throws {
        if json { return print(try JSONText.of(answer)) }
        for report in answer.reports { printFacts(report.text()) }
        let terminal = Terminal()
        if let tape = answer.tape, let digest = answer.digest {
            print(terminal.styled("\(tape) written", .green) + "\ndigest \(digest)")
        } else if dryRun {
            print("nothing was written (--dry-run)")
        } else if answer.reports.count > 1 {
            let refused = answer.reports.filter { !$0.isAccepted }.map(\.path)
            printError("tapedeck: no tape was written: \(refused.joined(separator: ", ")) refused")
        }
    }
}
