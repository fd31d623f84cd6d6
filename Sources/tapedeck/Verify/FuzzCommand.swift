import ArgumentParser
import Deck
import Feeds
import Glibc
import Market

struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Play strategies and the kernel on altered tapes and look for broken rules.",
        discussion: """
            Every case is a small tape with gaps, halts, duplicates, spikes, bars without volume, splits, dividends, \
            limit moves, empty sessions, days of daylight saving, huge and small prices, and operators' commands. \
            Without a configuration or a plug-in the kernel alone is played, under a storm of random orders. What \
            fails is made as short as it can be and written as a tape, with the command that plays it again.
            Examples:
              tapedeck fuzz --cases 2000
              tapedeck fuzz strategies.yaml --seed 7 --time 30s
              tapedeck fuzz --plugin mine.so --output found
              tapedeck fuzz --tape found/case-123.tape
            Exit codes: 0 every rule held; 1 a rule was broken; 2 the configuration has problems.
            """)

    @Argument(help: "The configuration whose strategies and data are played.")
    var file: String?
    @Option(help: ArgumentHelp("A plug-in to play instead.", valueName: "file.so"))
    var plugin: String?
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Change one value of the configuration. May be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Option(help: "Another seed, other cases.")
    var seed: UInt64 = 1
    @Option(help: "How many cases; without it and --time 500.")
    var cases: Int?
    @Option(help: ArgumentHelp("How long at the most: 30s, 5m, 1h.", valueName: "time"))
    var time: String?
    @Option(help: "Where tapes of broken rules are written.")
    var output = "fuzz"
    @Option(help: "Stop after so many broken rules.")
    var most = 5
    @Option(
        help: ArgumentHelp(
            "Play this tape that a fuzz has written, and nothing else.", valueName: "file.tape"))
    var tape: String?
    @Flag(help: "With --tape: tell every order and fill of the storm up to the broken rule.")
    var story = false
    @Option(name: .customLong("case"), help: "Play the one case with this seed.")
    var only: UInt64?
    @Flag(help: "Answer as JSON.")
    var json = false
    @Flag(help: "Play strategies inside this process: faster, but a crash of theirs ends it.")
    var inHost = false

    func validate() throws {
        if let cases, cases < 1 { throw ValidationError("--cases takes a number from 1 on") }
        if let time, Self.seconds(time) == nil {
            throw ValidationError("--time takes 30s, 5m or 1h, not \"\(time)\"")
        }
        if file != nil, plugin != nil {
            throw ValidationError("give a configuration or --plugin, not both")
        }
        if story, tape == nil { throw ValidationError("--story belongs to --tape") }
        if most < 1 { throw ValidationError("--most takes a number from 1 on") }
    }

    private static func seconds(_ text: String) -> Double? {
        guard let unit = text.last, let count = Double(text.dropLast()), count > 0 else {
            return nil
        }
        switch unit {
        case "s": return count
        case "m": return count * 60
        case "h": return count * 3_600
        default: return nil
        }
    }

    func run() throws {
        Interruption.expect()
        let fuzzer = try fuzzer()
        if let tape { return try replay(tape, fuzzer) }
        let round = try play(fuzzer)
        if json {
            print(try JSONText.of(round))
        } else {
            for line in round.lines(Terminal()) { print(line) }
        }
        if !round.findings.isEmpty { throw ExitCode(1) }
        if Interruption.hasCome { throw ExitCode(Interruption.exitStatus) }
    }

    /// The kernel's storm always; strategies where some are named.
    private func fuzzer() throws -> Fuzzer {
        guard file != nil || plugin != nil else { return Fuzzer(.synthetic, [StormTrial()]) }
        let bar = SharedProgressBar(
            ProgressBar("reading data", unit: "bytes", terminal: Terminal()))
        defer { bar.finish() }
        let loaded: Result<DeckConfiguration, ConfigurationProblems>
        if let plugin {
            let understudy: Understudy
            do { understudy = try Understudy(path: plugin) } catch { throw failed(error) }
            loaded = understudy.configuration(seed: seed, overrides: overrides)
        } else {
            loaded = DeckConfiguration.load(
                file ?? "", overrides: overrides,
                progress: { bar.update(done: $0.done, of: $0.total) })
        }
        var configuration = try loaded.told()
        for index in configuration.slots.indices
        where !inHost && configuration.slots[index].isolation == .host {
            configuration.slots[index].isolation = .worker
        }
        let trials: [any FuzzTrial] = [StormTrial(), DeckTrial(TapeTrial(configuration))]
        return Fuzzer(.pieces(configuration.open.tape), trials)
    }

    private func replay(_ path: String, _ fuzzer: Fuzzer) throws {
        let file: TapeFile
        do { file = try TapeFile(path) } catch { throw failed(error) }
        guard let (tape, seed) = Fuzzer.Finding.read(file) else {
            throw failed(
                "\(path) was not written by tapedeck fuzz: its label is \"\(file.contents.label)\"")
        }
        if story {
            for line in StormTrial().story(tape, seed: only ?? seed) { print(line) }
        }
        guard let broken = fuzzer.violation(tape, seed: only ?? seed) else {
            let count = FigureText.count(tape.events.count, "event")
            return print("\(path): \(Terminal().styled("every rule holds", .green)), \(count)")
        }
        print("\(path): \(broken.trial): \(broken.violation)")
        throw ExitCode(1)
    }

    private func play(_ fuzzer: Fuzzer) throws -> FuzzRound {
        var round = FuzzRound(seed: seed)
        var bar = ProgressBar("fuzzing", unit: "cases", terminal: Terminal())
        defer { bar.finish() }
        let started = Self.now
        let limit = time.flatMap(Self.seconds)
        let count = only != nil ? 1 : cases ?? (limit == nil ? 500 : Int.max)
        while round.cases < count, round.findings.count < most, !Interruption.hasCome {
            if let limit, Self.now - started >= limit { break }
            let case_ = only ?? Fuzzer.seed(of: round.cases, in: seed)
            do {
                if let finding = try fuzzer.check(seed: case_) { try keep(finding, &round) }
            } catch let error as FeedError {
                throw failed(error)
            }
            round.cases += 1
            bar.update(done: round.cases, of: count == Int.max ? nil : count)
        }
        round.seconds = Self.now - started
        return round
    }

    private func keep(_ finding: Fuzzer.Finding, _ round: inout FuzzRound) throws {
        // When it is there already, writing says so or succeeds.
        unsafe mkdir(output, 0o755)
        let path = "\(output)/case-\(finding.seed).tape"
        try finding.write(path)
        round.findings.append(FuzzRound.Finding(finding, tape: path, command: command(path)))
    }

    /// What plays a tape again.
    private func command(_ tape: String) -> String {
        var words = ["tapedeck", "fuzz"]
        if let file { words.append(file) }
        if let plugin { words += ["--plugin", plugin, "--seed", "\(seed)"] }
        for override in overrides { words += ["--set", "'\(override)'"] }
        return (words + ["--tape", tape]).joined(separator: " ")
    }

    private static var now: Double {
        var time = timespec()
        // The clock fills the struct that lives on this stack.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// What a run of cases came to.
struct FuzzRound: Encodable {
    struct Finding: Encodable {
        var seed: UInt64
        var trial: String
        var rule: String
        var event: UInt64?
        var text: String
        var alterations: [String]
        var eventsMade: Int
        var eventsLeft: Int
        var plays: Int
        var tape: String
        var command: String

        init(_ finding: Fuzzer.Finding, tape: String, command: String) {
            seed = finding.seed
            trial = finding.trial
            rule = finding.violation.rule.rawValue
            event = finding.violation.event
            text = finding.violation.text
            alterations = finding.tape.alterations
            eventsMade = finding.events
            eventsLeft = finding.tape.events.count
            plays = finding.plays
            self.tape = tape
            self.command = command
        }
    }
    var seed: UInt64
    var cases = 0
    var seconds = 0.0
    var findings: [Finding] = []

    init(seed: UInt64) { self.seed = seed }

    func lines(_ terminal: Terminal) -> [String] {
        var lines: [String] = []
        for finding in findings {
            let place = finding.event.map { ", at event \($0)" } ?? ""
            let made =
                finding.alterations.isEmpty
                ? "an ordinary tape" : finding.alterations.joined(separator: ", ")
            let left = FigureText.count(finding.eventsLeft, "event")
            lines += [
                terminal.styled("broken: \(finding.rule)", .red) + place,
                "  \(finding.trial): \(finding.text)",
                "  case \(finding.seed): \(made)",
                "  \(left) left of \(finding.eventsMade), after \(finding.plays) plays",
                "  again: \(finding.command)",
            ]
        }
        let spent = ProgressBar.scaled(Double(cases) / max(seconds, 1e-9))
        let state =
            findings.isEmpty
            ? terminal.styled("every rule held", .green)
            : terminal.styled("\(FigureText.count(findings.count, "broken rule"))", .red)
        lines.append(
            "\(state): \(FigureText.count(cases, "case")) from seed \(seed), \(spent) cases/s")
        return lines
    }
}
