import ArgumentParser

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Show that strategies and runs are what they seem.",
        discussion: """
            causality: nothing is decided by what comes later. warm-up: more history would change nothing. parity: a \
            run of the journal, played again, decides the same. docs/VERIFYING.md says how.
            """,
        subcommands: [VerifyCausality.self, VerifyWarmUp.self, VerifyParity.self])
}
