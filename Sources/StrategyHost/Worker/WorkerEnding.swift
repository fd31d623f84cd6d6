import Glibc

/// Why a worker is gone: what it did, as far as the host can tell.
package enum WorkerEnding: Hashable, Sendable, CustomStringConvertible {
    case crashed(signal: Int32)
    case exited(status: Int32)
    /// It asked the system for something that its walls do not let through.
    case refusedCall(name: String)
    /// Seconds of processor time in one call.
    case hung(seconds: Double)
    /// Seconds without progress and without using the processor.
    case slept(seconds: Double)
    case memory(limit: Int)
    /// What it sent makes no sense.
    case breach(String)
    case flood(commands: Int)
    /// Its mirror of the portfolio is not what its commands make of the tape.
    case mirrorMismatch
    case notStarted(String)
    /// The host has no room on its tape for what it is to be shown.
    case noRoom(events: Int)
    case byOperator
    /// Another strategy, of this name, ended the worker that both shared.
    indirect case bySharer(String, WorkerEnding)

    /// The word that a journal and a script can look for.
    package var name: String {
        switch self {
        case .crashed: "crash"
        case .exited: "exit"
        case .refusedCall: "refused system call"
        case .hung, .slept: "hang"
        case .memory: "memory limit"
        case .breach: "protocol breach"
        case .flood: "order flood"
        case .mirrorMismatch: "mirror mismatch"
        case .notStarted: "not started"
        case .noRoom: "no room"
        case .byOperator: "ended"
        case .bySharer(_, let ending): ending.name
        }
    }

    package var description: String {
        switch self {
        case .crashed(let signal):
            "crash: its worker died of signal \(signal) (\(unsafe String(cString: strsignal(signal))))"
        case .exited(let status): "exit: its worker ended its own process with status \(status)"
        case .refusedCall(let name):
            "refused system call: it called \(name), which its sandbox forbids"
        case .hung(let seconds): "hang: it used \(Self.text(seconds)) of processor time in one call"
        case .slept(let seconds): "hang: it made no progress for \(Self.text(seconds))"
        case .memory(let limit): "memory limit: its worker wanted more than \(limit >> 20) MiB"
        case .breach(let what): "protocol breach: \(what)"
        case .flood(let commands): "order flood: \(commands) commands at one event"
        case .mirrorMismatch:
            "mirror mismatch: its worker's portfolio is not what its commands make of the tape"
        case .notStarted(let why): "not started: \(why)"
        case .noRoom(let events): "no room: its tape cannot take a block of \(events) events"
        case .byOperator: "ended: an operator ended its worker"
        case .bySharer(let name, let ending):
            "\(ending.name): \(name), which shared its worker, ended that (\(ending))"
        }
    }

    private static func text(_ seconds: Double) -> String {
        seconds < 1 ? "\(Int((seconds * 1000).rounded())) ms" : "\((seconds * 10).rounded() / 10) s"
    }
}
