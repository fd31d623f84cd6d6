import Analysis
import Deck

/// Figures by group, each with the convention that it was made with beside it.
struct FigureTable {
    private let figures: [FigureLine]
    private let terminal: Terminal

    init(_ figures: [FigureLine], _ terminal: Terminal) {
        self.figures = figures
        self.terminal = terminal
    }

    private static let titles = [
        "returns": "Returns", "ratios": "Return for risk", "drawdown": "Drawdown",
        "periods": "Winning and losing periods", "shape": "Distribution of returns",
        "activity": "Activity",
        "benchmark": "Against the benchmark", "trades": "Trades",
    ]

    var lines: [String] {
        var lines: [String] = []
        var group = ""
        for figure in figures {
            if figure.group != group {
                group = figure.group
                lines += ["", terminal.styled(Self.titles[group] ?? group, .bold)]
            }
            lines += Self.line(figure.label, [Self.text(figure)], figure.convention, terminal)
        }
        return lines
    }

    private static let labelWidth = 34
    private static let valueWidth = 13

    /// A convention that would have less room beside its values stands below them.
    private static let leastRoom = 28
    private static let indent = 6

    /// A label, its values in columns, and the convention wrapped behind or below them.
    static func line(
        _ label: String, _ values: [String], _ convention: String, _ terminal: Terminal
    ) -> [String] {
        var start = "  " + label.padded(to: labelWidth)
        for value in values { start += value.aligned(right: valueWidth) }
        if convention.isEmpty { return [start] }
        let beside = start.seenWidth + 2
        let isBelow = RunReport.width - beside < leastRoom
        let column = isBelow ? indent : beside
        let margin = String(repeating: " ", count: column)
        let conventions = convention.wrapped(to: RunReport.width - column).map {
            terminal.styled($0, .dim)
        }
        return isBelow
            ? [start] + conventions.map { margin + $0 }
            : [start + "  " + conventions[0]] + conventions.dropFirst().map { margin + $0 }
    }

    static func text(_ figure: FigureLine) -> String {
        guard let value = figure.value.number else { return FigureText.none }
        return switch figure.unit {
        case "fraction": FigureText.percent(value, 2)
        case "count": FigureText.count(Int(value.rounded()))
        case "money": FigureText.money(value)
        default: FigureText.ratio(value, 3)
        }
    }
}
