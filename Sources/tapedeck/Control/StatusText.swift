import Deck
import Market

/// A running deck for people.
struct StatusText {
    private let status: DeckStatus
    private let terminal: Terminal

    init(_ status: DeckStatus, _ terminal: Terminal) {
        self.status = status
        self.terminal = terminal
    }

    var lines: [String] {
        var lines = [heading, ""]
        var table = TextTable([
            ("strategy", .left), ("state", .left), ("plug-in", .left), ("equity", .right),
            ("", .left), ("P&L", .right),
            ("drawdown", .right), ("orders", .right), ("trades", .right), ("positions", .left),
        ])
        for slot in status.slots { table.add(row(slot)) }
        lines +=
            status.slots.isEmpty
            ? ["no strategy is loaded"] : table.lines { terminal.styled($0, .bold) }
        for slot in status.slots {
            if let fault = slot.fault {
                lines.append(terminal.styled("\(slot.name) was stopped: \(fault)", .red))
            }
            if let probation = slot.probation {
                lines.append(
                    "\(slot.name) is on probation: \(FigureText.count(probation.events)) of "
                        + "\(FigureText.count(probation.most, "event")), then \(probation.version) leaves"
                )
            }
        }
        for slot in status.slots {
            guard let late = slot.late else { continue }
            lines.append(
                terminal.styled(
                    "\(slot.name) is late by \(FigureText.count(late, "event")); the feed does not wait for it",
                    .yellow))
        }
        if let hang = status.hang {
            lines.append(terminal.styled(hang, .red))
            lines.append("this is what was last known; `tapedeck stop` ends the run")
        }
        lines += walls
        if status.slots.contains(where: { $0.shadow == true }) {
            lines.append(
                terminal.styled("* a shadow: in no sum and no limit over the strategies", .dim))
        }
        for pinned in status.pinned { lines.append(terminal.styled("pinned  ", .yellow) + pinned) }
        return lines
    }

    /// Where strategies run and inside which walls, a line for those of which the same can be said.
    private var walls: [String] {
        var groups: [(words: String, names: [String])] = []
        for slot in status.slots {
            if let index = groups.firstIndex(where: { $0.words == slot.walls }) {
                groups[index].names.append(slot.name)
            } else {
                groups.append((slot.walls, [slot.name]))
            }
        }
        return groups.map { group in
            let names =
                group.names.prefix(3).joined(separator: ", ")
                + (group.names.count > 3 ? " and \(group.names.count - 3) more" : "")
            return terminal.styled("walls   ", .dim) + (groups.count > 1 ? "\(names): " : "")
                + group.words
        }
    }

    /// `strategies.yaml  playing  event 1,234 of 5,000 (24 %)  2024-01-31 14:30:00`
    private var heading: String {
        let share = status.total > 0 ? " (\(status.done * 100 / status.total) %)" : ""
        let time = TimeText.string(status.time.time, precision: .seconds)
        return terminal.styled(status.configuration, .bold)
            + "  \(status.state)  event \(FigureText.count(status.done)) of "
            + "\(FigureText.count(status.total))\(share)  \(time.prefix(10)) \(time.dropFirst(11).prefix(8))  "
            + "pid \(status.process)"
    }

    private func row(_ slot: DeckStatus.Slot) -> [String] {
        let change = slot.equity - slot.initial
        let share = slot.initial != 0 ? change / slot.initial : nil
        return [
            slot.name.shortened(to: 20) + (slot.shadow == true ? " *" : ""), state(slot),
            "\(slot.plugin.split(separator: ".").last ?? "") \(slot.version)",
            FigureText.money(slot.equity), slot.currency,
            terminal.styled(FigureText.percent(share, 2, signed: true), change < 0 ? .red : .green),
            FigureText.percent(slot.drawdown, 2), "\(slot.orders)", "\(slot.trades)",
            positions(slot),
        ]
    }

    private func state(_ slot: DeckStatus.Slot) -> String {
        let word = slot.probation == nil ? slot.state : slot.state + "*"
        switch slot.state {
        case "running": return word
        case "stopped", "disabled", "hangs": return terminal.styled(word, .red)
        default: return terminal.styled(word, .yellow)
        }
    }

    private func positions(_ slot: DeckStatus.Slot) -> String {
        guard !slot.positions.isEmpty else { return FigureText.none }
        return slot.positions.prefix(3).map { "\($0.quantity) \($0.symbol)" }.joined(
            separator: ", ")
            + (slot.positions.count > 3 ? ", ..." : "")
    }
}

/// One strategy of a running deck, in full.
struct SlotStatusText {
    private let slot: DeckStatus.Slot
    private let terminal: Terminal

    init(_ slot: DeckStatus.Slot, _ terminal: Terminal) {
        self.slot = slot
        self.terminal = terminal
    }

    var lines: [String] {
        func money(_ value: Double) -> String { FigureText.money(value) + " " + slot.currency }
        var lines = [terminal.styled(slot.name, .bold) + "  \(slot.state)"]
        func add(_ name: String, _ text: String) { lines.append("  " + name.padded(to: 12) + text) }
        add("plug-in", "\(slot.plugin) \(slot.version) (\(slot.digest.prefix(12)))")
        if !slot.path.isEmpty { add("file", slot.path) }
        add("runs in", slot.walls + (slot.process.map { ", process \($0)" } ?? ""))
        let frames = slot.timeframes.joined(separator: ", ")
        add("plays", slot.symbols.joined(separator: ", ") + (frames.isEmpty ? "" : " at \(frames)"))
        add("parameters", slot.parameters.isEmpty ? FigureText.none : slot.parameters)
        if slot.shadow == true {
            add("shadow", "measured, and in no sum or limit over the strategies")
        }
        for text in slot.ensemble.map({ EnsembleText.lines($0, slot.symbols) }) ?? [] {
            add("ensemble", text)
        }
        add(
            "equity", "\(money(slot.equity)), from \(money(slot.initial)); fees \(money(slot.fees))"
        )
        add(
            "result",
            "realised \(money(slot.realised)), open \(money(slot.unrealised)), "
                + "drawdown \(FigureText.percent(slot.drawdown, 2))")
        for position in slot.positions {
            add(
                "holds",
                "\(position.quantity) \(position.symbol), open result \(money(position.unrealised))"
            )
        }
        add(
            "counts",
            "\(FigureText.count(slot.events, "event")), \(FigureText.count(slot.fills, "fill")), "
                + "\(FigureText.count(slot.trades, "trade")), \(FigureText.count(slot.orders, "order")) working"
        )
        if let probation = slot.probation {
            add(
                "probation",
                "\(FigureText.count(probation.events)) of \(FigureText.count(probation.most, "event")); "
                    + "`tapedeck rollback \(slot.name)` takes \(probation.version) back")
        }
        if let fault = slot.fault { add("stopped", terminal.styled(fault, .red)) }
        return lines
    }
}
