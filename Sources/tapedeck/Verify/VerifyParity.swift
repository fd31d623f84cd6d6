import ArgumentParser
import Deck
import Feeds
import Journal
import Market
import StrategyHost

struct VerifyParity: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parity",
        abstract: "Play a run of the journal again and compare every decision.",
        discussion: """
            The configuration is the one that the journal has; tape, plug-ins and parameters must be those of the run, \
            or it is refused with the reasons. A recording of a live run is given with --tape.
            Examples:
              tapedeck verify parity 3
              tapedeck verify parity 3 --json
              tapedeck verify parity 12 --tape recording.tape
            Exit codes: 0 the same; 1 refused, or could not be played; 2 a decision differs.
            """)

    @Argument(help: ArgumentHelp("The run's number.", valueName: "run"))
    var number: Int64
    @OptionGroup var file: JournalFile
    @Option(help: "Play this tape instead of the configuration's feed.")
    var tape: String?
    @Flag(help: "Answer as JSON.")
    var json = false

    func run() throws {
        Interruption.expect()
        let journal = try file.reader()
        let answer: ParityCheck.Answer
        let words: DecisionText
        do {
            words = try Self.words(journal, number)
            let check = ParityCheck(
                journal, run: number, plugins: PluginStore(probe: ProbeProcess()))
            let bar = SharedProgressBar(
                ProgressBar("reading data", unit: "bytes", terminal: Terminal()))
            defer { bar.finish() }
            answer = try check.check(tape: try tape.map { try TapeFile($0) }) {
                bar.update(done: $0.done, of: $0.total)
            }
        } catch let refusal as ParityCheck.Refusal {
            throw failed(
                "run \(number) cannot be compared: " + refusal.reasons.joined(separator: "\n  "))
        } catch let error as any CustomStringConvertible {
            throw failed(error.description)
        }
        let text = ParityText(answer, words)
        if json {
            print(try JSONText.of(text))
        } else {
            for line in text.lines(Terminal()) { print(line) }
        }
        if !answer.isEqual { throw problemsFound }
    }

    private static func words(_ journal: JournalReader, _ run: Int64) throws -> DecisionText {
        DecisionText(
            try journal.symbols(of: run),
            moneyExponent: try journal.slots(of: run).first?.currency.exponent ?? 6)
    }
}

/// The answer for people, and as JSON.
struct ParityText: Encodable {
    var run: Int64
    var isEqual: Bool
    var decisions: Int
    var divergences: [DivergenceText]
    var journalDigest: String?
    var replayDigest: String?
    var notes: [String]

    init(_ answer: ParityCheck.Answer, _ words: DecisionText) {
        run = answer.run
        isEqual = answer.isEqual
        decisions = answer.decisions
        divergences = answer.divergences.map { DivergenceText($0, words) }
        journalDigest = answer.digests?.journal
        replayDigest = answer.digests?.replay
        notes = answer.notes
    }

    func lines(_ terminal: Terminal) -> [String] {
        var lines = notes
        let count = FigureText.count(decisions, "decision")
        if isEqual {
            lines.append("run \(run): \(terminal.styled("0 divergent of \(count)", .green))")
        } else if divergences.isEmpty {
            lines.append(
                "run \(run): \(terminal.styled("no decision diverges, but the digests do", .red))")
        } else {
            let strategies =
                divergences.count == 1
                ? "1 strategy diverges" : "\(divergences.count) strategies diverge"
            lines.append("run \(run): \(terminal.styled(strategies, .red)), of \(count) compared")
        }
        for divergence in divergences {
            lines.append(divergence.strategy + ":")
            lines += divergence.lines(("journal", "replay")).map { "  " + $0 }
        }
        if let journalDigest, let replayDigest, journalDigest != replayDigest {
            lines += [
                "digest of the journal: \(journalDigest)", "digest of the replay:  \(replayDigest)",
            ]
        }
        return lines
    }
}
