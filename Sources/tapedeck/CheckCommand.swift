import ArgumentParser
import Deck
import Feeds
import Market
import StrategyHost

/// Which configuration, and what to change in it for this once.
struct ConfigurationFile: ParsableArguments {
    @Argument(help: "The configuration.")
    var file = "strategies.yaml"

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Change one value, e.g. --set strategies.momentum.params.fast=12. May be repeated.",
            valueName: "key=value"))
    var overrides: [String] = []

    /// What the file comes to; CSV files that it names are read, or its market is made, with a
    /// progress bar.
    func read() -> Result<DeckConfiguration, ConfigurationProblems> {
        Interruption.expect()
        let bar = SharedProgressBar(
            ProgressBar("reading data", unit: "bytes", terminal: Terminal()))
        let making = SharedProgressBar(
            ProgressBar("making a market", unit: "sessions", terminal: Terminal()))
        defer { making.finish() }
        defer { bar.finish() }
        return DeckConfiguration.load(
            file, overrides: overrides,
            progress: { ($0.unit == .bytes ? bar : making).update(done: $0.done, of: $0.total) })
    }

    /// The configuration, or every problem of it on standard error.
    func load() throws -> DeckConfiguration { try read().told() }
}

extension Result<DeckConfiguration, ConfigurationProblems> {
    /// The configuration, with what was changed in its rows told; or every problem told, and the
    /// command's end.
    func told() throws -> DeckConfiguration {
        switch self {
        case .success(let configuration):
            tellOfChanges(configuration)
            return configuration
        case .failure where Interruption.hasCome:
            printError("tapedeck: stopped; nothing was run")
            throw ExitCode(Interruption.exitStatus)
        case .failure(let problems):
            printProblems(problems)
            throw problemsFound
        }
    }
}

/// Rows that a policy has left out or put right are never passed over in silence.
func tellOfChanges(_ configuration: DeckConfiguration) {
    for report in configuration.open.reports {
        let changes = [
            ("left out", report.count(.dropped)), ("put right", report.count(.repaired)),
        ]
        .filter { $0.1 > 0 }.map { "\(FigureText.count($0.1, "row")) \($0.0)" }
        guard !changes.isEmpty else { continue }
        printError(
            "\(report.path): \(changes.joined(separator: ", ")) (policy: \(report.policy.rawValue)); "
                + "tapedeck data import --dry-run lists them")
    }
}

func printProblems(_ problems: ConfigurationProblems) {
    for problem in problems.problems { printError(problem.description) }
    let count = problems.problems.count
    printError("\(count) problem\(count == 1 ? "" : "s"); nothing was run")
}

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration: every problem at once, with line and column.",
        discussion: """
            Reads the file, the plug-ins' manifests and the feed's outline; no strategy's code runs.
            Examples:
              tapedeck check
              tapedeck check strategies.yaml --set strategies.momentum.params.fast=12
              tapedeck check --json
            """)

    @OptionGroup var source: ConfigurationFile
    @Flag(help: "Answer as JSON.") var json = false

    private struct Answer: Encodable {
        struct Problem: Encodable {
            var file: String
            var line: Int?
            var column: Int?
            var message: String
        }
        struct Strategy: Encodable {
            var name: String
            var plugin: String
            var version: String
            var symbols: [String]
            var timeframes: [String]
            var parameters: [String: String]
            var isolation: String
            /// Instances of its module that its worker may hold.
            var shareWorker: Int
            var shadow: Bool
        }
        var isValid: Bool
        var problems: [Problem]
        var strategies: [Strategy]
    }

    func run() throws {
        let result = source.read()
        if case .success(let configuration) = result { tellOfChanges(configuration) }
        let answer = answer(result)
        if json {
            print(try JSONText.of(answer))
        } else {
            switch result {
            case .success(let configuration): show(configuration, answer)
            case .failure(let problems): printProblems(problems)
            }
        }
        if !answer.isValid { throw problemsFound }
    }

    private func answer(_ result: Result<DeckConfiguration, ConfigurationProblems>) -> Answer {
        switch result {
        case .success(let configuration):
            Answer(
                isValid: true, problems: [],
                strategies: configuration.slots.map { strategy($0, configuration) })
        case .failure(let problems):
            Answer(
                isValid: false,
                problems: problems.problems.map {
                    Answer.Problem(
                        file: $0.file, line: $0.position?.line, column: $0.position?.column,
                        message: $0.message)
                }, strategies: [])
        }
    }

    private func strategy(_ slot: SlotPlan, _ configuration: DeckConfiguration) -> Answer.Strategy {
        let values = zip(slot.parameters.declarations, slot.parameters.values).map {
            ($0.name, $1.text)
        }
        return Answer.Strategy(
            name: slot.name, plugin: slot.plugin.manifest.id,
            version: "\(slot.plugin.manifest.version)",
            symbols: slot.instruments.map { configuration.outline.instruments[Int($0)].symbol },
            timeframes: slot.timeFrames.map { TimeFrame(rawValue: $0).description },
            parameters: Dictionary(values, uniquingKeysWith: { first, _ in first }),
            isolation: slot.isolation.rawValue, shareWorker: slot.mostSharers,
            shadow: slot.isShadow)
    }

    /// The parameters that are not as the manifest has them.
    private static func changed(_ slot: SlotPlan) -> String {
        zip(slot.parameters.declarations, slot.parameters.values)
            .filter { $0.standard?.text != $1.text }
            .map { "\($0.name)=\($1.text)" }.joined(separator: " ")
    }

    private func show(_ configuration: DeckConfiguration, _ answer: Answer) {
        let terminal = Terminal()
        var table = TextTable([
            ("strategy", .left), ("plug-in", .left), ("symbols", .left), ("bars", .left),
            ("runs in", .left),
            ("own parameters", .left),
        ])
        for (strategy, slot) in zip(answer.strategies, configuration.slots) {
            table.add([
                strategy.name + (strategy.shadow ? " *" : ""),
                "\(strategy.plugin) \(strategy.version)",
                strategy.symbols.joined(separator: " "),
                strategy.timeframes.joined(separator: " "),
                strategy.isolation + (slot.mostSharers > 1 ? ", shared" : ""), Self.changed(slot),
            ])
        }
        for line in table.lines(within: terminal.tableWidth, header: { terminal.styled($0, .bold) })
        { print(line) }
        if answer.strategies.contains(where: \.shadow) {
            print(terminal.styled("* a shadow: in no sum and no limit over the strategies", .dim))
        }
        print(terminal.styled("\(source.file) is sound", .green))
    }
}
