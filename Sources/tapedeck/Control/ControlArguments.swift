import ArgumentParser
import Deck
import Glibc

/// Which running deck is meant, and how it answers.
struct ControlArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The socket of the run; needed only where several run, or where the configuration names its own.",
            valueName: "socket"))
    var control: String?
    @Flag(help: "Answer as JSON.")
    var json = false

    static let discussion = """
        The run is found by itself where only one plays. Exit codes: 0 done; 1 not done, the reason is on standard \
        error.
        """

    func connect() throws -> ControlClient {
        do {
            return try ControlClient(try path())
        } catch {
            throw failed(error)
        }
    }

    private func path() throws(DeckFailure) -> String {
        if let control { return control }
        let sockets = ControlPlace.sockets
        if sockets.count == 1 { return sockets[0] }
        guard sockets.isEmpty else {
            throw DeckFailure(
                "several decks play; name one with --control:\n  "
                    + sockets.joined(separator: "\n  "))
        }
        throw DeckFailure(
            "no deck plays at a usual place; name the socket with --control where a configuration has its own, or "
                + "start a deck with `tapedeck run`, with --stay to have it stay at the end of its data"
        )
    }

    /// Has something done and tells what came of it.
    func perform(_ request: ControlRequest) throws {
        let answer: ControlAnswer
        let client = try connect()
        do { answer = try client.ask(request) } catch { throw failed(error) }
        if json {
            print(try JSONText.compact(answer))
        } else if answer.ok {
            print(answer.text + (answer.event.map { ", after event \($0)" } ?? ""))
        } else {
            printError(Terminal().styled("tapedeck: ", .bold) + answer.text)
        }
        if !answer.ok { throw ExitCode(1) }
    }

    func status() throws -> DeckStatus {
        let client = try connect()
        let answer: ControlAnswer
        do { answer = try client.ask(ControlRequest(.status)) } catch { throw failed(error) }
        guard let status = answer.status else { throw failed(answer.text) }
        return status
    }
}

/// One strategy, or all of them.
struct ChosenStrategies: ParsableArguments {
    @Argument(help: "The strategy's name.")
    var strategy: String?
    @Flag(help: "All strategies of the run.")
    var all = false

    func validate() throws {
        if strategy == nil, !all { throw ValidationError("name a strategy, or say --all") }
        if strategy != nil, all { throw ValidationError("a name and --all exclude each other") }
    }
}
