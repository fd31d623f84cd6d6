import Market

/// What becomes of a strategy that fails.
package struct FaultPolicy: Hashable, Sendable {
    /// When it is not started again any more.
    package enum End: String, Hashable, Sendable, CaseIterable {
        /// Its portfolio goes on alone, with its orders and protective stops.
        case stayOut = "stay_out"
        /// Its orders are cancelled and its positions closed.
        case flatten
    }

    /// How often it is started again within `span`; then it is in quarantine.
    package var restarts = 0
    /// Nanoseconds of the tape's time.
    package var span: Int64 = 3_600_000_000_000
    package var end = End.stayOut

    package init() {}

    /// Nanoseconds of the tape's time before each further start.
    static let pauses: [Int64] = [0, 1_000_000_000, 5_000_000_000, 30_000_000_000]
}

/// The keys of `on_fault`.
package enum FaultPolicyKey: String, CaseIterable {
    case restart, within, then
}

/// One slot's faults, and what its policy makes of them.
struct FaultCare {
    /// A fault as it is told to whoever records.
    struct Note {
        var sequence: UInt64
        var time: Timestamp
        var text: String
    }

    var policy: FaultPolicy
    /// When faults were, on the tape.
    private var times: [Timestamp] = []
    /// The strategy is to be started again before the first event from then on; nil when it is not.
    private(set) var restartTime: Timestamp?
    /// It has used its budget up; only an operator lifts that.
    private(set) var isQuarantined = false
    private(set) var restarts = 0
    /// Not told yet.
    var notes: [Note] = []

    init(_ policy: FaultPolicy) { self.policy = policy }

    /// Decides; answers whether positions are to be closed now.
    mutating func take(_ text: String, sequence: UInt64, time: Timestamp) -> Bool {
        times.append(time)
        times.removeAll { $0 < time + -policy.span }
        var text = text
        defer { notes.append(Note(sequence: sequence, time: time, text: text)) }
        guard times.count > policy.restarts else {
            restartTime = time + FaultPolicy.pauses[min(times.count, FaultPolicy.pauses.count) - 1]
            text += "; it is started again (\(times.count) of \(policy.restarts))"
            return false
        }
        restartTime = nil
        isQuarantined = policy.restarts > 0
        if isQuarantined { text += "; it stays in quarantine until an operator starts it again" }
        if policy.end == .flatten { text += "; its positions are closed" }
        return policy.end == .flatten
    }

    mutating func restarted() {
        restartTime = nil
        restarts += 1
    }

    /// An operator started it again: it has its whole budget.
    mutating func forget() {
        times = []
        isQuarantined = false
        restartTime = nil
    }
}
