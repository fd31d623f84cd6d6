import ArgumentParser

struct BacktestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Play a configuration over its feed and show the results.",
        discussion: """
            \(PlayArguments.discussion)
            Examples:
              tapedeck backtest
              tapedeck backtest strategies.yaml --from 2023-01-01 --to 2024-01-01
              tapedeck backtest --set strategies.momentum.params.fast=12 --set 'defaults.cash=50000 USD'
              tapedeck backtest --trades trades.csv --equity equity.csv --no-journal
              tapedeck backtest --json
            """)

    @OptionGroup var arguments: PlayArguments

    func run() throws {
        try Playing(arguments, kind: "backtest").run(try arguments.configuration())
    }
}
