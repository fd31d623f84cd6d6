import Kernel
package import Market

/// What can be done to a run while it plays; the raw value is `td_command.kind` on a recording.
package enum DeckCommand: UInt32, Hashable, Sendable, CaseIterable {
    // What a portfolio does itself: see `Kernel.Command`.
    case pause = 1
    case resume, flatten, kill
    // What concerns a slot.
    case set, reload, rollback, load, unload

    package var word: String { "\(self)" }

    /// What its portfolio is told; nil for what concerns the slot.
    var ofPortfolio: Command? { Command(rawValue: rawValue) }
}

/// Where in a run something was done.
package struct DeckMoment: Hashable, Sendable {
    /// The last event before it.
    package var sequence: UInt64
    package var time: Timestamp
}

/// What became of a command.
package struct DeckAnswer: Hashable, Sendable {
    package var moment: DeckMoment
    package var text: String
}
