import ArgumentParser
import StrategyHost

/// The throw-away process in which one check of one plug-in is done.
struct PluginTrial: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trial", abstract: "Do one check of a plug-in for another tapedeck.",
        shouldDisplay: false)

    @Argument(help: "The plug-in's file.")
    var path: String
    @Argument(help: "The descriptor to report to.")
    var report: Int32
    @Argument(help: "The check.")
    var check: String
    @Argument(help: "What the made-up market is made from.")
    var seed: UInt64
    @Argument(help: "Which of the check's processes this is.")
    var process: Int
    @Argument(help: "The SHA-256 of the file.")
    var digest: String

    func run() throws {
        throw ExitCode(
            CheckAnswer.serve(
                path: path, digest: digest, report: report, id: check, seed: seed, process: process)
        )
    }
}
