/// One line that a process writes which tries a plug-in: a word, a space, and text with line breaks
/// escaped.
enum CheckLine: Hashable {
    /// Where it is: written before each step, so that a sudden end has a place.
    case place(String)
    /// What the other processes of the same check must report as well.
    case value(String)
    case outcome(CheckOutcome)

    /// The place that the handler of faults writes.
    static let stack = "stack"

    var text: String {
        switch self {
        case .place(let place): "place \(EscapedLine.escaped(place))"
        case .value(let value): "value \(EscapedLine.escaped(value))"
        case .outcome(let outcome):
            "\(outcome.verdict.rawValue) \(EscapedLine.escaped(outcome.words))"
        }
    }

    /// Nil for what no check writes.
    init?(_ line: Substring) {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let words = EscapedLine.unescaped(parts[1])
        switch parts[0] {
        case "place": self = .place(words)
        case "value": self = .value(words)
        default:
            guard let verdict = CheckOutcome.Verdict(rawValue: String(parts[0])) else { return nil }
            self = .outcome(CheckOutcome(verdict: verdict, words: words))
        }
    }
}
