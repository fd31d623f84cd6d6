import ArgumentParser
import Market

@main
struct Tapedeck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tapedeck",
        abstract: "A paper-trading host for plug-in strategies.",
        discussion: """
            Exit codes: 0 done; 1 it could not be done, the reason is on standard error; 2 a check has found \
            problems; 64 the command itself was not understood; 130 interrupted, what was done is saved.
            """,
        version: Version.current,
        subcommands: [
            BacktestCommand.self, RunCommand.self, CheckCommand.self, DataCommand.self,
            PluginCommand.self,
            RunsCommand.self, ReportCommand.self, VerifyCommand.self, FuzzCommand.self,
            DoctorCommand.self,
        ],
        groupedSubcommands: [
            CommandGroup(
                name: "A running deck",
                subcommands: [
                    StatusCommand.self, SlotsCommand.self, WatchCommand.self, LoadCommand.self,
                    UnloadCommand.self,
                    ReloadCommand.self, RollbackCommand.self, PauseCommand.self, ResumeCommand.self,
                    FlattenCommand.self,
                    KillCommand.self, SetCommand.self, StopCommand.self,
                ])
        ])

    /// A command that does not exist is named, with what was probably meant.
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        if let first = arguments.first, !first.hasPrefix("-"), !known.contains(first) {
            printError(
                "Error: there is no command \"\(first)\""
                    + Suggestion.clause(for: first, among: known))
            printError("  See 'tapedeck --help' for more information.")
            exit(withError: ExitCode.validationFailure)
        }
        main(arguments)
    }
}

/// Problems were found by a command whose work it is to find them.
let problemsFound = ExitCode(2)

/// Says why on standard error and ends the command.
func failed(_ reason: some CustomStringConvertible) -> ExitCode {
    let terminal = Terminal()
    printError(terminal.styled("tapedeck: ", .bold) + "\(reason)")
    return ExitCode(1)
}
