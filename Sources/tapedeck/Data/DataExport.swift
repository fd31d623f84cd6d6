import ArgumentParser
import Feeds
import Market

extension CSVExportSettings.Form: ExpressibleByArgument {}
extension CSVExportSettings.Kind: ExpressibleByArgument {}

struct DataExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a tape's events as CSV.",
        discussion: """
            The canonical form holds everything that a tape knows, in the fewest digits: imported again it gives the \
            same events. Other forms are for other programs; most hold one symbol a file.
            Examples:
              tapedeck data export spy.tape -o spy.csv
              tapedeck data export spy.tape --adjusted -o spy-adjusted.csv
              tapedeck data export coins.tape --symbol BTCUSDT --timeframe 1h --form binance -o btc.csv
            """)

    @Argument(help: "The tape.", completion: .file(extensions: ["tape"]))
    var tape: String
    @OptionGroup(title: "The CSV file: the tape's name with .csv where not given") var written:
        TargetArguments
    @Option(help: "In whose manner the rows are written.")
    var form = CSVExportSettings.Form.canonical
    @Option(help: "What is written; what there is, bars first, where not given.")
    var kind: CSVExportSettings.Kind?
    @Option(help: "One symbol; may be repeated. All where not given.")
    var symbol: [String] = []
    @Option(help: "Length of the bars; the shortest on the tape where not given.")
    var timeframe: TimeFrame?
    @Flag(
        help:
            "Bars restated for later splits and dividends: for indicators and charts, not for fills."
    )
    var adjusted = false
    @Flag(help: "Answer as JSON.")
    var json = false

    private struct Answer: Encodable {
        var file: String
        var rows: Int
    }

    func run() throws {
        Interruption.expect()
        let target = try written.path(else: TapeName.replacing(tape, with: ".csv"))
        guard target != tape else {
            throw failed("\(tape) would be overwritten; name another file with -o")
        }
        let rows: Int
        do {
            rows = try export(to: target)
        } catch {
            throw ended(error)
        }
        if json {
            print(try JSONText.of(Answer(file: target, rows: rows)))
        } else {
            print(
                "\(Terminal().styled("\(target) written", .green)), \(FigureText.count(rows)) rows")
        }
    }

    private func export(to target: String) throws(FeedError) -> Int {
        var settings = CSVExportSettings()
        settings.form = form
        settings.kind = kind
        settings.symbols = symbol
        settings.timeframe = timeframe
        settings.isAdjusted = adjusted
        let file = try TapeFile(tape)
        let bar = SharedProgressBar(
            ProgressBar("writing \(target)", unit: "events", terminal: Terminal()))
        defer { bar.finish() }
        return try CSVExport.run(file, to: target, settings: settings) {
            bar.update(done: $0, of: file.count)
        }
    }
}

/// Files named after others.
enum TapeName {
    /// `data/spy.csv` with `.tape` is `data/spy.tape`.
    static func replacing(_ path: String, with ending: String) -> String {
        let name = path.split(separator: "/").last ?? "data"
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return path + ending }
        return String(path.dropLast(name[dot...].count)) + ending
    }
}

/// How a command ends that a file's failure has ended, or Ctrl-C.
func ended(_ failure: FeedError) -> ExitCode {
    guard failure.kind == .cancelled else { return failed(failure) }
    printError("tapedeck: stopped; nothing was written")
    return ExitCode(Interruption.exitStatus)
}
