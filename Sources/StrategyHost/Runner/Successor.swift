package import CTapedeck
package import Market

/// Who takes over from a running strategy, and what it begins with.
package struct Successor: Sendable {
    package var placement: Placement
    package var settings: StrategyRunner.Settings
    /// The public events before the boundary that it is shown, oldest first, where it cannot load
    /// the state of the one before; also where `history` is to look back further than it did.
    package var past: [Event]
    /// Public events, of those that it is shown, after which the one before can no longer come
    /// back.
    package var probationEvents: Int
    /// A worker that was started ahead for it; without one it is started at the boundary.
    package var reserve: WorkerReserve?
    /// It begins without the state of the one before, which it cannot load: its parameters are
    /// others.
    package var leavesState: Bool

    package init(
        placement: Placement, settings: StrategyRunner.Settings, past: [Event] = [],
        probationEvents: Int = Probation.standardEvents, reserve: WorkerReserve? = nil,
        leavesState: Bool = false
    ) {
        self.leavesState = leavesState
        self.placement = placement
        self.reserve = reserve
        self.settings = settings
        self.past = past
        self.probationEvents = probationEvents
    }
}

/// What a strategy took over from the one before it.
package enum Inheritance: Hashable, Sendable, CustomStringConvertible {
    /// Its saved state, of so many bytes.
    case state(bytes: Int)
    /// So many events of the past, at which it could not trade.
    case past(events: Int)
    /// Nothing: neither was there.
    case nothing

    package var description: String {
        switch self {
        case .state(let bytes): "with its state of \(bytes) bytes"
        case .past(let events): "warmed up on \(events) events of the past"
        case .nothing: "with nothing of the past"
        }
    }
}

/// Why a hand-over, or a roll-back, was not done. The strategy that was there goes on at the next
/// event.
package struct HandOverFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Stage: String, Hashable, Sendable {
        case asked, save, create, load, start
        case past = "warm-up"
        case rollBack = "roll-back"
    }

    package var stage: Stage
    package var reason: String

    package init(stage: Stage, reason: String) {
        self.stage = stage
        self.reason = reason
    }

    package var description: String { reason }
}

/// The time in which a strategy's predecessor waits, and comes back should the new one fail.
package struct Probation: Sendable {
    package static let standardEvents = 10_000

    /// The last event that the predecessor has seen.
    package let since: UInt64
    /// Events shown to the new one since, and how many there may be.
    package private(set) var events = 0
    package let most: Int
    /// Of the predecessor.
    package let version: String
    package let digest: SHA256.Digest
    /// Those events, for the predecessor to catch up on; none once it can no longer come back.
    private(set) var missed = ContiguousArray<Event>()

    package var isOver: Bool { events >= most }

    init(since: UInt64, most: Int, of predecessor: PluginFile) {
        self.since = since
        self.most = most
        version = "\(predecessor.manifest.version)"
        digest = predecessor.digest
    }

    /// Counts what the new one is shown of a run.
    mutating func miss(_ run: EventRun, _ places: Range<Int>, shownBy filter: EventFilter?) {
        for place in places where !isOver {
            let event = unsafe run.events[place]
            guard filter?.shows(event) ?? true else { continue }
            events += 1
            missed.append(event)
        }
        if isOver { missed = [] }
    }
}

extension Probation? {
    /// - Parameter hasPredecessor: whether the one before is still there.
    /// - Throws: why nobody can be brought back.
    func checkRollBack(_ hasPredecessor: Bool) throws(HandOverFailure) {
        guard let self, hasPredecessor else {
            throw HandOverFailure(stage: .asked, reason: "the one before it has left")
        }
        guard !self.isOver else {
            throw HandOverFailure(stage: .asked, reason: "its probation is over")
        }
    }
}

/// A new strategy failed, and the one before it has taken the cursor back.
package struct RollBack: Hashable, Sendable {
    /// Of the new one; nil when an operator wanted it.
    package var fault: StrategyFault?
    /// The last event that the one before it was shown to catch up.
    package var sequence: UInt64
    /// Events that it was shown to catch up.
    package var events: Int
    /// What has failed.
    package var placement: Placement

    package static func == (a: RollBack, b: RollBack) -> Bool {
        a.fault == b.fault && a.sequence == b.sequence && a.events == b.events
            && a.placement.digest == b.placement.digest
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(sequence)
        hasher.combine(events)
    }
}
