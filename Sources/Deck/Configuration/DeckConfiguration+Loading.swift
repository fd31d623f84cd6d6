import Feeds
import Glibc
import Kernel
import Market
import StrategyHost

extension DeckConfiguration {
    /// Reads and checks a configuration: the file, the plug-ins' manifests, and the feed, which is
    /// opened. No strategy's code runs.
    /// - Parameter running: a deck plays this; its feed is kept, and may not be another one.
    /// - Parameter progress: told while CSV files are read, on another thread, or a market is made;
    ///   false gives up.
    package static func load(
        _ path: String, overrides: [String] = [], keeping running: DeckConfiguration? = nil,
        environment: @escaping (String) -> String? = Self.environmentVariable,
        progress: @escaping @Sendable (FeedProgress) -> Bool = { _ in true }
    ) -> Result<DeckConfiguration, ConfigurationProblems> {
        let problems = ProblemList(file: path)
        guard let text = ConfigurationText.read(path: path, problems: problems) else {
            return .failure(problems.all)
        }
        return load(
            text: text, path: path, overrides: overrides, keeping: running,
            environment: environment,
            progress: progress, problems)
    }

    /// The same for a text that was read from `path`, or could have been.
    package static func load(
        text: String, path: String, overrides: [String] = [],
        keeping running: DeckConfiguration? = nil,
        environment: @escaping (String) -> String? = Self.environmentVariable,
        progress: @escaping @Sendable (FeedProgress) -> Bool = { _ in true },
        _ problems: ProblemList? = nil
    ) -> Result<DeckConfiguration, ConfigurationProblems> {
        let problems = problems ?? ProblemList(file: path)
        guard var root = YAMLComposer.compose(text, problems: problems) else {
            return .failure(problems.all)
        }
        var recorded = text
        for override in overrides {
            guard let override = ConfigurationOverride(override, problems: problems) else {
                continue
            }
            override.apply(to: &root, problems: problems)
            recorded += "\n# --set \(override.text)"
        }
        let reader = ConfigurationReader(
            root, name: "the configuration", problems: problems, environment: environment)
        guard let section = ConfigurationSection(reader, ConfigurationKey.self) else {
            return .failure(problems.all)
        }
        var loading = ConfigurationLoading(
            section: section, base: PathBase(file: path), progress: progress)
        loading.running = running
        loading.feedText = [root["feed"], root["assets"], root["seed"]].map { $0?.written ?? "" }
            .joined(separator: "\n")
        let loaded = loading.configuration(path: path, text: recorded)
        guard problems.isEmpty, var configuration = loaded else { return .failure(problems.all) }
        configuration.fileDigest = SHA256.hash(Array(text.utf8))
        return .success(configuration)
    }

    package static func environmentVariable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}

/// Takes the file's sections apart in the order in which they need each other.
struct ConfigurationLoading {
    let section: ConfigurationSection<ConfigurationKey>
    let base: PathBase
    let progress: @Sendable (FeedProgress) -> Bool
    private var seed: UInt64 = 1
    /// Of all entries, whatever else is wrong with them.
    private var strategyNames: [String] = []
    /// What a deck plays while this is read.
    var running: DeckConfiguration?
    var feedText = ""

    init(
        section: ConfigurationSection<ConfigurationKey>, base: PathBase,
        progress: @escaping @Sendable (FeedProgress) -> Bool
    ) {
        self.section = section
        self.base = base
        self.progress = progress
    }

    mutating func configuration(path: String, text: String) -> DeckConfiguration? {
        section.read(.seed, into: &seed) { $0.integer(in: 0...Int.max).map(UInt64.init) }
        var lanes: Int?
        section.read(.lanes, into: &lanes) { $0.integer(in: 1...1_024) }
        let assets = readAssets()
        let reading = section.required(.feed).flatMap {
            FeedReading($0, assets: assets, base: base, seed: seed, progress: progress)
        }
        let feed = running.map { kept($0) } ?? reading?.open()
        let metrics = readMetrics(feed?.outline)
        var catalog = readPlugins()
        let layers = readRequiredLayers()
        let slots = readStrategies(feed?.outline, assets, metrics, layers, &catalog)
        guard let feed else { return nil }
        var configuration = DeckConfiguration(
            path: path, text: text, feed: feed.plan, open: feed.feed, outline: feed.outline,
            slots: slots,
            journal: readJournal(), metrics: metrics, seed: seed, lanes: lanes, plugins: catalog,
            feedText: feedText,
            control: readControl())
        configuration.limits = readLimits(slots)
        configuration.comparisons =
            section[.compare]?.items().flatMap {
                ComparisonPlan.plans($0, names: strategyNames)
            } ?? []
        return configuration
    }

