import ArgumentParser
import Glibc
import Journal
import Market

/// Where runs are remembered.
struct JournalFile: ParsableArguments {
    @Option(help: "The journal's file.")
    var journal = JournalFile.standard

    /// Where a run is kept when nobody says otherwise.
    static let standard = "journal/runs.db"

    func reader() throws -> JournalReader {
        guard unsafe access(journal, F_OK) == 0 else {
            throw failed(
                "there is no journal at \(journal); `tapedeck backtest` writes one, and --journal names another"
            )
        }
        do {
            return try JournalReader(path: journal)
        } catch {
            throw failed(error)
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
            print(try JSONText.of(runs.map(RunLine.init)))
            return
        }
        if runs.isEmpty { return print("no runs in \(file.journal)") }
        let terminal = Terminal()
        var table = TextTable([
            ("run", .right), ("kind", .left), ("started (UTC)", .left), ("took", .right),
            ("events", .right),
            ("slots", .right), ("state", .left), ("digest", .left), ("source", .left),
        ])
        for run in runs {
            let took = run.finished.map {
                SpanText.of(nanoseconds: $0.rawValue - run.started.rawValue)
            }
            table.add([
                "\(run.id)", run.kind, Self.second(run.started), took ?? "",
                "\(run.events)", "\(run.slots)", state(run, terminal),
                String((run.digest ?? "").prefix(10)), source(run),
            ])
        }
        for line in table.lines(within: terminal.tableWidth, header: { terminal.styled($0, .bold) })
        { print(line) }
    }

    /// `2024-01-31 14:30:05`.
    private static func second(_ time: Timestamp) -> String {
        let text = TimeText.string(time, precision: .seconds)
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8)
    }

    /// A made-up market says by its name that it is one.
    private func source(_ run: RunSummary) -> String {
        run.source + (run.isSynthetic && !run.source.hasPrefix("SYNTHETIC") ? " (SYNTHETIC)" : "")
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

/// One run as JSON.
private struct RunLine: Encodable {
    private let run: RunSummary

    init(_ run: RunSummary) { self.run = run }

    private enum CodingKeys: String, CodingKey {
        case run, kind, status, started, finished, events, slots, faults, source, configuration,
            version, digest
        case isSynthetic = "is_synthetic"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(run.id, forKey: .run)
        try container.encode(run.kind, forKey: .kind)
        try container.encode(run.status, forKey: .status)
        try container.encode(TimeText.string(run.started), forKey: .started)
        try container.encode(run.finished.map { TimeText.string($0) }, forKey: .finished)
        try container.encode(run.events, forKey: .events)
        try container.encode(run.slots, forKey: .slots)
        try container.encode(run.faults, forKey: .faults)
        try container.encode(run.source, forKey: .source)
        try container.encode(run.isSynthetic, forKey: .isSynthetic)
        try container.encode(run.configurationPath, forKey: .configuration)
        try container.encode(run.version, forKey: .version)
        try container.encode(run.digest, forKey: .digest)
    }
}
