import CLinux
import Glibc

/// Tries a plug-in in a throw-away process: its constructors, `create` and `destroy` with its
/// defaults, and leaving. What ends or crashes there never reaches the host.
package struct ProbeProcess: Sendable {
    /// What the first arguments of a probing process are.
    package static let command = ["plugin", "probe"]

    /// This program, which answers to `command`.
    package var executable: String
    package var secondsAllowed: Double

    package init(executable: String = "/proc/self/exe", secondsAllowed: Double = 5) {
        self.executable = executable
        self.secondsAllowed = secondsAllowed
    }

    /// - Parameter file: how people know it.
    /// - Parameter rehearsal: what it is to be tried with; nil for its defaults.
    /// - Throws: `PluginRefusal` when it died, took too long, or was refused there.
    func run(
        _ sealed: SealedFile, file: String, rehearsal: SealedFile? = nil
    ) throws(PluginRefusal) -> ProbeReport {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else {
            throw systemRefusal(file, "cannot make a pipe", errno)
        }
        defer { close(ends[0]) }
        let child: ProbeChild
        do {
            defer { close(ends[1]) }
            child = try spawn(sealed, rehearsal, reportTo: ends[1], file: file)
        }
        let (text, ending) = child.follow(report: ends[0], seconds: secondsAllowed)
        return try judge(text.split(separator: "\n").compactMap(ProbeLine.init), ending, file)
    }

    private func systemRefusal(_ file: String, _ what: String, _ number: Int32) -> PluginRefusal {
        PluginRefusal(file: file, cause: .system, what: "\(what) to try it: \(systemError(number))")
    }

    private func spawn(
        _ sealed: SealedFile, _ rehearsal: SealedFile?, reportTo report: Int32, file: String
    ) throws(PluginRefusal) -> ProbeChild {
        // Numbers that none of the sources has, so that no copy runs over another.
        let base = max(report, sealed.descriptor, rehearsal?.descriptor ?? 0, 9) + 1
        var arguments = [executable] + Self.command + ["/proc/self/fd/\(base)", "\(base + 1)"]
        if rehearsal != nil { arguments.append("/proc/self/fd/\(base + 2)") }
        var copies = [(from: sealed.descriptor, to: base), (from: report, to: base + 1)]
        if let rehearsal { copies.append((from: rehearsal.descriptor, to: base + 2)) }
        let started = ChildProgram.spawn(arguments, ChildProgram.environment, copies: copies)
        guard let process = started.process else {
            throw systemRefusal(file, "cannot start \(executable)", started.error)
        }
        return ProbeChild(process: process)
    }

    private func judge(
        _ lines: [ProbeLine], _ ending: ProbeChild.Ending, _ file: String
    ) throws(PluginRefusal) -> ProbeReport {
        var stage = ProbeStage.starting
        var report = ProbeReport()
        for line in lines {
            switch line {
            case .stage(let reached): stage = reached
            case .created: report.creation = .made
            case .createFailed(let words): report.creation = .failed(words)
            case .notCreated(let words): report.creation = .notTried(words)
            case .refused(let cause, let words):
                throw PluginRefusal(file: file, cause: cause, what: words)
            case .unfit(let words):
                throw PluginRefusal(
                    file: file, cause: .createFailed, what: "is not fit to take over: \(words)",
                    advice: "it was tried in a process of its own; what runs goes on")
            case .stays(let words): report.reasonToStay = words
            }
        }
        guard stage != .finished else { return report }
        if stage == .closing || stage == .leaving, ending != .tookTooLong {
            report.reasonToStay = "a trial \(ending.words) \(stage.place)"
            return report
        }
        switch ending {
        case .tookTooLong:
            throw PluginRefusal(
                file: file, cause: .tookTooLong,
                what: "did not answer within \(secondsAllowed) s, \(stage.place)",
                advice:
                    "a plug-in does its work in on_events, and neither waits nor loops elsewhere")
        case .exited(let status) where stage == .starting:
            throw PluginRefusal(
                file: file, cause: .system,
                what: "could not be tried: \(executable) ended with status \(status)")
        default:
            let isConstructor = stage == .opening
            throw PluginRefusal(
                file: file, cause: .died,
                what: "\(ending.words) \(stage.place)"
                    + (isConstructor ? ": one of its constructors did that" : ""),
                advice: "its code ran in a process of its own; the host is untouched")
        }
    }
}
