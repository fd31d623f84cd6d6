package import Market

/// How a run is played; none of it changes a result.
package struct PlayOptions: Sendable {
    /// Threads; nil for one per processor.
    package var lanes: Int?
    /// Events of the tape in one block.
    package var blockSize = 4_096
    /// How fast a replay goes; a backtest goes as fast as it can.
    package var speed: FeedPlan.Speed = .maximum
    /// `backtest` or `replay`.
    package var kind = "backtest"
    /// At the end of the tape it stays, with its positions and orders, until it is told to end.
    package var stays = false
    /// Tapedeck's version, for the run's identity.
    package var version = ""

    package init() {}

    /// It waits for nobody.
    var keepsTime: Bool { if case .times = speed { true } else { false } }
}

/// Told between two blocks.
package struct PlayProgress: Hashable, Sendable {
    /// Events of the tape.
    package var done: Int
    package var total: Int
    /// Of the last event played.
    package var time: Timestamp
}
