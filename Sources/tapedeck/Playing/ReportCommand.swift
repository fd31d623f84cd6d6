import ArgumentParser
import Deck
import Journal

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show a run of the journal again, whole.",
        discussion: """
            What is shown is what the run has stored; nothing is played. `tapedeck runs` lists the runs.
            Examples:
              tapedeck report 3
              tapedeck report 3 --detail
              tapedeck report 3 --strategy trend --strategy "trend both ways"
              tapedeck report 3 --trades trades.csv --equity equity.csv
            """)

    @Argument(help: ArgumentHelp("The run's number.", valueName: "run"))
    var number: Int64
    @OptionGroup var file: JournalFile
    @Flag(help: "Every figure of every strategy, each with its convention.")
    var detail = false
    @Option(help: "Every figure of this strategy alone; may be repeated.")
    var strategy: [String] = []
    @Flag(help: "Answer as JSON.")
    var json = false
    @OptionGroup var tables: RunTables

    func run() throws {
        let journal = try file.reader()
        let stored: String
        do {
            stored = try text(journal)
        } catch let failure as JournalFailure {
            throw failed(failure)
        }
        let result: RunResult
        do {
            result = try RunResult.read(stored)
        } catch {
            throw failed(
                "the result of run \(number) cannot be read: it is of another version of tapedeck, or damaged"
            )
        }
        try tables.write(number, of: journal)
        if json {
            print(try JSONText.of(RunAnswer(run: number, result: result)))
        } else {
            let report = RunReport(
                result: result, run: number, terminal: Terminal(), hasDetail: detail,
                chosen: try chosen(result))
            for line in report.lines { print(line) }
        }
    }

    /// The strategies that were asked for by name.
    private func chosen(_ result: RunResult) throws -> [String] {
        let names = result.slots.map(\.name)
        for name in strategy where !names.contains(name) {
            throw failed(
                "run \(number) has no strategy called \"\(name)\"; it has \(names.joined(separator: ", "))"
            )
        }
        return strategy
    }

    private func text(_ journal: JournalReader) throws -> String {
        if let stored = try journal.result(of: number) { return stored }
        guard let summary = try journal.run(number) else {
            let latest = try journal.runs(limit: 1).first
            let hint = latest.map { "the latest is \($0.id)" } ?? "it has none"
            throw failed("no run \(number) in \(file.journal): \(hint); `tapedeck runs` lists them")
        }
        let why =
            switch summary.status {
            case .running: "it is still being played"
            case .crashed: "its program ended without a chance to write one"
            case .failed: "it failed"
            case .complete, .interrupted: "it was not written"
            }
        throw failed(
            "run \(number) has no result: \(why); what it did until then stands in \(file.journal)")
    }
}
