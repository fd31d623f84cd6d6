import Kernel
import Market
import StrategyHost

/// The keys of an entry of `strategies`.
package enum StrategyKey: String, CaseIterable {
    case name, plugin, symbols, timeframe, params, cash, sizing, risk, execution, leverage
    case allowShort = "allow_short"
    case foreignCash = "foreign_cash"
    case partial, lots, interest, isolation, schedule
    case shareWorker = "share_worker"
    case ensemble, shadow
    case onFault = "on_fault"
    case limits, grant
}

/// The keys of `limits`.
package enum LimitsKey: String, CaseIterable {
    case memory, call
}

/// The keys of `grant`.
package enum GrantKey: String, CaseIterable {
    case threads, file
}

/// The keys of `schedule`.
package enum ScheduleKey: String, CaseIterable {
    case calendar
    case warmUp = "warm_up"
}

/// Makes one slot's plan of its entry and the defaults.
struct StrategyReading {
    let entry: ConfigurationSection<StrategyKey>
    let defaults: ConfigurationSection<StrategyKey>?
    let market: FeedOutline
    let assets: [AssetReading]
    let seed: UInt64
    let sampling: PortfolioSettings.EquitySampling
    /// Layers of the sandbox without which no worker is started, as bits.
    let requiredLayers: UInt32

    /// Nil where a problem was reported.
    func plan(name: String, catalog: inout PluginCatalog, folder: PathBase) -> SlotPlan? {
        let isolation = value(.isolation)?.choice(Isolation.self)
        let onFault = readFaultPolicy()
        let limits = readLimits(folder)
        let instruments = readInstruments()
        let plugin = readPlugin(&catalog, folder)
        let settings = readSettings(name, instruments)
        guard let plugin else {
            _ = writtenTimeFrames()
            return nil
        }
        let frames = readTimeFrames(plugin.manifest, instruments)
        let parameters = readParameters(plugin.manifest, instruments)
        let schedule = readSchedule(plugin.manifest, parameters)
        checkCounts(plugin.manifest, instruments, frames)
        guard let settings, let parameters, !instruments.isEmpty else { return nil }
        var plan = SlotPlan(
            name: name, plugin: plugin, parameters: parameters, instruments: instruments.map(\.id),
            timeFrames: frames, settings: settings, warmUpBars: schedule.warmUp,
            calendar: schedule.calendar)
        plan.isolation = isolation ?? catalog.isolation(of: plugin)
        plan.isPlaced = isolation != nil
        plan.isPinned = catalog.isPinned(plugin)
        plan.isShadow = readShadow()
        plan.onFault = onFault
        plan.limits = limits
        plan.limits.mayHaveThreads = limits.mayHaveThreads && plugin.manifest.needs.threads
        if !plugin.manifest.needs.files { plan.limits.readableFile = nil }
        plan.limits.requiredLayers = requiredLayers
        plan.mostSharers = readSharing(plan.isolation)
        if plan.isolation == .host, let distrust = catalog.distrust(of: plugin) {
            (value(.isolation) ?? entry.reader).report(distrust)
        }
        return plan
    }

    /// The entry's own value, else the default.
    func value(_ key: StrategyKey) -> ConfigurationReader? { entry[key] ?? defaults?[key] }

    func report(_ message: String) { entry.reader.report(message) }

    private func readFaultPolicy() -> FaultPolicy {
        var policy = FaultPolicy()
        guard let reader = value(.onFault),
            let section = ConfigurationSection(reader, FaultPolicyKey.self)
        else {
            return policy
        }
        section.read(.restart, into: &policy.restarts) { $0.integer(in: 0...1_000_000) }
        section.read(.within, into: &policy.span) { $0.duration() }
        section.read(.then, into: &policy.end) { $0.choice() }
        return policy
    }

    /// How many of its kind may be in one worker with it. What the defaults say counts for those
    /// that can.
    private func readSharing(_ isolation: Isolation) -> Int {
        guard let reader = value(.shareWorker) else { return 1 }
        if reader.isWord("false") { return 1 }
        let most =
            reader.isWord("true")
            ? SlotPlan.mostSharers
            : reader.integer(
                in: 2...SlotPlan.mostSharers,
                expected: "true, false, or how many instances one worker may hold (2 to "
                    + "\(SlotPlan.mostSharers))")
        guard most != nil, isolation != .worker else { return most ?? 1 }
        entry[.shareWorker]?.report(
            isolation == .host
                ? "share_worker is for isolation: worker; this strategy runs inside the host"
                : "share_worker is for isolation: worker; a sealed one would see in another's events what comes next"
        )
        return 1
    }

    /// What a worker may use, and what its operator grants it beyond that.
    private func readLimits(_ folder: PathBase) -> WorkerLimits {
        var limits = WorkerLimits()
        if let reader = value(.limits), let section = ConfigurationSection(reader, LimitsKey.self) {
            section.read(.memory, into: &limits.memory) { $0.memory() }
            section.read(.call, into: &limits.callTime) { $0.duration() }
        }
        if let reader = value(.grant), let section = ConfigurationSection(reader, GrantKey.self) {
            section.read(.threads, into: &limits.mayHaveThreads) { $0.flag() }
            if let reader = section[.file], let path = reader.string(expected: "a file") {
                let path = folder.path(path, reader)
                if !FileKind.isFile(path) {
                    reader.report("there is no file \(reader.quoted) that could be granted")
                }
                limits.readableFile = path
            }
        }
        return limits
    }

    /// It is played, and counts in no sum and no limit over all strategies.
    func readShadow() -> Bool { entry[.shadow]?.flag() ?? false }

