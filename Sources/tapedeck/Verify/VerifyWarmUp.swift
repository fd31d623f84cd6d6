import ArgumentParser
import Deck
import Market

struct VerifyWarmUp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warm-up",
        abstract: "Show that a longer history before the first counted bar changes nothing.",
        discussion: """
            Plays each strategy from the same bar on with less, with as much and with more history than its warm-up \
            asks for, and says which history would be enough. Orders and signals count; order numbers and tags do not.
            Examples:
              tapedeck verify warm-up strategies.yaml
              tapedeck verify warm-up strategies.yaml trend --json
            Exit codes: 0 long enough; 1 could not be played, or too little data for every strategy; 2 too short.
            """)

    @Argument(help: "The configuration.")
    var file = "strategies.yaml"
    @Argument(help: "The only strategy to look at.")
    var strategy: String?
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Change one value of the configuration. May be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Flag(help: "Answer as JSON.")
    var json = false

    func run() throws {
        var source = ConfigurationFile()
        source.file = file
        source.overrides = overrides
        let configuration = try source.load()
        var bar = ProgressBar("playing histories", unit: "plays", terminal: Terminal())
        let answers: [WarmUpCheck.StrategyAnswer]
        do {
            defer { bar.finish() }
            var plays = 0
            answers = try WarmUpCheck(TapeTrial(configuration)).run(strategy: strategy) {
                _, _, total in
                bar.update(
                    done: plays, of: total * (strategy == nil ? configuration.slots.count : 1))
                plays += 1
                return !Interruption.hasCome
            }
        } catch {
            throw endedCheck(error)
        }
        let words = DecisionText(configuration.outline.instruments)
        if json {
            print(try JSONText.of(answers.map { WarmUpText($0, words) }))
        } else {
            let terminal = Terminal()
            for answer in answers {
                for line in WarmUpText(answer, words).lines(terminal) { print(line) }
            }
        }
        if answers.contains(where: { $0.divergence != nil }) { throw problemsFound }
        if answers.allSatisfy({ $0.obstacle != nil }) { throw ExitCode(1) }
    }
}

/// One strategy's answer for people, and as JSON.
struct WarmUpText: Encodable {
    struct Play: Encodable {
        var history: Int
        var agrees: Bool
        var divergence: DivergenceText?
    }
    var strategy: String
    var isEnough: Bool
    var declaredBars: Int
    var enoughBars: Int?
    var timeframe: String
    var counted: [Moment]
    var decisions: Int
    var obstacle: String?
    var divergence: DivergenceText?
    var plays: [Play]

    init(_ answer: WarmUpCheck.StrategyAnswer, _ words: DecisionText) {
        strategy = answer.name
        isEnough = answer.isSound
        declaredBars = answer.declared
        enoughBars = answer.enough
        timeframe = answer.timeFrame.description
        counted = answer.counted.map(Moment.init)
        decisions = answer.decisions
        obstacle = answer.obstacle
        divergence = answer.divergence.map { DivergenceText($0, words) }
        plays = answer.plays.map { play in
            Play(
                history: play.history, agrees: play.agrees,
                divergence: play.divergence.map { DivergenceText($0, words) })
        }
    }

    func lines(_ terminal: Terminal) -> [String] {
        if let obstacle {
            return ["\(strategy): \(terminal.styled("not tested", .yellow)): \(obstacle)"]
        }
        let bars = "bar\(declaredBars == 1 ? "" : "s") of \(timeframe)"
        let tried = plays.map { "\($0.history)\($0.agrees ? "" : " (differs)")" }.joined(
            separator: ", ")
        let ladder =
            "  tried: \(tried); \(FigureText.count(decisions, "decision")) from "
            + "\(counted.first?.description ?? "") on, \(counted.count) starts"
        let advice =
            enoughBars.map { "\($0) would be enough, of what was tried" }
            ?? "no history that was tried is enough"
        guard let divergence else {
            let remark = decisions == 0 ? ": it decided nothing, which shows nothing" : ""
            let state =
                "\(strategy): \(terminal.styled("warm-up of \(declaredBars) \(bars) is enough", .green))"
            let less = (enoughBars ?? declaredBars) < declaredBars ? "; \(advice)" : ""
            return [state + remark + less, ladder]
        }
        let state = terminal.styled("warm-up of \(declaredBars) \(bars) is too short", .red)
        return ["\(strategy): \(state); \(advice)", ladder]
            + divergence.lines(("\(declaredBars)", "\(2 * max(1, declaredBars))")).map { "  " + $0 }
    }
}
