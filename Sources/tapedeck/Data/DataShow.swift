import ArgumentParser
import Feeds
import Market

struct DataShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what is on a tape: its header, instruments, spans, first and last events.",
        discussion: """
            Reads the header and a few events; `tapedeck data check` reads them all.
            Examples:
              tapedeck data show spy.tape
              tapedeck data show spy.tape --rows 20
              tapedeck data show spy.tape --json
            """)

    @Argument(help: "The tape.", completion: .file(extensions: ["tape"]))
    var tape: String
    @Option(help: "Events shown from the start, and as many from the end.")
    var rows = 5
    @Flag(help: "Answer as JSON.")
    var json = false

    func validate() throws {
        if !(0...1_000).contains(rows) {
            throw ValidationError("--rows takes a number from 0 to 1000")
        }
    }

    func run() throws {
        let file: TapeFile
        do { file = try TapeFile(tape) } catch { throw failed(error) }
        let description = TapeDescription(file, rows: rows)
        if json {
            print(try JSONText.of(description))
        } else {
            for line in description.lines(Terminal()) { print(line) }
        }
    }
}
