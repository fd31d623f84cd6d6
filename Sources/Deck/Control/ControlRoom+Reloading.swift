import CTapedeck
import Market
import StrategyHost
import Synchronization

extension ControlRoom {
    /// Replaces a strategy's module by what its file, or another one, holds now.
    func reload(
        _ name: String, from path: String?, _ line: String, _ who: String
    ) throws(DeckFailure) -> ControlAnswer {
        let sketch = try sketch(name)
        guard sketch.plan.ensemble == nil else {
            throw DeckFailure(
                "\(name) is an ensemble and has no module: change it in the configuration, or reload a member"
            )
        }
        let path = path ?? sketch.plan.plugin.path
        let file: PluginFile
        do { file = try PluginFile.read(path) } catch { throw DeckFailure(error.description) }
        if file.digest == sketch.plan.plugin.digest, !sketch.isStopped {
            throw DeckFailure(
                "\(name) runs \(file.title) of \(path) already: build it anew, or name another file (--plugin)"
            )
        }
        let plan = try plan(sketch, file)
        return try handOver(plan, sketch, line, who)
    }

    func sketch(_ name: String) throws(DeckFailure) -> SlotSketch {
        try mailbox.ask(of: name, preparing: { _ in .save }) { deck throws(DeckFailure) in
            try deck.sketch(name)
        }
    }

    /// The running plan with another module; parameters keep their values by name.
    private func plan(_ sketch: SlotSketch, _ file: PluginFile) throws(DeckFailure) -> SlotPlan {
        var plan = sketch.plan
        let before = plan.plugin.manifest
        let manifest = file.manifest
        guard manifest.id == before.id else {
            throw DeckFailure(
                "\(file.path) holds \(manifest.id), not \(before.id): unload \(plan.name) and load it anew"
            )
        }
        if manifest.subscribes != before.subscribes || !manifest.allows(plan.timeFrames) {
            throw DeckFailure(
                "\(file.title) wants other events than \(plan.plugin.title): unload \(plan.name) and load it anew"
            )
        }
        let configuration = desk.withLock { $0 }
        if plan.isolation == .host, let distrust = configuration.plugins.distrust(of: file) {
            throw DeckFailure(distrust)
        }
        let known = Set(manifest.parameters.map(\.name))
        let now = sketch.settings.setup.parameters
        let given = zip(now.declarations, now.values).filter { known.contains($0.0.name) }
            .map { GivenParameter(name: $0.0.name, text: $0.1.text) }
        let instruments = plan.instruments.map { configuration.outline.instruments[Int($0)] }
        do {
            plan.parameters = try manifest.resolve(parameters: given, instruments: instruments)
        } catch {
            throw DeckFailure(
                "\(file.title) does not take the parameters of \(plan.plugin.title): \(error.description)"
            )
        }
        if sketch.plan.warmsUpByManifest {
            plan.warmUpBars = manifest.warmUpBars(plan.parameters)
        }
        plan.plugin = file
        return plan
    }

    /// Stages and tries the module of a plan, and hands the slot over to it.
    func handOver(
        _ plan: SlotPlan, _ sketch: SlotSketch, _ line: String, _ who: String
    ) throws(DeckFailure) -> ControlAnswer {
        let configuration = desk.withLock { $0 }
        var sketch = sketch
        let hadState = sketch.state != nil
        var placing = SlotPlacing(plugins)
        let past = SlotPast(plan, configuration)
        let placement: Placement
        let reserve: WorkerReserve?
        let site: WorkerSite?
        do throws(DeckFailure) {
            // What belongs into a worker is opened nowhere else.
            if plan.isolation == .host { try rehearse(plan, &sketch, past, in: nil) }
            placement = try placing.placement(of: plan)
            if plan.isolation != .host { try rehearse(plan, &sketch, past, in: placement) }
            (site, reserve) = try prepare(plan, placement, sketch)
        } catch {
            try note(line, plan.name, by: who, error.description, isDone: false)
            throw error
        }
        let reads = plan.plugin.manifest.state?.reads ?? []
        let isHeir = sketch.state.map { reads.contains($0.stateVersion) } ?? false
        let looksFurther =
            plan.plugin.manifest.historyBars(plan.parameters) > sketch.settings.historyBars
        let looksBack = !isHeir || looksFurther
        let events =
            looksBack ? try past.events(before: sketch.position, bars: past.bars) : []
        let change = SlotChange(
            name: plan.name, plan: plan, placement: placement, past: events,
            pastEnds: looksBack ? sketch.position : nil, reserve: reserve, site: site,
            leavesState: hadState && sketch.state == nil, command: line, who: who)
        let report: HandOverReport = try mailbox.askLater { deck, reply in
            deck.handOver(change, reply)
        }
        var answer = ControlAnswer(
            DeckAnswer(moment: report.moment, text: "\(plan.name): \(report.text)"))
        answer.pauseMicroseconds = Double(report.pauseNanoseconds) / 1000
        return answer
    }

