import Kernel
import Market
package import StrategyHost

/// A run as it stands between two events.
package struct DeckStatus: Hashable, Sendable, Codable {
    package struct Slot: Hashable, Sendable, Codable {
        package struct Position: Hashable, Sendable, Codable {
            package var symbol: String
            package var quantity: Double
            package var unrealised: Double
        }

        package struct Probation: Hashable, Sendable, Codable {
            package var events: Int
            /// Events that the feed has gone on by without it; nil for one that is not late.
            package var late: Int?
            package var most: Int
            /// Of the one before.
            package var version: String
        }

        package var name: String
        package var plugin: String
        package var version: String
        package var digest: String
        package var path: String
        /// `host`, `worker` or `sealed`.
        package var isolation: String
        /// In words.
        package var walls: String
        /// Of its worker; nil inside the host, and where there is none any more.
        package var process: Int32?
        /// Layer by layer; nil inside the host.
        package var sandbox: WorkerWalls?
        /// `running`, `waiting` for its first event, `done`, `stopped`, `paused`, `disabled` or
        /// `hangs`.
        package var state: String
        package var fault: String?
        package var probation: Probation?
        package var symbols: [String]
        package var timeframes: [String]
        package var parameters: String
        package var currency: String
        package var equity: Double
        package var cash: Double
        package var initial: Double
        package var realised: Double
        package var unrealised: Double
        package var fees: Double
        /// From the highest equity to now, as a share.
        package var drawdown: Double
        package var positions: [Position]
        package var orders: Int
        package var fills: Int
        package var trades: Int
        package var events: Int
        /// Events that the feed has gone on by without it; nil for one that is not late.
        package var late: Int?
        /// It counts in no sum and no limit over all slots; nil for one that does.
        package var shadow: Bool?
        /// Nil for a strategy.
        package var ensemble: EnsembleResult?
    }

    /// What everything waits for, where a strategy in this process does not come back; the rest is
    /// as it was last known.
    package var hang: String?
    package var kind: String
    package var configuration: String
    /// `playing`, `staying` at the end of the tape, or `held`.
    package var state: String
    /// The last event, and its time on the tape.
    package var event: UInt64
    package var time: Moment
    package var done: Int
    package var total: Int
    package var process: Int32
    package var lanes: Int
    package var slots: [Slot]
    /// Modules that have left their slots and stay in the process: why, and what they cost.
    package var pinned: [String]
}

extension DeckStatus {
    /// The same while a strategy does not come back.
    func held(by hang: Hang) -> DeckStatus {
        var status = self
        status.state = "held"
        status.hang = hang.description
        for place in status.slots.indices where status.slots[place].name == hang.call.label {
            status.slots[place].state = "hangs"
        }
        return status
    }
}
