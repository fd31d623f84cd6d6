import Deck

/// Breached limits in words.
enum BreachText {
    /// `max_drawdown (disable) at 2024-01-31 14:30, measured 0.103, allowed 0.1; 3 in all`.
    static func summary(_ slot: SlotResult) -> String {
        guard let first = slot.breaches.first else { return "\(slot.counts.breaches)" }
        let more = slot.counts.breaches > 1 ? "; \(FigureText.count(slot.counts.breaches)) in all" : ""
        return line(first) + more
    }

    static func line(_ breach: SlotResult.Breach) -> String {
        "\(breach.rule) at \(RunReport.minute(breach.time)): \(number(breach.measured)), "
            + "allowed \(number(breach.allowed)); \(action(breach.action))"
    }

    static func action(_ action: String) -> String {
        switch action {
        case "reject": "order refused"
        case "flatten": "positions closed"
        case "pause_until_next_session": "positions closed, paused until the next session"
        case "disable": "positions closed, trading ended"
        default: action
        }
    }

    /// In the rule's own unit, four digits behind the point at the most.
    static func number(_ value: Double) -> String {
        var text = FigureText.fixed(value, 4)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}