    /// A worker for what the slot is to become, and where it will play if that is another place;
    /// neither in this process.
    private func prepare(
        _ plan: SlotPlan, _ placement: Placement, _ sketch: SlotSketch
    ) throws(DeckFailure) -> (WorkerSite?, WorkerReserve?) {
        guard plan.isolation != .host else { return (nil, nil) }
        if sketch.isAbsent || plan.isolation != sketch.plan.isolation {
            let site = try mailbox.ask { deck throws(DeckFailure) in
                try deck.site(plan, placement)
            }
            return (site, try sketch.reserve(placement, plan, on: site.ground))
        }
        let ground = try mailbox.ask { deck throws(DeckFailure) in try deck.ground(plan) }
        return (nil, try sketch.reserve(placement, plan, on: ground))
    }

    /// Tries the module in a throw-away process with all that it will meet. The same one with other
    /// parameters may have no use for the state that is there: then it goes without.
    private func rehearse(
        _ plan: SlotPlan, _ sketch: inout SlotSketch, _ past: SlotPast, in placement: Placement?
    ) throws(DeckFailure) {
        do throws(DeckFailure) { try rehearse(plan, sketch, past, in: placement) } catch {
            guard sketch.state != nil, sketch.plan.plugin.digest == plan.plugin.digest,
                sketch.settings.setup.parameters.values != plan.parameters.values
            else { throw error }
            sketch.state = nil
            try rehearse(plan, sketch, past, in: placement)
        }
    }

    private func rehearse(
        _ plan: SlotPlan, _ sketch: SlotSketch, _ past: SlotPast, in placement: Placement?
    ) throws(DeckFailure) {
        let last = try past.latest(before: sketch.position, count: 256)
        let reads = plan.plugin.manifest.state?.reads ?? []
        let rehearsal = rehearsal(
            plan, sketch.state.flatMap { reads.contains($0.stateVersion) ? $0 : nil }, last,
            after: sketch.moment)
        try play(rehearsal, of: plan, in: placement)
    }

    /// The same for a strategy that is to begin.
    func rehearse(_ plan: SlotPlan) throws(DeckFailure) {
        let (position, moment) = try mailbox.ask { deck in (deck.blocks.position, deck.moment) }
        let last = try SlotPast(plan, desk.withLock { $0 }).latest(before: position, count: 256)
        let rehearsal = rehearsal(plan, nil, last, after: moment)
        var placing = SlotPlacing(plugins)
        let placement = plan.isolation == .host ? nil : try placing.placement(of: plan)
        try play(rehearsal, of: plan, in: placement)
    }

    /// - Parameter placement: nil for one that is to come into this process: nobody could end it
    ///   here, so it is tried in another.
    private func play(
        _ rehearsal: Rehearsal, of plan: SlotPlan, in placement: Placement?
    ) throws(DeckFailure) {
        guard let placement else {
            do { return try plugins.rehearse(plan.plugin.path, rehearsal) } catch {
                throw DeckFailure(error.description)
            }
        }
        do { try rehearsal.play(in: placement, limits: plan.limits) } catch {
            throw DeckFailure("\(plan.plugin.path) is not fit to take over: \(error.description)")
        }
    }

    private func rehearsal(
        _ plan: SlotPlan, _ state: StrategyState?, _ events: [Event], after moment: DeckMoment
    ) -> Rehearsal {
        Rehearsal(
            settings: plan.settings, parameters: plan.parameters,
            instruments: desk.withLock { $0 }.outline.instruments,
            wired: plan.instruments, timeFrames: plan.timeFrames,
            historyBars: plan.plugin.manifest.historyBars(plan.parameters),
            state: state, events: events, after: moment.sequence)
    }
}

extension Manifest {
    /// Whether a slot with these time frames can go on with it.
    fileprivate func allows(_ frames: [UInt32]) -> Bool {
        switch timeFrames {
        case .fixed(let fixed): fixed == frames
        case .chosenByOperator(let count): frames.isEmpty || count.contains(frames.count)
        }
    }
}
