import ArgumentParser
import StrategyHost

/// The throw-away process in which the host tries a plug-in before it opens it itself.
struct PluginProbe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Try a plug-in for another tapedeck.", shouldDisplay: false)

    @Argument(help: "The plug-in's file.")
    var path: String
    @Argument(help: "The descriptor to report to.")
    var report: Int32
    @Argument(help: "What to try it with; its defaults where not given.")
    var rehearsal: String?

    func run() throws {
        throw ExitCode(ProbeAnswer.serve(path: path, report: report, rehearsal: rehearsal))
    }
}
