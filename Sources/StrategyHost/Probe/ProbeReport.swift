/// What trying a plug-in in a process of its own found. Had it died there, it would not be opened
/// here.
package struct ProbeReport: Hashable, Sendable {
    package enum Creation: Hashable, Sendable {
        case made
        /// With the manifest's defaults; its words.
        case failed(String)
        /// Why it could not be tried.
        case notTried(String)
    }

    package var creation = Creation.notTried("it was not reached")
    /// Why it must not be closed in a process that goes on; nil when it left without a trace.
    package var reasonToStay: String?
}

/// Where a probe is: written by the probing process before each step, so that a sudden end has a
/// place.
enum ProbeStage: String, CaseIterable {
    case starting, opening, creating, loading, beginning, playing, saving, destroying, closing,
        leaving, finished

    /// For a message: `while it was being opened`.
    var place: String {
        switch self {
        case .starting: "before it was opened"
        case .opening: "while it was being opened"
        case .creating: "in create"
        case .loading: "in load, with the state of the strategy that runs"
        case .beginning: "in start"
        case .playing: "in on_events, with the last events of the run"
        case .saving: "in save"
        case .destroying: "in destroy"
        case .closing: "while it was being closed"
        case .leaving: "after it had been closed, when the thread that used it ended"
        case .finished: "at the very end"
        }
    }
}

/// One line that the probing process writes.
enum ProbeLine: Hashable {
    case stage(ProbeStage)
    case created
    case createFailed(String)
    case notCreated(String)
    case refused(PluginRefusal.Cause, String)
    case stays(String)
    case unfit(String)

    /// A word, and after a space its text with line breaks and backslashes escaped.
    var text: String {
        switch self {
        case .stage(let stage): "stage \(stage.rawValue)"
        case .created: "created -"
        case .createFailed(let words): "failed \(EscapedLine.escaped(words))"
        case .notCreated(let words): "untried \(EscapedLine.escaped(words))"
        case .refused(let cause, let words):
            "refused \(cause.rawValue) \(EscapedLine.escaped(words))"
        case .unfit(let words): "unfit \(EscapedLine.escaped(words))"
        case .stays(let words): "stays \(EscapedLine.escaped(words))"
        }
    }

    /// Nil for what no probe writes.
    init?(_ line: Substring) {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let words = EscapedLine.unescaped(parts[1])
        switch parts[0] {
        case "stage":
            guard let stage = ProbeStage(rawValue: words) else { return nil }
            self = .stage(stage)
        case "created": self = .created
        case "failed": self = .createFailed(words)
        case "untried": self = .notCreated(words)
        case "unfit": self = .unfit(words)
        case "stays": self = .stays(words)
        case "refused":
            let inner = parts[1].split(
                separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard inner.count == 2, let cause = PluginRefusal.Cause(rawValue: String(inner[0]))
            else { return nil }
            self = .refused(cause, EscapedLine.unescaped(inner[1]))
        default: return nil
        }
    }
}
