import ArgumentParser

@main
struct Tapedeck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tapedeck", abstract: "A paper-trading host for plug-in strategies.")
}
