import Analysis
import Deck

/// What round trips came to: all of them, by side, and by the reason of their exit.
struct TradeTables {
    private let slot: SlotResult
    private let terminal: Terminal

    init(_ slot: SlotResult, _ terminal: Terminal) {
        self.slot = slot
        self.terminal = terminal
    }

    var lines: [String] {
        guard slot.counts.roundTrips > 0 else {
            return ["", terminal.styled("Trades", .bold), "  no round trip ended"]
        }
        return sides + ofAll + exits
    }

    private var sides: [String] {
        let title = FigureTable.line("", ["all", "long", "short"], "", terminal)
        var lines =
            [""] + title.map { terminal.styled("Trades" + $0.dropFirst("Trades".count), .bold) }
        for figure in slot.trades {
            guard let long = find(figure.key, in: slot.long),
                let short = find(figure.key, in: slot.short)
            else { continue }
            lines += FigureTable.line(
                figure.label, [figure, long, short].map(text), figure.convention, terminal)
        }
        return lines
    }

    /// Figures that are not taken by side; how many there were of each stands above already.
    private var ofAll: [String] {
        let counted = ["long_trades", "short_trades"]
        let figures = slot.trades.filter { figure in
            find(figure.key, in: slot.long) == nil && !counted.contains(figure.key)
        }
        return ["", terminal.styled("Of all trades", .bold)]
            + figures.flatMap { figure in
                FigureTable.line(figure.label, [text(figure)], figure.convention, terminal)
            }
    }

    private func find(_ key: String, in figures: [FigureLine]) -> FigureLine? {
        figures.first { $0.key == key }
    }

    private func text(_ figure: FigureLine) -> String {
        figure.unit == "money" ? slot.money(figure.value.number) : FigureTable.text(figure)
    }

    private var exits: [String] {
        var table = TextTable([
            ("exit by", .left), ("trades", .right), ("wins", .right), ("net", .right),
        ])
        for exit in slot.exitReasons {
            table.add([
                exit.reason, FigureText.count(exit.trades), FigureText.percent(exit.winRate, 0),
                slot.money(exit.net, signed: true),
            ])
        }
        return ["", terminal.styled("Exits", .bold)]
            + table.lines(header: { terminal.styled($0, .dim) }).map { "  " + $0 }
    }
}
