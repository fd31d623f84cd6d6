package import Kernel
package import Market
package import StrategyHost

/// What one slot is to play: a strategy of the configuration with everything checked and resolved.
package struct SlotPlan: Sendable {
    package var name: String
    package var plugin: PluginFile
    package var parameters: Parameters
    /// In the order of the configuration.
    package var instruments: [InstrumentID]
    /// Seconds, ascending; empty for a strategy that takes no bars.
    package var timeFrames: [UInt32]
    package var settings: PortfolioSettings
    /// Bars of each time frame that pass before the first on which an instrument may be traded.
    package var warmUpBars: Int
    /// The calendar whose sessions count for this slot instead of each instrument's own.
    package var calendar: String?
    package var isolation = Isolation.worker
    /// Whether the configuration says where it runs; else its file's hash has decided.
    package var isPlaced = false
    /// Whether its file's hash is in `plugins.trusted`.
    package var isPinned = false
    /// Instances of its module that may be in one worker with it, itself among them; 1 for a worker
    /// of its own.
    package var mostSharers = 1
    /// What its worker may use.
    package var limits = WorkerLimits()
    package var onFault = FaultPolicy()
    /// It trades for the measure alone: no sum and no limit over all slots counts it.
    package var isShadow = false
    /// Nil for a strategy.
    package var ensemble: EnsemblePlan?

    /// As long as its manifest asks with these parameters.
    var warmsUpByManifest: Bool { warmUpBars == plugin.manifest.warmUpBars(parameters) }

    package init(
        name: String, plugin: PluginFile, parameters: Parameters, instruments: [InstrumentID],
        timeFrames: [UInt32], settings: PortfolioSettings, warmUpBars: Int? = nil,
        calendar: String? = nil
    ) {
        self.name = name
        self.plugin = plugin
        self.parameters = parameters
        self.instruments = instruments
        self.timeFrames = timeFrames
        self.settings = settings
        self.warmUpBars = warmUpBars ?? plugin.manifest.warmUpBars(parameters)
        self.calendar = calendar
    }
}

extension SlotPlan {
    /// Workers that a configuration starts without saying `isolation: worker`.
    package static let mostUnaskedWorkers = 256
    /// The most that one worker may hold.
    package static let mostSharers = 1024

    /// Those that would start worker processes without having been asked to, and how many of these
    /// that would be.
    package static func unaskedWorkers(_ plans: [SlotPlan]) -> (strategies: Int, processes: Int) {
        let unasked = plans.filter { !$0.isPlaced && $0.isolation == .worker }
        var sharers: [Sharers: Int] = [:]
        for plan in unasked where plan.mostSharers > 1 { sharers[Sharers(plan), default: 0] += 1 }
        let shared = sharers.reduce(0) { $0 + ($1.value + $1.key.most - 1) / $1.key.most }
        return (unasked.count, unasked.count { $0.mostSharers == 1 } + shared)
    }

    /// Why so many are not started; nil where they may be.
    package static func refusal(ofCrowd plans: [SlotPlan]) -> String? {
        let count = unaskedWorkers(plans)
        guard count.processes > mostUnaskedWorkers else { return nil }
        return
            "\(count.strategies) strategies would start \(count.processes) worker processes, and more than "
            + "\(mostUnaskedWorkers) have to be asked for: write isolation: worker into the defaults, "
            + "share_worker: true to have instances of one module share one, or isolation: host for what you trust"
    }

    /// Those that share workers with one another.
    private struct Sharers: Hashable {
        var digest: SHA256.Digest
        var limits: WorkerLimits
        var most: Int

        init(_ plan: SlotPlan) {
            (digest, limits, most) = (plan.plugin.digest, plan.limits, plan.mostSharers)
        }
    }
}

/// Where a strategy runs.
package enum Isolation: String, Hashable, Sendable, CaseIterable {
    /// In this process.
    case host
    /// In a process of its own, inside walls.
    case worker
    /// In such a process, which is shown no event before it has handled all earlier ones.
    case sealed
}
