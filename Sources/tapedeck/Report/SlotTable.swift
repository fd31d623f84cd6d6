import Analysis
import Deck

/// One line for each slot.
struct SlotTable {
    private let slots: [SlotResult]
    private let terminal: Terminal

    init(_ slots: [SlotResult], _ terminal: Terminal) {
        self.slots = slots
        self.terminal = terminal
    }

    /// Names may take what the figures leave, and this much in any case.
    private static let shortestName = 18
    private static let sparkline = 12
    private static let columns: [(title: String, alignment: TextTable.Alignment)] = [
        ("strategy", .left), ("return", .right), ("Sharpe", .right), ("Sortino", .right),
        ("drawdown", .right),
        ("trades", .right), ("wins", .right), ("factor", .right), ("in mkt", .right),
        ("equity", .left),
    ]
    /// What a narrow terminal does without, in this order.
    private static let dispensable = ["equity", "in mkt", "Sortino", "factor", "wins"]

    var lines: [String] {
        var left = Set<String>()
        var tight = lines(names: Self.shortestName, without: left)
        for title in Self.dispensable where Self.width(tight) > RunReport.width {
            left.insert(title)
            tight = lines(names: Self.shortestName, without: left)
        }
        let spare = RunReport.width - Self.width(tight)
        return spare > 0 ? lines(names: Self.shortestName + spare, without: left) : tight
    }

    private static func width(_ lines: [String]) -> Int { lines.map(\.seenWidth).max() ?? 0 }

    private func lines(names: Int, without left: Set<String>) -> [String] {
        let shown = Self.columns.indices.filter { !left.contains(Self.columns[$0].title) }
        var table = TextTable(shown.map { Self.columns[$0] })
        for slot in slots {
            let cells = cells(slot, names)
            table.add(shown.map { cells[$0] })
        }
        return table.lines(header: { terminal.styled($0, .bold) })
    }

    private func cells(_ slot: SlotResult, _ longestName: Int) -> [String] {
        let mark = slot.shadow == true ? " *" : ""
        let name = slot.name.shortened(to: longestName - mark.count) + mark
        return [
            slot.fault == nil ? name : terminal.styled(name, .red), total(slot),
            FigureText.ratio(slot.metrics["sharpe"]), FigureText.ratio(slot.metrics["sortino"]),
            FigureText.percent(slot.metrics["max_drawdown"]),
            FigureText.count(slot.counts.roundTrips),
            FigureText.percent(slot.trades["win_rate"], 0),
            FigureText.ratio(slot.trades["profit_factor_money"]),
            FigureText.percent(slot.metrics["exposure"], 0),
            Sparkline(marks: slot.curve.map(\.equity), buckets: Self.sparkline).text,
        ]
    }

    private func total(_ slot: SlotResult) -> String {
        guard let total = slot.totalReturn else { return FigureText.none }
        let text = FigureText.percent(total, signed: true)
        return total == 0 ? text : terminal.styled(text, total > 0 ? .green : .red)
    }
}

extension SlotResult {
    /// Of the exact books, which need no sample; nil without capital.
    var totalReturn: Double? {
        account.initial > 0 ? account.equity / account.initial - 1 : nil
    }
}
