package import Kernel
package import Market

/// A whole configuration, read and checked: what a run needs and nothing else.
package struct DeckConfiguration: Sendable {
    /// The file as it was named.
    package var path: String
    /// Its text, with variables as they are written, and the overrides behind it as comments.
    package var text: String
    /// Of the text as it stands in the file; nil for one that was put together.
    package var fileDigest: SHA256.Digest?
    package var feed: FeedPlan
    package var open: OpenFeed
    package var outline: FeedOutline
    package var slots: [SlotPlan]
    package var journal: JournalChoice
    package var metrics: MetricsPlan
    package var seed: UInt64
    /// Threads that play slots; nil for one per processor.
    package var lanes: Int?
    /// Over all slots together; nil where nothing is looked at.
    package var limits: OverallLimits?
    /// Champions and challengers.
    package var comparisons: [ComparisonPlan] = []
    /// Where plug-ins are found, and which are trusted.
    package var plugins: PluginCatalog
    /// What the file says of feed and assets, wherever it says it: a running deck cannot follow a
    /// change.
    var feedText: String
    /// Where a running deck is commanded; nil for the usual place.
    package var control: ControlChoice = .standard

    package enum ControlChoice: Hashable, Sendable {
        case standard
        case none
        case socket(String)
    }

    /// Of the text: what a run's identity says of its configuration.
    package var digest: String { SHA256.hash(Array(text.utf8)).description }

    package enum JournalChoice: Hashable, Sendable {
        /// Where the command line's own default is.
        case standard
        case none
        case file(String)
    }
}

/// What is measured, and how.
package struct MetricsPlan: Hashable, Sendable {
    package enum Benchmark: Hashable, Sendable {
        /// Buying and holding each slot's first symbol.
        case first
        case symbol(InstrumentID)
        case none
    }

    /// Compound return of a year without risk.
    package var riskFreeRate: Double = 0
    package var sampling: PortfolioSettings.EquitySampling = .session
    package var benchmark: Benchmark = .first

    package init() {}
}

/// The keys of the file itself.
package enum ConfigurationKey: String, CaseIterable {
    case feed, assets, plugins, sandbox, defaults, strategies, journal, metrics, seed, lanes,
        limits, compare, control
}

/// The keys of `plugins`.
package enum PluginsKey: String, CaseIterable {
    case folder, trusted
}

/// The keys of an entry of `plugins.trusted`.
package enum TrustedKey: String, CaseIterable {
    case id, sha256
}

/// The keys of `sandbox`.
package enum SandboxKey: String, CaseIterable {
    case require
}

/// The keys of `metrics`.
package enum MetricsKey: String, CaseIterable {
    case riskFreeRate = "risk_free_rate"
    case sampling, benchmark
}

extension DeckConfiguration {
    /// Every key that can be written, by section: docs/CONFIGURATION.md explains each of them.
    package static let keys: [(section: String, keys: [String])] = [
        ("the file", names(ConfigurationKey.self)),
        ("feed", names(FeedKey.self)),
        ("assets", names(AssetKey.self)),
        ("plugins", names(PluginsKey.self)),
        ("plugins.trusted", names(TrustedKey.self)),
        ("sandbox", names(SandboxKey.self)),
        ("strategies", names(StrategyKey.self)),
        ("ensemble", names(EnsembleKey.self)),
        ("on_fault", names(FaultPolicyKey.self)),
        ("a strategy's limits", names(LimitsKey.self)),
        ("grant", names(GrantKey.self)),
        ("execution", names(ExecutionKey.self)),
        ("execution.slippage", names(SlippageKey.self)),
        ("commission", names(CommissionKey.self)),
        ("sizing", names(SizingKey.self)),
        ("risk", names(RiskSettings.Rule.self)),
        ("a rule of risk", names(RiskRuleKey.self)),
        ("schedule", names(ScheduleKey.self)),
        ("metrics", names(MetricsKey.self)),
        ("compare", names(ComparisonKey.self)),
        ("limits", names(OverallLimitsKey.self)),
        ("a limit of limits", names(OverallLimitKey.self)),
        ("limits.correlation", names(CorrelationKey.self)),
    ]

    private static func names<Key: RawRepresentable & CaseIterable>(_ type: Key.Type) -> [String]
    where Key.RawValue == String {
        type.allCases.map(\.rawValue)
    }
}