    private func kept(
        _ running: DeckConfiguration
    ) -> (plan: FeedPlan, feed: OpenFeed, outline: FeedOutline) {
        if feedText != running.feedText {
            section[.feed]?.report(
                "feed, assets or seed have changed, which a running deck cannot follow; start it anew"
            )
        }
        return (running.feed, running.open, running.outline)
    }

    private func readControl() -> DeckConfiguration.ControlChoice {
        guard let reader = section[.control] else { return .standard }
        if reader.isWord("none") { return .none }
        return reader.string(expected: "the path of a socket, or none").map {
            .socket(base.path($0, reader))
        } ?? .standard
    }

    private func readAssets() -> [AssetReading] {
        guard let reader = section[.assets] else { return [] }
        var assets: [AssetReading] = []
        for item in reader.items() {
            guard let asset = AssetReading(item) else { continue }
            if assets.contains(where: { $0.symbol == asset.symbol }) {
                item.report("the asset \(asset.symbol) is there twice")
            } else {
                assets.append(asset)
            }
        }
        return assets
    }

    private func readMetrics(_ outline: FeedOutline?) -> MetricsPlan {
        var plan = MetricsPlan()
        guard let section = section[.metrics].flatMap({ ConfigurationSection($0, MetricsKey.self) })
        else {
            return plan
        }
        section.read(.riskFreeRate, into: &plan.riskFreeRate) {
            $0.rate(from: Rate(perBillion: -500_000_000)).map { Double($0.rawValue) / 1e9 }
        }
        section.read(.sampling, into: &plan.sampling) { $0.choice() }
        section.read(.benchmark, into: &plan.benchmark) { reader in
            if reader.isWord("first") { return .first }
            if reader.isWord("none") { return MetricsPlan.Benchmark.none }
            guard let symbol = reader.string(expected: "first, none or a symbol"), let outline
            else { return nil }
            guard let instrument = outline.instrument(symbol) else {
                reader.report(outline.unknown(symbol))
                return nil
            }
            return .symbol(instrument.id)
        }
        return plan
    }

    private func readPlugins() -> PluginCatalog {
        let standard = PluginCatalog(folders: [base.path("Plugins")])
        guard let section = section[.plugins].flatMap({ ConfigurationSection($0, PluginsKey.self) })
        else {
            return standard
        }
        var folders = standard.folders
        if let reader = section[.folder] {
            folders = reader.list().compactMap { item in
                item.string(expected: "a folder").map { base.path($0, item) }
            }
            for (folder, item) in zip(folders, reader.list()) where !FileKind.isFolder(folder) {
                item.report("there is no folder \(item.quoted)")
            }
        }
        return PluginCatalog(folders: folders, trusted: section[.trusted].map(readTrusted))
    }

    private func readTrusted(_ reader: ConfigurationReader) -> [PluginCatalog.Trusted] {
        reader.items().compactMap { item in
            guard
                let section = ConfigurationSection(
                    item.renamed("a trusted plug-in"), TrustedKey.self),
                let id = section.required(.id)?.string(expected: "a plug-in's id")
            else { return nil }
            var digest: String?
            section.read(.sha256, into: &digest) { $0.digest() }
            return PluginCatalog.Trusted(id: id, digest: digest)
        }
    }

    private func readLimits(_ slots: [SlotPlan]) -> OverallLimits? {
        guard let reader = section[.limits], let limits = OverallLimits(reading: reader) else {
            return nil
        }
        let codes = slots.filter { !$0.isShadow }.map(\.settings.currency.code)
        if let first = codes.first, let other = codes.first(where: { $0 != first }) {
            reader.report("limits add up all strategies' money, and there is \(first) and \(other)")
        }
        return limits
    }

