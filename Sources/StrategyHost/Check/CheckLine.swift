/// One line that a process writes which tries a plug-in: a word, a space, and text with line breaks escaped.
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
        case .place(let place): "place \(Self.escaped(place))"
        case .value(let value): "value \(Self.escaped(value))"
        case .outcome(let outcome): "\(outcome.verdict.rawValue) \(Self.escaped(outcome.words))"
        }
    }

    /// Nil for what no check writes.
    init?(_ line: Substring) {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let words = Self.unescaped(parts[1])
        switch parts[0] {
        case "place": self = .place(words)
        case "value": self = .value(words)
        default:
            guard let verdict = CheckOutcome.Verdict(rawValue: String(parts[0])) else { return nil }
            self = .outcome(CheckOutcome(verdict: verdict, words: words))
        }
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    }

    private static func unescaped(_ text: Substring) -> String {
        var out = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                out.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                out.append(character)
            }
        }
        return out
    }
}
