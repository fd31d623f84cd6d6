import ArgumentParser
import Deck
import Market

struct VerifyCausality: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "causality", abstract: "Show that no decision depends on what comes after it.",
        discussion: """
            Plays the tape as it is, in one block and in odd ones; then with another future from some moment on: after \
            decisions, and anywhere. Every order, fill, signal and plot up to that moment must be the same. A plug-in \
            without a configuration plays on a made-up market.
            Examples:
              tapedeck verify causality strategies.yaml
              tapedeck verify causality Plugins/sma-cross.so
              tapedeck verify causality mine.so strategies.yaml --cuts 40 --json
            Exit codes: 0 causal; 1 could not be played; 2 a decision differs.
            """)

    @OptionGroup var files: CheckedFiles
    @Option(help: "Moments from which on the future is another one.")
    var cuts = 12
    @Option(help: "Draws moments and futures.")
    var seed: UInt64 = 1
    @Flag(help: "Answer as JSON.")
    var json = false

    func validate() throws {
        if !(1...10_000).contains(cuts) {
            throw ValidationError("--cuts takes a number from 1 to 10000")
        }
    }

    func run() throws {
        let configuration = try files.load(seed: seed)
        var settings = CausalityCheck.Settings()
        settings.cuts = cuts
        settings.seed = seed
        var bar = ProgressBar("playing other futures", unit: "plays", terminal: Terminal())
        let answer: CausalityCheck.Answer
        do {
            defer { bar.finish() }
            answer = try CausalityCheck(TapeTrial(configuration), settings).run { done, total in
                bar.update(done: done, of: total)
                return !Interruption.hasCome
            }
        } catch {
            throw endedCheck(error)
        }
        let text = CausalityText(answer, configuration)
        if json {
            print(try JSONText.of(text.json))
        } else {
            for line in text.lines(Terminal()) { print(line) }
        }
        if !answer.isCausal { throw problemsFound }
    }
}

/// The answer for people, and as JSON.
struct CausalityText {
    private let answer: CausalityCheck.Answer
    private let configuration: DeckConfiguration
    private let words: DecisionText

    struct JSON: Encodable {
        struct Finding: Encodable {
            var cause: String
            var after: Moment?
            var blockSize: Int?
            var divergence: DivergenceText
        }
        struct Strategy: Encodable {
            var name: String
            var decisions: Int
            var findings: [Finding]
        }
        var isCausal: Bool
        var events: Int
        var plays: Int
        var cuts: [Moment]
        var strategies: [Strategy]
    }

    init(_ answer: CausalityCheck.Answer, _ configuration: DeckConfiguration) {
        self.answer = answer
        self.configuration = configuration
        words = DecisionText(configuration.outline.instruments)
    }

    var json: JSON {
        JSON(
            isCausal: answer.isCausal, events: answer.events, plays: answer.plays,
            cuts: answer.cuts.map(Moment.init),
            strategies: answer.strategies.map { strategy in
                JSON.Strategy(
                    name: strategy.name, decisions: strategy.decisions,
                    findings: strategy.findings.map(finding))
            })
    }

    private func finding(_ finding: CausalityCheck.Finding) -> JSON.Finding {
        let divergence = DivergenceText(finding.divergence, words)
        switch finding.cause {
        case .batches(let size):
            return JSON.Finding(
                cause: "batches", after: nil, blockSize: size, divergence: divergence)
        case .future(let kind, let moment, let size):
            return JSON.Finding(
                cause: kind.rawValue, after: Moment(moment), blockSize: size, divergence: divergence
            )
        }
    }

    func lines(_ terminal: Terminal) -> [String] {
        var lines: [String] = []
        for strategy in answer.strategies {
            guard let first = strategy.findings.first else {
                let remark =
                    strategy.decisions == 0 ? ": it decided nothing, which shows nothing" : ""
                lines.append(
                    "\(strategy.name): \(terminal.styled("causal", .green)), "
                        + FigureText.count(strategy.decisions, "decision") + remark)
                continue
            }
            lines.append(
                "\(strategy.name): \(terminal.styled("looks ahead", .red)), in "
                    + "\(strategy.findings.count) of \(answer.plays - 1) plays")
            lines.append("  " + Self.words(first.cause))
            lines += DivergenceText(first.divergence, words).lines(("as it is", "otherwise")).map {
                "  " + $0
            }
        }
        lines.append(
            "\(FigureText.count(answer.events, "event")), \(answer.plays) plays, \(answer.cuts.count) other futures of "
                + "each kind")
        return lines
    }

    private static func words(_ cause: CausalityCheck.Finding.Cause) -> String {
        switch cause {
        case .batches(let size):
            "the same tape in blocks of \(FigureText.count(size, "event")): it depends on how many events it is handed "
                + "at once"
        case .future(let kind, let moment, let size):
            "the same tape up to \(TimeText.string(moment)), then another one (\(kind.rawValue))"
                + (size < TapeTrial.wholeBlock
                    ? ", in blocks of \(FigureText.count(size, "event"))" : "")
        }
    }
}
