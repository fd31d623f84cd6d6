import CTapedeck
import Kernel
import Market

/// How what ended a strategy goes through the ring: a few numbers, each of which the host checks.
struct WorkerFault {
    /// Why a strategy is called no more.
    enum Cause: UInt64 { case done, answered, breach, portfolio }

    /// `nil` for a strategy that has finished.
    static func entry(_ fault: StrategyFault?) -> (number: UInt64, entry: WorkerChannel.Entry) {
        var entry = WorkerChannel.Entry()
        guard let fault else { return (Cause.done.rawValue, entry) }
        entry.payload.0 = UInt64(StrategyFault.Call.allCases.firstIndex(of: fault.call) ?? 0)
        entry.payload.2 = fault.sequence ?? .max
        switch fault.cause {
        case .answered(let status):
            entry.payload.1 = UInt64(UInt32(bitPattern: status))
            return (Cause.answered.rawValue, entry)
        case .breach(let breach):
            entry.payload.1 = UInt64(StrategyFault.Breach.allCases.firstIndex(of: breach) ?? 0)
            return (Cause.breach.rawValue, entry)
        // The host's own portfolio says the same, and is believed.
        case .portfolio, .worker: return (Cause.portfolio.rawValue, entry)
        }
    }

    /// What an entry says; the outer nil for what makes no sense, the inner for a strategy that has
    /// finished.
    static func fault(_ entry: WorkerChannel.Entry, words: String, last: UInt64) -> StrategyFault??
    {
        guard let cause = Cause(rawValue: entry.number) else { return nil }
        if cause == .done { return .some(nil) }
        guard entry.payload.0 < StrategyFault.Call.allCases.count else { return nil }
        let call = StrategyFault.Call.allCases[Int(entry.payload.0)]
        let sequence: UInt64? = entry.payload.2 == .max ? nil : min(entry.payload.2, last)
        switch cause {
        case .answered:
            let status = td_status(truncatingIfNeeded: entry.payload.1)
            guard status < 0 else { return nil }
            return StrategyFault(
                call: call, cause: .answered(status), text: words, sequence: sequence)
        case .breach:
            guard entry.payload.1 < StrategyFault.Breach.allCases.count else { return nil }
            let breach = StrategyFault.Breach.allCases[Int(entry.payload.1)]
            return StrategyFault(
                call: call, cause: .breach(breach), text: words, sequence: sequence)
        case .portfolio, .done:
            return StrategyFault(
                call: call, cause: .portfolio(.overflow), text: words, sequence: sequence)
        }
    }
}
