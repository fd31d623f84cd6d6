import ArgumentParser
import Feeds

struct DataCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read a whole tape: is it whole, and how good are its data?",
        discussion: """
            Verifies every checksum and every event, and looks for gaps against the calendar, jumps, bars without \
            volume, events outside sessions and crossed quotes. Exit code 2 when an event may not stand on a tape; \
            what is only worth knowing changes no exit code.
            Examples:
              tapedeck data check spy.tape
              tapedeck data check spy.tape --json
            """)

    @Argument(help: "Tapes.", completion: .file(extensions: ["tape"]))
    var tapes: [String]
    @Option(help: "Problems of each kind that are shown; all are counted.")
    var show = 20
    @Flag(help: "Answer as JSON.")
    var json = false

    func validate() throws {
        if show < 0 { throw ValidationError("--show takes a number from 0 on") }
    }

    func run() throws {
        Interruption.expect()
        var checks: [DataCheck] = []
        do {
            for tape in tapes { checks.append(try check(tape)) }
        } catch {
            guard error.kind == .cancelled else { throw failed(error) }
            printError("tapedeck: stopped; the check is not complete")
            throw ExitCode(Interruption.exitStatus)
        }
        if json {
            print(try JSONText.of(checks))
        } else {
            for check in checks { printFacts(check.text()) }
        }
        if checks.contains(where: { !$0.isSound }) { throw problemsFound }
    }

    private func check(_ path: String) throws(FeedError) -> DataCheck {
        let file = try TapeFile(path)
        let bar = SharedProgressBar(
            ProgressBar("checking \(path)", unit: "events", terminal: Terminal()))
        defer { bar.finish() }
        return try DataCheck.run(file, keep: show) { bar.update(done: $0, of: 2 * file.count) }
    }
}