    /// Layers without which no worker is started, as bits.
    private func readRequiredLayers() -> UInt32 {
        guard
            let section = section[.sandbox].flatMap({ ConfigurationSection($0, SandboxKey.self) }),
            let reader = section[.require]
        else { return 0 }
        if reader.isWord("all") { return SandboxLayer.allCases.reduce(0) { $0 | $1.bit } }
        return reader.list().compactMap { $0.choice(SandboxLayer.self) }.reduce(0) { $0 | $1.bit }
    }

    private func readJournal() -> DeckConfiguration.JournalChoice {
        guard let reader = section[.journal] else { return .standard }
        if reader.isWord("none") { return .none }
        return reader.string(expected: "a file, or none").map { .file(base.path($0, reader)) }
            ?? .standard
    }
}

extension ConfigurationLoading {
    /// Keys that belong to one strategy and cannot be a default.
    private static let own: [StrategyKey] = [.name, .plugin, .params, .ensemble, .shadow]

    private mutating func readStrategies(
        _ outline: FeedOutline?, _ assets: [AssetReading], _ metrics: MetricsPlan, _ layers: UInt32,
        _ catalog: inout PluginCatalog
    ) -> [SlotPlan] {
        let defaults = section[.defaults].flatMap { ConfigurationSection($0, StrategyKey.self) }
        for key in Self.own {
            defaults?[key]?.report("\(key.rawValue) belongs to each strategy, not to the defaults")
        }
        guard let reader = section.required(.strategies) else { return [] }
        let items = reader.items()
        if case .sequence = reader.node.content, items.isEmpty {
            reader.report("there is no strategy")
        }
        var names: [String: SourcePosition] = [:]
        var plans: [SlotPlan?] = []
        var ensembles: [(place: Int, reading: StrategyReading, name: String)] = []
        for item in items {
            guard let entry = ConfigurationSection(item.renamed("the strategy"), StrategyKey.self)
            else { continue }
            let name = readName(entry, &names)
            guard let outline else { continue }
            let reading = StrategyReading(
                entry: entry, defaults: defaults, market: outline, assets: assets, seed: seed,
                sampling: metrics.sampling, requiredLayers: layers)
            let isEnsemble = entry[.ensemble] != nil
            if isEnsemble { ensembles.append((plans.count, reading, name ?? "")) }
            plans.append(
                isEnsemble ? nil : reading.plan(name: name ?? "", catalog: &catalog, folder: base))
        }
        strategyNames = names.sorted {
            ($0.value.line, $0.value.column) < ($1.value.line, $1.value.column)
        }.map(\.key)
        // What an ensemble is follows from its members, which may stand behind it.
        let members = EnsembleMembers(
            names: strategyNames, ensembles: ensembles.map(\.name), plans: plans)
        for ensemble in ensembles {
            plans[ensemble.place] = ensemble.reading.ensemble(ensemble.name, members)
        }
        let sound = plans.compactMap { $0 }
        refuseUnaskedCrowd(sound, reader)
        return sound
    }

    /// As many processes are not started unless somebody has said that they are wanted.
    private func refuseUnaskedCrowd(_ plans: [SlotPlan], _ reader: ConfigurationReader) {
        if let refusal = SlotPlan.refusal(ofCrowd: plans) { reader.report(refusal) }
    }

    private func readName(
        _ entry: ConfigurationSection<StrategyKey>, _ names: inout [String: SourcePosition]
    ) -> String? {
        guard let reader = entry.required(.name), let name = reader.string(expected: "a name")
        else { return nil }
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "0123456789_-. ".unicodeScalars.contains($0)
        }
        guard isPlain, name.utf8.count <= 64 else {
            reader.report(
                "a name has at most 64 letters, digits, blanks and _ - . , not \(reader.quoted)")
            return nil
        }
        if let first = names[name] {
            reader.report(
                "there is already a strategy \"\(name)\", at \(first.line):\(first.column)")
        }
        names[name] = reader.node.position
        return name
    }
}

extension ConfigurationReader {
    /// A SHA-256 in 64 hexadecimal digits, in small letters.
    func digest() -> String? {
        let expected = "a SHA-256 of 64 hexadecimal digits"
        guard let text = text(expected: expected)?.lowercased() else { return nil }
        guard text.utf8.count == 64,
            text.utf8.allSatisfy({ NumberText.isDigit($0) || (97...102).contains($0) })
        else {
            refuse(expected: expected)
            return nil
        }
        return text
    }
}
