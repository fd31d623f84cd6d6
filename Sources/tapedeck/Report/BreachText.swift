import Deck

/// Breached limits in words.
enum BreachText {
    /// `max_drawdown at 2024-01-31 14:30: 25.04 %, allowed 25 %; positions closed; 3 in all`.
    static func summary(_ slot: SlotResult) -> String {
        guard let first = slot.breaches.first else { return "\(slot.counts.breaches)" }
        let more =
            slot.counts.breaches > 1 ? "; \(FigureText.count(slot.counts.breaches)) in all" : ""
        return line(first) + more
    }

    static func line(_ breach: SlotResult.Breach) -> String {
        "\(breach.rule) at \(RunReport.minute(breach.time)): "
            + measures(breach.rule, breach.measured, breach.allowed) + "; \(action(breach.action))"
    }

    /// `25.04 %, allowed 25 %`.
    static func measures(_ rule: String, _ measured: Double, _ allowed: Double) -> String {
        switch rule {
        case "trading_windows": return "\(clock(measured)), allowed from \(clock(allowed)) on"
        case "max_holding":
            let spans = [measured, allowed].map { SpanText.of(nanoseconds: Int64(min($0, 9e18))) }
            return "\(spans[0]), allowed \(spans[1])"
        case _ where shares.contains(rule):
            return "\(number(measured * 100, 2)) %, allowed \(number(allowed * 100, 2)) %"
        default: return "\(number(measured)), allowed \(number(allowed))"
        }
    }

    /// `09:30` of a second of the day.
    private static func clock(_ second: Double) -> String {
        guard second.isFinite, (0..<864_000).contains(second) else { return number(second) }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return two(Int(second) / 3_600) + ":" + two(Int(second) / 60 % 60)
    }

    /// Rules whose unit is a share of something.
    private static let shares = [
        "max_position_size", "max_gross_exposure", "max_net_exposure", "max_daily_loss",
        "max_drawdown", "min_return",
        "max_lag_behind_benchmark", "maintenance_margin",
    ]

    static func action(_ action: String) -> String {
        switch action {
        case "reject": "order refused"
        case "flatten": "positions closed"
        case "pause_until_next_session": "positions closed, paused until the next session"
        case "reduce": "largest positions closed until covered"
        case "disable": "positions closed, trading ended"
        default: action
        }
    }

    /// A few digits behind the point, and no zeros at their end.
    static func number(_ value: Double, _ decimals: Int = 4) -> String {
        var text = FigureText.fixed(value, decimals)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}
