import Analysis
import Deck
import Journal
import Market

/// A run's result for people: the same from a run that has just ended and from the journal.
struct RunReport {
    let result: RunResult
    /// Its number in the journal; nil where none was kept.
    let run: Int64?
    let terminal: Terminal
    /// Every figure of every slot, not only the table.
    var hasDetail: Bool
    /// The slots whose every figure is wanted whatever `hasDetail` says; none of the others where
    /// there is one.
    var chosen: [String] = []

    /// No line is longer, unless a single word is.
    /// As the terminal, but not wider than is read with ease.
    static let width = min(100, Terminal().tableWidth)

    var lines: [String] {
        var lines = header + [""] + SlotTable(result.slots, terminal).lines
        lines += remarks
        for slot in detailed { lines += [""] + SlotReport(slot, terminal).lines }
        return lines + [""] + ending
    }

    private var detailed: [SlotResult] {
        if !chosen.isEmpty { return result.slots.filter { chosen.contains($0.name) } }
        return hasDetail || result.slots.count == 1 ? result.slots : []
    }

    private var header: [String] {
        let kind = result.identity.kind == "replay" ? "Replay" : "Backtest"
        var title = kind + (result.identity.configurationPath.map { " of \($0)" } ?? "")
        if let run { title += ", run \(run)" }
        var lines = [terminal.styled(title, .bold) + state]
        lines += row("data", [data])
        if result.identity.isSynthetic {
            lines += row(
                "", [terminal.styled("SYNTHETIC", .yellow) + ": nobody ever saw these prices"])
        }
        for line in AssumptionLines(result.slots).rows { lines += row(line.label, line.texts) }
        lines += row("doubts", [AssumptionLines.doubts(result.slots)])
        return lines
    }

    static let labelWidth = 9

    /// A label and what belongs to it, wrapped beside it.
    private func row(_ label: String, _ texts: [String]) -> [String] {
        let lines = texts.flatMap { $0.wrapped(to: RunReport.width - RunReport.labelWidth) }
        return lines.enumerated().map { index, line in
            (index == 0 ? label : "").padded(to: RunReport.labelWidth) + line
        }
    }

    private var state: String {
        switch result.status {
        case .complete: ""
        case .interrupted: terminal.styled("  interrupted: what was played until then", .yellow)
        case .running, .failed, .crashed: terminal.styled("  \(result.status.rawValue)", .red)
        }
    }

    private var data: String {
        // The label of a made-up market has a line of its own.
        let label = "SYNTHETIC: "
        let source = result.identity.source
        var text = source.hasPrefix(label) ? "made up: " + source.dropFirst(label.count) : source
        if let first = result.firstEvent, let last = result.lastEvent {
            text += ", \(RunReport.minute(first)) to \(RunReport.minute(last)) UTC"
        }
        return text + ", \(FigureText.count(result.events)) events"
    }

    /// `2024-01-31 14:30`.
    static func minute(_ moment: Moment) -> String {
        let text = moment.description
        return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
    }

    private var remarks: [String] {
        var lines: [String] = []
        let slots = result.slots
        for slot in slots {
            guard let fault = slot.fault else { continue }
            let place = fault.time.map { ", at \(RunReport.minute($0))" } ?? ""
            lines += note("stopped", .red, "\(slot.name)\(place): \(fault.message)")
        }
        for slot in slots where slot.counts.breaches > 0 && slots.count > 1 {
            lines += note("limits", .yellow, "\(slot.name): \(BreachText.summary(slot))")
        }
        if let overall = result.overall {
            for text in OverallLines(result: overall).texts {
                lines += note("overall", .yellow, text)
            }
        }
        for comparison in result.comparisons ?? [] {
            lines += note("compare", .yellow, comparison.words)
            lines += note("", .dim, ComparisonText.method(comparison))
        }
        if slots.contains(where: { $0.shadow == true }) {
            lines += note(
                "*", .dim, "a shadow: measured, and in no sum or limit over the strategies")
        }
        return lines.isEmpty ? [] : [""] + lines
    }

    private func note(_ label: String, _ style: Terminal.Style, _ text: String) -> [String] {
        let lines = text.wrapped(to: RunReport.width - RunReport.labelWidth)
        return lines.enumerated().map { index, line in
            (index == 0 ? terminal.styled(label, style) : "").padded(to: RunReport.labelWidth)
                + line
        }
    }

    private var ending: [String] {
        let rate =
            result.seconds > 0 ? Double(result.events * result.slots.count) / result.seconds : 0
        let took = SpanText.of(nanoseconds: Int64(min(result.seconds, 9e9) * 1e9))
        var lines = [
            "took     \(took), \(ProgressBar.scaled(rate)) strategy events/s, "
                + "\(result.lanes) lane\(result.lanes == 1 ? "" : "s")",
            "digest   \(result.digest)",
        ]
        if let run, !hasDetail, chosen.isEmpty, result.slots.count > 1 {
            lines.append(
                terminal.styled(
                    "         tapedeck report \(run) --strategy NAME shows every figure of one, --detail of all",
                    .dim))
        }
        return lines
    }
}
