import ArgumentParser
import StrategyHost

struct PluginCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Try a compiled strategy in every way: does it keep the contract?",
        discussion: """
            Every check runs the strategy in a process of its own, with limits, on made-up markets.
            Exit codes: 0 it passed; 1 it failed a check; 2 there is nothing to check, or no such check.
            Examples:
              tapedeck plugin check Plugins/rsi.so
              tapedeck plugin check mine.so --all
              tapedeck plugin check mine.so --only state --only causality.future --seed 7
              tapedeck plugin check --explain contract.borrowed
            """)

    @Argument(help: "The .so file.")
    var file: String?
    @Flag(help: "List every check with what it came to.") var all = false
    @Flag(help: "Answer as JSON.") var json = false
    @Flag(help: "List the checks there are; try nothing.") var list = false
    @Option(help: "Explain a check: what it does, why, and what to try. May be repeated.")
    var explain: [String] = []
    @Option(help: "Only this check or section. May be repeated.")
    var only: [String] = []
    @Option(help: "Not this check or section. May be repeated.")
    var skip: [String] = []
    @Option(help: "What the made-up markets are made from.")
    var seed: UInt64 = 1
    @Option(help: "Seconds for one check before it counts as hanging.")
    var seconds: Double = 20
    @Option(help: "Checks at once.")
    var lanes: Int = 2

    func validate() throws {
        if file == nil, !list, explain.isEmpty {
            throw ValidationError("which file? tapedeck plugin check FILE")
        }
        guard seconds > 0, seconds <= 3600 else {
            throw ValidationError("--seconds must be from 0 to 3600")
        }
        guard (1...64).contains(lanes) else {
            throw ValidationError("--lanes must be from 1 to 64")
        }
    }

    /// There is nothing to check, or no such check.
    private static let nothingToCheck = ExitCode(2)

    func run() throws {
        if !explain.isEmpty {
            for id in explain { try explain(id) }
            return
        }
        if list { return try listAll() }
        guard let file else { return }
        let report = try Self.check(
            file, seed: seed, seconds: seconds, lanes: lanes, only: try checks(only),
            except: try checks(skip))
        if json {
            print(try JSONText.of(CheckAnswerText(report)))
        } else {
            for line in CheckAnswerText.lines(report, showsAll: all, Terminal()) { print(line) }
        }
        if !report.hasPassed { throw ExitCode(1) }
    }

    /// Runs the checks with progress on a terminal.
    static func check(
        _ file: String, seed: UInt64 = 1, seconds: Double = 20, lanes: Int = 2, only: [String] = [],
        except: [String] = []
    ) throws -> CheckReport {
        var check = PluginCheck()
        check.seed = seed
        check.seconds = seconds
        check.lanes = lanes
        check.wanted = { (only.isEmpty || only.contains($0.id)) && !except.contains($0.id) }
        var bar = ProgressBar("checking \(file)", unit: "checks", terminal: Terminal())
        defer { bar.finish() }
        do {
            return try check.run(file, progress: { bar.update(done: $0, of: $1) })
        } catch {
            _ = failed(error)
            throw nothingToCheck
        }
    }

    /// The ids that patterns mean.
    private func checks(_ patterns: [String]) throws -> [String] {
        try patterns.flatMap { pattern in
            let found = Check.matching(pattern)
            if found.isEmpty { throw Self.unknown(pattern) }
            return found.map(\.id)
        }
    }

    private static func unknown(_ pattern: String) -> ExitCode {
        let sections = Check.Section.allCases.map(\.rawValue)
        _ = failed(
            "no check is called \(pattern); sections are \(sections.joined(separator: ", ")), and "
                + "tapedeck plugin check --list lists the checks")
        return nothingToCheck
    }

    private func explain(_ id: String) throws {
        let found = Check.matching(id)
        if found.isEmpty { throw Self.unknown(id) }
        if json { return print(try JSONText.of(found.map(CheckAnswerText.Explained.init))) }
        let terminal = Terminal()
        for check in found {
            print(terminal.styled(check.id, .bold) + "  " + check.title)
            print("  why:  \(check.why)")
            print("  try:  \(check.advice)")
        }
    }

    private func listAll() throws {
        if json { return print(try JSONText.of(Check.all.map(CheckAnswerText.Explained.init))) }
        var table = TextTable([("check", .left), ("rule", .left)])
        for check in Check.all { table.add([check.id, check.title]) }
        let terminal = Terminal()
        for line in table.lines(within: terminal.tableWidth, header: { terminal.styled($0, .bold) })
        { print(line) }
    }
}
