import Market
import StrategyHost

/// Puts strategies where they run: into this process, or ready for a worker. Slots of one module
/// share what has been read and tried of it.
struct SlotPlacing {
    private let plugins: PluginStore
    private var images: [String: PluginImage] = [:]
    private var modules: [String: StagedModule] = [:]

    init(_ plugins: PluginStore) { self.plugins = plugins }

    mutating func placement(of plan: SlotPlan) throws(DeckFailure) -> Placement {
        if plan.ensemble != nil { return .plugless(plan.plugin) }
        if plan.isolation != .host, let gap = plan.limits.gap(of: .ofMachine) {
            throw DeckFailure(gap)
        }
        let placement: Placement =
            switch plan.isolation {
            case .host: .host(try image(plan.plugin.path))
            case .worker: .worker(try module(plan.plugin.path))
            case .sealed: .sealed(try module(plan.plugin.path))
            }
        guard placement.digest == plan.plugin.digest else {
            throw DeckFailure("\(plan.plugin.path) has changed since it was checked; try again")
        }
        return placement
    }

    private mutating func image(_ path: String) throws(DeckFailure) -> PluginImage {
        if let known = images[path] { return known }
        do {
            let image = try plugins.open(path)
            images[path] = image
            return image
        } catch {
            throw DeckFailure(error.description)
        }
    }

    private mutating func module(_ path: String) throws(DeckFailure) -> StagedModule {
        if let known = modules[path] { return known }
        do {
            let module = try StagedModule.read(path)
            modules[path] = module
            return module
        } catch {
            throw DeckFailure(error.description)
        }
    }

    /// Room for the blocks that a slot may be behind, one that is written, and one that does not
    /// fit at the end.
    static func tape(_ largestBlock: Int) throws(DeckFailure) -> SharedTape {
        do {
            return try SharedTape(events: 5 * largestBlock)
        } catch {
            throw DeckFailure(error.description)
        }
    }
}
