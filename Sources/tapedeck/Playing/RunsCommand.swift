import ArgumentParser
import Journal
import Market

/// Where runs are remembered.
struct JournalFile: ParsableArguments {
    @Option(help: "The journal's file.")
    var journal = JournalFile.standard

    /// Where a run is kept when nobody says otherwise.
    static let standard = "journal/runs.db"

    func reader() throws -> JournalReader {
        do {
            return try JournalReader(path: journal)
        } catch {
            throw failed("\(error); a backtest writes one")
        }
    }
}

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List the runs in the journal, newest first.",
        discussion: """
            Equal digests mean: the same orders, fills and money, bit for bit.
            Examples:
              tapedeck runs
              tapedeck runs --limit 5 --json
            """)

    @OptionGroup var file: JournalFile
    @Option(help: "How many at the most.") var limit = 20
    @Flag(help: "Answer as JSON.") var json = false

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit takes a number from 1 on") }
    }

    func run() throws {
        let runs: [RunSummary]
        do {
            runs = try file.reader().runs(limit: limit)
        } catch let failure as JournalFailure {
            throw failed(failure)
        }
        if json {
            print(try JSONText.of(runs))
            return
        }
        if runs.isEmpty { return print("no runs in \(file.journal)") }
        let terminal = Terminal()
        var table = TextTable([
            ("run", .right), ("kind", .left), ("started (UTC)", .left), ("took", .right), ("events", .right),
            ("slots", .right), ("state", .left), ("source", .left), ("digest", .left),
        ])
        for run in runs {
            let took = run.finished.map { SpanText.of(nanoseconds: $0.rawValue - run.started.rawValue) }
            table.add([
                "\(run.id)", run.kind, TimeText.string(run.started, precision: .seconds), took ?? "",
                "\(run.events)", "\(run.slots)", state(run, terminal),
                run.source + (run.isSynthetic ? " (synthetic)" : ""), String((run.digest ?? "").prefix(12)),
            ])
        }
        for line in table.lines(header: { terminal.styled($0, .bold) }) { print(line) }
    }

    private func state(_ run: RunSummary, _ terminal: Terminal) -> String {
        let style: Terminal.Style =
            switch run.status {
            case .complete: .green
            case .running, .interrupted: .yellow
            case .failed, .crashed: .red
            }
        let faults = run.faults > 0 ? ", \(run.faults) stopped" : ""
        return terminal.styled(run.status.rawValue + faults, style)
    }
}
