package import Market

/// Something that was done to a run while it played: by whom, at which event, and what came of it.
package struct CommandRecord: Hashable, Sendable, Codable {
    /// The last event before it; what comes next sees what it did.
    package var sequence: UInt64
    /// Of that event, on the tape.
    package var time: Timestamp
    /// By the clock on the wall.
    package var at: Timestamp
    /// `trader (pid 4711)`, `the plug-ins' folder`, `the configuration`, `the recording`, or `the
    /// host`.
    package var who: String
    /// Place among the run's slots; nil for the whole run.
    package var slot: Int?
    /// As an operator would write it.
    package var command: String
    package var answer: String
    /// False for what was refused, or failed.
    package var isDone: Bool

    package init(
        sequence: UInt64, time: Timestamp, at: Timestamp, who: String, slot: Int?, command: String,
        answer: String,
        isDone: Bool
    ) {
        self.sequence = sequence
        self.time = time
        self.at = at
        self.who = who
        self.slot = slot
        self.command = command
        self.answer = answer
        self.isDone = isDone
    }
}
