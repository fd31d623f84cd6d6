import Analysis
import Deck

/// Everything about one slot.
struct SlotReport {
    let slot: SlotResult
    let terminal: Terminal

    init(_ slot: SlotResult, _ terminal: Terminal) {
        self.slot = slot
        self.terminal = terminal
    }

    static let indent = "  "

    var lines: [String] {
        var lines = heading + account
        lines += FigureTable(slot.metrics, terminal).lines
        lines += PeriodTables(slot, terminal).lines
        lines += TradeTables(slot, terminal).lines
        lines += positions + orders + breaches
        return lines
    }

    private var heading: [String] {
        let plugin = "\(slot.plugin.name) \(slot.plugin.version) (\(slot.plugin.id))"
        var lines = [terminal.styled(slot.name, .bold) + "  " + plugin]
        let bars =
            slot.timeframes.isEmpty ? "" : ", bars of \(slot.timeframes.joined(separator: ", "))"
        let symbols = slot.symbols.joined(separator: " ") + bars
        lines += indented(symbols + (slot.isSynthetic ? ", " + "synthetic" : ""))
        if !slot.parameters.isEmpty { lines += indented(slot.parameters) }
        if slot.shadow == true {
            lines += indented("a shadow: measured, and in no sum or limit over the strategies")
        }
        for text in slot.ensemble.map({ EnsembleText.lines($0, slot.symbols) }) ?? [] {
            lines += indented(text)
        }
        for assumption in slot.assumptions {
            lines += indented("\(assumption.subject): \(assumption.text)")
        }
        lines += indented("figures: \(AssumptionLines.figures(slot))")
        if let fault = slot.fault {
            let place = fault.time.map { " at \(RunReport.minute($0))" } ?? ""
            lines += wrapped("stopped\(place): \(fault.message)").map { terminal.styled($0, .red) }
        }
        return lines
    }

    private var account: [String] {
        let account = slot.account
        let sparkline = Sparkline(marks: slot.curve.map(\.equity), buckets: 60).text
        var lines = [
            "",
            "  equity  \(money(account.initial)) -> \(money(account.equity)) \(slot.currency)  \(percent)",
        ]
        if !sparkline.isEmpty { lines.append("          " + sparkline) }
        var parts = [
            "cash \(money(account.cash))", "realised \(money(account.realised))",
            "unrealised \(money(account.unrealised))", "costs \(money(account.fees))",
        ]
        if account.income != 0 { parts.append("income \(money(account.income))") }
        if let result = account.currencyResult { parts.append("exchange rates \(money(result))") }
        for held in account.foreignCash ?? [] where held.cash != 0 {
            parts.append("\(money(held.cash)) \(held.currency)")
        }
        for total in slot.ledger {
            parts.append("\(total.kind) \(money(total.amount)) \(total.currency)")
        }
        lines.append("          " + parts.joined(separator: ", "))
        lines.append(
            "          deepest fall, seen at every event: \(FigureText.percent(account.drawdown.magnitude, 2))"
        )
        if let benchmark = slot.benchmark {
            lines.append(
                "          buying and holding \(benchmark.symbol): "
                    + FigureText.percent(benchmark.totalReturn, 2, signed: true))
        }
        return lines
    }

    private var percent: String {
        guard let total = slot.totalReturn else { return "" }
        let text = FigureText.percent(total, 2, signed: true)
        return total == 0 ? text : terminal.styled(text, total > 0 ? .green : .red)
    }

    private func money(_ value: Double) -> String { slot.money(value) }

    private var positions: [String] {
        guard !slot.positions.isEmpty else { return [] }
        var table = TextTable([
            ("open position", .left), ("quantity", .right), ("average", .right), ("mark", .right),
            ("value", .right),
            ("unrealised", .right),
        ])
        for position in slot.positions {
            table.add([
                position.symbol, BreachText.number(position.quantity),
                BreachText.number(position.averagePrice),
                BreachText.number(position.mark), money(position.value), money(position.unrealised),
            ])
        }
        return section("At the end", table)
    }

    private var orders: [String] {
        let counts = slot.counts
        var text =
            FigureText.count(counts.orders, "order") + ", " + FigureText.count(counts.fills, "fill")
        let doubts = [
            (counts.ambiguousFills, "decided by the intrabar assumption"),
            (counts.staleFills, "at stale prices"),
            (counts.thinFills, "in thin data"),
        ].filter { $0.0 > 0 }.map { "\(FigureText.count($0.0)) \($0.1)" }
        if !doubts.isEmpty { text += " (\(doubts.joined(separator: ", ")))" }
        if counts.rejected > 0 {
            let reasons = slot.rejections.map { "\(FigureText.count($0.count)) \($0.reason)" }
            text +=
                ", \(FigureText.count(counts.rejected)) refused: " + reasons.joined(separator: ", ")
        }
        return ["", terminal.styled("Orders", .bold)] + indented(text)
    }

    private var breaches: [String] {
        guard slot.counts.breaches > 0 else { return [] }
        var lines = ["", terminal.styled("Limits breached", .bold)]
        for breach in slot.breaches {
            lines += wrapped(BreachText.line(breach)).map { terminal.styled($0, .yellow) }
        }
        let rest = slot.counts.breaches - slot.breaches.count
        if rest > 0 { lines.append("  and \(FigureText.count(rest)) more, in the journal") }
        return lines
    }

    private func section(_ title: String, _ table: TextTable) -> [String] {
        ["", terminal.styled(title, .bold)]
            + table.lines(header: { terminal.styled($0, .dim) }).map { "  " + $0 }
    }

    private func indented(_ text: String) -> [String] { wrapped(text) }

    private func wrapped(_ text: String) -> [String] {
        text.wrapped(to: RunReport.width - 4).enumerated().map { ($0 == 0 ? "  " : "    ") + $1 }
    }
}

extension SlotResult {
    /// Money of this slot: two decimals, more where the capital is a small number of coins.
    func money(_ value: Double?, signed: Bool = false) -> String {
        FigureText.money(value, account.initial.magnitude < 100 ? 6 : 2, signed: signed)
    }
}
