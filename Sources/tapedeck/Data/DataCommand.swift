import ArgumentParser

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Make, look at and check tapes: the files that runs are played from.",
        discussion:
            "A tape holds events of any number of instruments in the one order of time; see docs/TAPE.md.",
        subcommands: [
            DataImport.self, DataExport.self, DataShow.self, DataCheckCommand.self, DataSynth.self,
        ])
}
