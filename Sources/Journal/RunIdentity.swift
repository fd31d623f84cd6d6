package import Market

/// What makes a run itself: the same identity must give the same digest, bit for bit.
package struct RunIdentity: Hashable, Sendable, Codable {
    /// `backtest` or `replay`.
    package var kind: String
    /// Where the configuration was read from; nil for one made in memory.
    package var configurationPath: String?
    package var configuration: String
    package var configurationDigest: String
    /// The feed in words, and the digest of its events.
    package var source: String
    package var tapeDigest: String
    package var isSynthetic: Bool
    package var seed: UInt64
    /// Tapedeck's own version.
    package var version: String

    package init(
        kind: String, configurationPath: String?, configuration: String,
        configurationDigest: String,
        source: String, tapeDigest: String, isSynthetic: Bool, seed: UInt64, version: String
    ) {
        self.kind = kind
        self.configurationPath = configurationPath
        self.configuration = configuration
        self.configurationDigest = configurationDigest
        self.source = source
        self.tapeDigest = tapeDigest
        self.isSynthetic = isSynthetic
        self.seed = seed
        self.version = version
    }
}

/// One slot of a run: which strategy, with what, and its money.
package struct SlotIdentity: Hashable, Sendable, Codable {
    package var name: String
    package var plugin: String
    package var pluginVersion: String
    package var pluginDigest: String
    /// Every parameter as given to the strategy, as JSON.
    package var parameters: String
    package var currency: Currency
    package var cash: Money
    /// `host`, `worker` or `sealed`.
    package var isolation: String
    /// The walls round it in words: which layers hold, and which do not and why.
    package var walls: String

    package init(
        name: String, plugin: String, pluginVersion: String, pluginDigest: String,
        parameters: String,
        currency: Currency, cash: Money, isolation: String, walls: String
    ) {
        self.name = name
        self.plugin = plugin
        self.pluginVersion = pluginVersion
        self.pluginDigest = pluginDigest
        self.parameters = parameters
        self.currency = currency
        self.cash = cash
        self.isolation = isolation
        self.walls = walls
    }
}

/// How a run ended.
package enum RunStatus: String, Hashable, Sendable, Codable {
    case running, complete, interrupted
    /// It could not go on: the disk was full, say.
    case failed
    /// Its process is gone and did not say how it ended. Never stored.
    case crashed
}

/// What is known of a run when it ends.
package struct RunEnding: Hashable, Sendable {
    package var status: RunStatus
    package var finished: Timestamp
    package var firstEvent: Timestamp
    package var lastEvent: Timestamp
    package var events: Int
    package var digest: String
    /// One per slot, in order.
    package var slotDigests: [String]
    /// The whole result as JSON, as `report` shows it.
    package var result: String

    package init(
        status: RunStatus, finished: Timestamp, firstEvent: Timestamp, lastEvent: Timestamp,
        events: Int,
        digest: String, slotDigests: [String], result: String
    ) {
        self.status = status
        self.finished = finished
        self.firstEvent = firstEvent
        self.lastEvent = lastEvent
        self.events = events
        self.digest = digest
        self.slotDigests = slotDigests
        self.result = result
    }
}
