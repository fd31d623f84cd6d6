import StrategyHost

/// A report as a person or a script wants to see it.
struct CheckAnswerText: Encodable {
    struct Line: Encodable {
        var id: String
        var verdict: String
        var title: String
        var words: String
    }
    struct Explained: Encodable {
        var id: String
        var title: String
        var why: String
        var advice: String

        init(_ check: Check) {
            id = check.id
            title = check.title
            why = check.why
            advice = check.advice
        }
    }

    var file: String
    var sha256: String
    var plugin: String?
    var version: String?
    var passed: Bool
    var unload: String
    var deterministic: String
    var needs: String
    var seed: UInt64
    var seconds: Double
    var counts: [String: Int]
    var refusal: String?
    var checks: [Line]

    init(_ report: CheckReport) {
        file = report.path
        sha256 = "\(report.sha256)"
        plugin = report.manifest?.id
        version = report.manifest.map { "\($0.version)" }
        passed = report.hasPassed
        unload = report.unload
        deterministic = report.deterministic
        needs = report.needs
        seed = report.seed
        seconds = (report.seconds * 1000).rounded() / 1000
        counts = Dictionary(
            uniqueKeysWithValues: CheckOutcome.Verdict.allCases.map {
                ($0.rawValue, report.count($0))
            })
        refusal = report.refusal
        checks = report.results.map {
            Line(
                id: $0.check.id, verdict: $0.outcome.verdict.rawValue, title: $0.check.title,
                words: $0.outcome.words)
        }
    }

    /// One line for whoever is content with that; what failed with its reason and a way out; with
    /// `showsAll` each.
    static func lines(_ report: CheckReport, showsAll: Bool, _ terminal: Terminal) -> [String] {
        var lines: [String] = []
        if showsAll {
            for result in report.results { lines.append(line(result, terminal)) }
            lines.append("")
        } else {
            for result in report.failures + report.remarks { lines += explained(result, terminal) }
        }
        lines.append(summary(report, terminal))
        if showsAll || !report.hasPassed { lines.append(counted(report)) }
        return lines
    }

    private static func word(_ verdict: CheckOutcome.Verdict, _ terminal: Terminal) -> String {
        switch verdict {
        case .pass: terminal.styled("pass  ", .green)
        case .remark: terminal.styled("remark", .yellow)
        case .fail: terminal.styled("FAIL  ", .red)
        case .skip: terminal.styled("skip  ", .dim)
        }
    }

    private static func line(_ result: CheckReport.Result, _ terminal: Terminal) -> String {
        let words = result.outcome.words.isEmpty ? "" : ": \(result.outcome.words)"
        return "\(word(result.outcome.verdict, terminal))  \(result.check.id.padded(to: 26))  "
            + "\(result.check.title)\(words)"
    }

    private static func explained(_ result: CheckReport.Result, _ terminal: Terminal) -> [String] {
        let id = terminal.styled(result.check.id, .bold)
        return [
            "\(word(result.outcome.verdict, terminal))  \(id)  \(result.check.title)",
            "        what:  \(result.outcome.words)", "        why:   \(result.check.why)",
            "        try:   \(result.check.advice)", "",
        ]
    }

    private static func summary(_ report: CheckReport, _ terminal: Terminal) -> String {
        guard report.hasPassed else {
            let count = report.failures.count
            return terminal.styled("FAIL", .red) + "  \(report.path): "
                + (report.refusal.map { _ in "it is refused" }
                    ?? "\(count) check\(count == 1 ? "" : "s") failed")
        }
        return terminal.styled("PASS", .green)
            + "  unload: \(report.unload)  deterministic: \(report.deterministic)  needs: \(report.needs)"
    }

    private static func counted(_ report: CheckReport) -> String {
        let seconds = (report.seconds * 10).rounded() / 10
        return
            "\(report.count(.pass)) passed, \(report.count(.fail)) failed, \(report.count(.remark)) remarks, "
            + "\(report.count(.skip)) skipped; \(seconds) s, seed \(report.seed); --explain ID says more"
    }
}
