package import Feeds
package import Market

/// Where a run's events come from, how fast, and which of them.
package struct FeedPlan: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        case tape(String)
        /// Files with how they are read.
        case csv([CSVSource])
        /// A market that is made up.
        case synthetic(SyntheticSettings)
    }

    package struct CSVSource: Hashable, Sendable {
        package var path: String
        package var settings: CSVImportSettings
    }

    /// How events follow each other in a replay; a backtest never waits.
    package enum Speed: Hashable, Sendable {
        case maximum
        /// As many seconds of the tape in a second; 1 is live.
        case times(Double)
    }

    package var source: Source
    package var speed: Speed = .maximum
    /// The first event is at or after it.
    package var from: Timestamp?
    /// The last event is before it.
    package var to: Timestamp?
    /// A tape of everything as it was acted on, commands among it; nil for none.
    package var record: String?
}

/// A feed that is ready to be played.
package struct OpenFeed: Sendable {
    package var tape: TapeFile
    /// What imports found and did, one for each file; nothing is changed silently.
    package var reports: [ImportReport]
}
