import Analysis
import Deck

/// Results by time: months, the best and the worst periods, the deepest falls, and how returns are
/// distributed.
struct PeriodTables {
    private let slot: SlotResult
    private let terminal: Terminal

    init(_ slot: SlotResult, _ terminal: Terminal) {
        self.slot = slot
        self.terminal = terminal
    }

    var lines: [String] { falls + months + extremes + distribution }

    private func titled(_ title: String, _ lines: [String]) -> [String] {
        ["", terminal.styled(title, .bold)] + lines.map { "  " + $0 }
    }

    private func header(_ text: String) -> String { terminal.styled(text, .dim) }

    private var falls: [String] {
        guard !slot.falls.isEmpty else { return [] }
        var table = TextTable([
            ("depth", .right), ("from", .left), ("lowest", .left), ("back at", .left),
            ("periods", .right),
        ])
        for fall in slot.falls {
            table.add([
                FigureText.percent(fall.depth, 2), RunReport.minute(fall.peak),
                RunReport.minute(fall.trough),
                fall.recovery.map(RunReport.minute) ?? "not yet", FigureText.count(fall.periods),
            ])
        }
        return titled("Deepest falls (UTC)", table.lines(header: header))
    }

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private var months: [String] {
        guard !slot.months.years.isEmpty else { return [] }
        var table = TextTable(
            [("", .left)] + Self.monthNames.map { ($0, .right) } + [("year", .right)])
        for year in slot.months.years {
            table.add(["\(year.year)"] + year.months.map(cell) + [cell(year.total)])
        }
        return titled("Months, in per cent", table.lines(header: header))
    }

    private func cell(_ value: Double?) -> String {
        guard let value else { return "" }
        let text = FigureText.fixed(value * 100, value.magnitude < 1 ? 1 : 0)
        return value < 0 ? terminal.styled(text, .red) : text
    }

    private var extremes: [String] {
        guard !slot.bestPeriods.isEmpty else { return [] }
        var table = TextTable([("best", .left), ("", .right), ("worst", .left), ("", .right)])
        for (best, worst) in zip(slot.bestPeriods, slot.worstPeriods) {
            table.add([
                RunReport.minute(best.time), FigureText.percent(best.value, 2, signed: true),
                RunReport.minute(worst.time), FigureText.percent(worst.value, 2, signed: true),
            ])
        }
        return titled("Best and worst periods, by their end (UTC)", table.lines(header: header))
    }

    private static let barWidth = 50

    private var distribution: [String] {
        let bins = slot.distribution.bins
        guard bins.count > 1, let most = bins.map(\.count).max(), most > 0 else { return [] }
        var table = TextTable([("from", .right), ("to", .right), ("periods", .right), ("", .left)])
        for bin in bins {
            let bar = bin.count == 0 ? 0 : max(1, bin.count * Self.barWidth / most)
            table.add([
                FigureText.percent(bin.low, 2), FigureText.percent(bin.high, 2),
                FigureText.count(bin.count),
                String(repeating: "█", count: bar),
            ])
        }
        return titled("How returns of a period are distributed", table.lines(header: header))
    }
}
