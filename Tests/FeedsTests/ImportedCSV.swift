import CTapedeck
import Feeds
import Market
import TestGround

/// An import from text to a tape in memory.
struct ImportedCSV {
    let report: ImportReport
    let tape: TapeFile?

    init(
        _ text: String, name: String = "AAA.csv", policy: ImportPolicy = .reject,
        calendar: String = "24/7",
        change: (inout CSVImportSettings) -> Void = { _ in }
    ) throws(FeedError) {
        let folder = ScratchFolder()
        var settings = CSVImportSettings()
        settings.policy = policy
        settings.calendar = calendar
        settings.hasSessions = false
        change(&settings)
        let path = folder.write(text, name)
        let result = try CSVImport.run(path, to: .memory("test"), settings: settings)
        report = result.report
        tape = result.tape
    }

    var events: [Event] { tape.map { Array($0.events) } ?? [] }
    /// `2024-01-01T00:01:00Z 1 2 0.5 1.5 10`
    var rows: [String] {
        events.map { event in
            let time = TimeText.string(event.timestamp)
            let v = event.values
            switch event.kind {
            case .bar:
                return "\(time) " + [v.0, v.1, v.2, v.3, v.4].map(plain).joined(separator: " ")
            case .trade:
                return
                    "\(time) \(plain(v.0)) \(plain(v.1)) id \(event.trade.id) side \(event.trade.side)"
            case .quote: return "\(time) " + [v.0, v.1, v.2, v.3].map(plain).joined(separator: " ")
            case .split: return "\(time) split \(event.split.numerator):\(event.split.denominator)"
            case .dividend: return "\(time) dividend \(plain(event.dividend.amount))"
            case .sessionOpen: return "\(time) opens"
            case .sessionClose: return "\(time) closes"
            default: return "\(time) kind \(event.type)"
            }
        }
    }

    /// `wrong field count 3:12 rejected`
    var problems: [String] {
        report.problems.map { "\($0.kind.title) \($0.line):\($0.column) \($0.action.rawValue)" }
    }

    private func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