    func readInstruments() -> [Instrument] {
        guard let reader = value(.symbols) else {
            if market.instruments.count == 1 { return market.instruments }
            report(
                "it needs the key \"symbols\": \(market.symbols.prefix(5).joined(separator: ", ")) or all"
            )
            return []
        }
        if reader.isWord("all") { return market.instruments }
        var chosen: [Instrument] = []
        for item in reader.list() {
            guard let symbol = item.string(expected: "a symbol") else { continue }
            guard let instrument = market.instruments.first(where: { $0.symbol == symbol }) else {
                item.report(market.unknown(symbol))
                continue
            }
            if chosen.contains(instrument) {
                item.report("\(symbol) is there twice")
            } else {
                chosen.append(instrument)
            }
        }
        if case .sequence(let items) = reader.node.content, items.isEmpty {
            reader.report("symbols is empty")
        }
        return chosen
    }

    private func readPlugin(_ catalog: inout PluginCatalog, _ folder: PathBase) -> PluginFile? {
        guard let reader = entry.required(.plugin),
            let text = reader.string(expected: "a plug-in's id or path")
        else { return nil }
        do throws(PluginCatalog.Absence) {
            let isPath = text.contains("/") || text.hasSuffix(".so")
            let file =
                try isPath ? catalog.file(at: folder.path(text, reader)) : catalog.file(id: text)
            return file
        } catch {
            reader.report(error.message)
            return nil
        }
    }

    private func readTimeFrames(_ manifest: Manifest, _ instruments: [Instrument]) -> [UInt32] {
        guard manifest.subscribes.contains(.bars) else {
            entry[.timeframe]?.report("\(manifest.name) takes no bars, so it has no time frame")
            return []
        }
        var frames: [UInt32] = []
        if case .fixed(let fixed) = manifest.timeFrames {
            entry[.timeframe]?.report(
                "\(manifest.name) chooses its time frames itself: \(names(fixed))")
            frames = fixed
        } else if let written = writtenTimeFrames() {
            frames = written
        } else if let frame = market.commonTimeFrame(of: instruments) {
            frames = [frame]
        } else if !instruments.isEmpty {
            report("it needs the key \"timeframe\", such as 5m")
        }
        let place = value(.timeframe) ?? entry.reader
        for frame in frames {
            for instrument in instruments {
                if let problem = market.problem(ofBars: frame, instrument) { place.report(problem) }
            }
        }
        return frames.sorted()
    }

    /// Nil where nothing is written.
    private func writtenTimeFrames() -> [UInt32]? {
        guard let reader = value(.timeframe) else { return nil }
        var frames: [UInt32] = []
        for item in reader.list() {
            guard let frame = item.timeframe() else { continue }
            if frames.contains(frame) { item.report("\(names([frame])) is there twice") }
            frames.append(frame)
        }
        return frames
    }

    private func names(_ frames: [UInt32]) -> String {
        frames.map { TimeFrame(rawValue: $0).description }.joined(separator: ", ")
    }

    private func checkCounts(_ manifest: Manifest, _ instruments: [Instrument], _ frames: [UInt32])
    {
        if !instruments.isEmpty, !manifest.instruments.contains(instruments.count) {
            (value(.symbols) ?? entry.reader).report(
                "\(manifest.name) takes \(Self.count(manifest.instruments)) symbols, not \(instruments.count)"
            )
        }
        if case .chosenByOperator(let allowed) = manifest.timeFrames, !frames.isEmpty,
            !allowed.contains(frames.count)
        {
            (value(.timeframe) ?? entry.reader).report(
                "\(manifest.name) takes \(Self.count(allowed)) time frames, not \(frames.count)")
        }
    }

    private static func count(_ range: ClosedRange<Int>) -> String {
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}

extension StrategyReading {
    /// Checks parameters against the manifest; problems stand at the value, with the author's own
    /// words.
    private func readParameters(_ manifest: Manifest, _ instruments: [Instrument]) -> Parameters? {
        var given: [GivenParameter] = []
        var places: [String: ConfigurationReader] = [:]
        if let reader = entry[.params], !reader.node.isNull {
            guard case .mapping(let entries) = reader.node.content else {
                reader.refuse(expected: "a block of parameters")
                return nil
            }
            for item in entries {
                let value = reader.reader(of: item.value, named: item.key)
                places[item.key] = value
                guard let text = value.text(expected: "a single value") else { continue }
                given.append(GivenParameter(name: item.key, text: text))
            }
            if given.count < entries.count { return nil }
        }
        do {
            return try manifest.resolve(parameters: given, instruments: instruments)
        } catch {
            for problem in error.problems {
                let place = places[problem.parameter] ?? entry[.params] ?? entry.reader
                place.report("\(problem.parameter): \(problem.message)")
            }
            return nil
        }
    }

    private func readSchedule(
        _ manifest: Manifest, _ parameters: Parameters?
    ) -> (warmUp: Int?, calendar: String?) {
        var warmUp: Int?
        var calendar: String?
        let sections = [defaults?[.schedule], entry[.schedule]].compactMap { $0 }
        for section in sections.compactMap({ ConfigurationSection($0, ScheduleKey.self) }) {
            section.read(.calendar, into: &calendar) { $0.calendarName() }
            guard let reader = section[.warmUp], let bars = reader.barCount() else { continue }
            warmUp = bars
            if let parameters, case let needed = manifest.warmUpBars(parameters), bars < needed {
                reader.report(
                    "\(manifest.name) needs a warm_up of at least \(needed) bars with these parameters"
                )
            }
        }
        return (warmUp, calendar)
    }
}
