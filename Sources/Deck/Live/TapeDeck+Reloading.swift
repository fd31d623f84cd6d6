package import CTapedeck
import Journal
import Kernel
import Market
package import StrategyHost

/// A hand-over that its slot does when its turn comes.
struct WaitingHandOver {
    let slot: Slot
    let perform: () -> Void
}

/// A slot whose strategy may be taken back, and where the one before lives; nil for one in another
/// process.
struct SlotOnProbation {
    let slot: Slot
    let image: PluginImage?
    /// As the slot was.
    let plan: SlotPlan
}

/// What a slot is asked to become.
package struct SlotChange: Sendable {
    package var name: String
    package var plan: SlotPlan
    package var placement: Placement
    /// What a strategy that cannot load a state is shown.
    package var past: [Event]
    /// The tape's next event when the past was looked up; nil where that is not needed.
    package var pastEnds: Int?
    package var probationEvents: Int
    /// A worker that has been started for it; nil in this process.
    package var reserve: WorkerReserve?
    /// Where it will play, where that is another place and a worker.
    package var site: WorkerSite?
    /// The state that is there is of no use to it.
    package var leavesState: Bool
    /// As an operator would write it.
    package var command: String
    package var who: String

    package init(
        name: String, plan: SlotPlan, placement: Placement, past: [Event],
        pastEnds: Int? = nil, probationEvents: Int = Probation.standardEvents,
        reserve: WorkerReserve? = nil,
        site: WorkerSite? = nil, leavesState: Bool = false, command: String, who: String
    ) {
        self.leavesState = leavesState
        self.reserve = reserve
        self.site = site
        self.name = name
        self.plan = plan
        self.placement = placement
        self.past = past
        self.pastEnds = pastEnds
        self.probationEvents = probationEvents
        self.command = command
        self.who = who
    }
}

extension SlotChange {
    /// With what has been played since its past was looked up.
    fileprivate func lookingBack(
        from position: Int, _ configuration: DeckConfiguration
    ) throws(DeckFailure) -> SlotChange {
        guard let pastEnds, pastEnds < position else { return self }
        var change = self
        let past = SlotPast(plan, configuration)
        change.past = try past.events(before: position, bars: past.bars)
        return change
    }
}

/// How a hand-over went.
package struct HandOverReport: Sendable {
    package var moment: DeckMoment
    package var inheritance: Inheritance
    /// While neither of the two was called.
    package var pauseNanoseconds: Int64
    package var from: String
    package var to: String
    /// Where it was and where it is, if these are two.
    package var place: (from: Isolation, to: Isolation)?

    package var text: String {
        let place = place.map { " (\($0.to.rawValue) instead of \($0.from.rawValue))" } ?? ""
        return
            "\(to)\(place) took over from \(from) \(inheritance), in \(pauseNanoseconds / 1000) us"
    }
}

/// What must be known of a slot to prepare its successor, without touching it.
package struct SlotSketch: Sendable {
    package var plan: SlotPlan
    package var settings: StrategyRunner.Settings
    package var state: StrategyState?
    package var moment: DeckMoment
    /// The tape's next event.
    package var position: Int
    package var isStopped: Bool
    /// It never played: its strategy failed before.
    package var isAbsent: Bool
    /// Nil where it plays in this process.
    package var ground: WorkerGround?
}

extension TapeDeck {
    package func sketch(_ name: String) throws(DeckFailure) -> SlotSketch {
        let slot = try slot(named: name)
        try settle(slot)
        return SlotSketch(
            plan: slot.plan, settings: slot.runner.settings, state: slot.runner.savedForRehearsal(),
            moment: moment,
            position: blocks.position, isStopped: slot.runner.standing.fault != nil,
            isAbsent: slot.runner is AbsentRunner,
            ground: slot.runner.ground)
    }

    /// Hands a slot's strategy over: at once while nothing is to be played, else in its turn of the
    /// next block.
    package func handOver(_ change: SlotChange, _ reply: Reply<HandOverReport>) {
        do throws(DeckFailure) {
            let slot = try slot(named: change.name)
            guard !waiting.contains(where: { $0.slot === slot }) else {
                throw DeckFailure("\(change.name) is being handed over already")
            }
            let (moment, position) = (self.moment, blocks.position)
            var standsSince: UInt64?
            try recorder?.record(event(.reload, slot), before: position)
            let perform = { [unowned self] in
                do throws(DeckFailure) {
                    reply.give(
                        .success(
                            try self.perform(
                                change, slot, at: moment, before: position, standsSince)))
                } catch {
                    reply.give(.failure(error))
                }
            }
            guard slot.keepsQueue else {
                waiting.append(WaitingHandOver(slot: slot, perform: perform))
                return
            }
            try appoint(slot) {
                standsSince = WallClock.nanoseconds
                slot.runner.prepare(
                    .handDown(to: change.placement, leavesState: change.leavesState))
            }
            try appoint(
                slot, isDue: { slot.runner.isAnswered },
                orElse: { reply.give(.failure(Mailbox.over)) }, perform)
        } catch {
            reply.give(.failure(error))
        }
    }

    /// There is nothing else to do meanwhile.
    func handOverNow() throws(DeckFailure) {
        guard !waiting.isEmpty else { return }
        handOverAtOnce()
        try drain()
    }

    /// Whatever waits for its turn is done. Only between two blocks.
    package func handOverAtOnce() {
        let all = waiting
        waiting = []
        for handOver in all { handOver.perform() }
    }

    private func perform(
        _ wanted: SlotChange, _ slot: Slot, at moment: DeckMoment, before position: Int,
        _ standsSince: UInt64?
    ) throws(DeckFailure) -> HandOverReport {
        if appointed == nil {
            try settle(slot)
            slot.runner.hold(before: nil)
        }
        defer { if appointed == nil { slot.release() } }
        let change = try wanted.lookingBack(from: position, configuration)
        accept(slot)
        let old = slot.plan
        let before = old.plugin
        let image = slot.runner.placement.image
        let wasStopped = slot.runner.standing.fault != nil
        let successor = Successor(
            placement: change.placement, settings: slot.runner.settings.with(change.plan),
            past: change.past,
            probationEvents: change.probationEvents, reserve: change.reserve,
            leavesState: change.leavesState)
        let start = standsSince ?? WallClock.nanoseconds
        let inheritance: Inheritance
        do {
            if slot.moves(by: change) {
                inheritance = try move(slot, change, successor, moment.time)
            } else {
                inheritance = try slot.runner.handOver(to: successor, time: moment.time)
            }
        } catch {
            leave(change.placement.image)
            let text =
                "\(change.plan.plugin.title) did not take over (\(error.stage.rawValue)): \(error.reason); "
                + "\(before.title) goes on"
            slot.settle()
            try drain(slot)
            try note(change.command, slot, by: change.who, text, isDone: false, at: moment)
            throw DeckFailure(text)
        }
        let report = HandOverReport(
            moment: moment, inheritance: inheritance,
            pauseNanoseconds: Int64(WallClock.nanoseconds - start),
            from: before.title, to: change.plan.plugin.title,
            place: old.isolation == change.plan.isolation
                ? nil : (old.isolation, change.plan.isolation))
        slot.plan = change.plan
        slot.care.policy = change.plan.onFault
        if wasStopped { slot.forgetFault() }
        slot.settle()
        if slot.runner.probation != nil {
            onProbation.append(SlotOnProbation(slot: slot, image: image, plan: old))
        } else {
            leave(image)
        }
        try drain(slot)
        try sink?.slot(slot.identity, at: slot.number - 1)
        try note(change.command, slot, by: change.who, report.text, at: moment)
        return report
    }

    /// Takes the strategy back that was there before.
    package func rollBack(_ name: String, by who: String) throws(DeckFailure) -> DeckAnswer {
        let slot = try slot(named: name)
        guard let place = onProbation.firstIndex(where: { $0.slot === slot }) else {
            throw DeckFailure(
                "\(name) has nothing to go back to: nothing was there before, or it has left; "
                    + "reload it from the older file"
            )
        }
        try settle(slot)
        let failed = slot.plan.plugin
        let image = slot.runner.placement.image
        let done: RollBack
        do {
            slot.tellStand()
            defer { unsafe slot.followRunner() }
            done = try slot.runner.rollBack()
        } catch {
            try note("rollback", slot, by: who, error.reason, isDone: false)
            throw DeckFailure("\(name): \(error.reason)")
        }
        let plan = onProbation.remove(at: place).plan
        try back(slot, plan, failed, image, done, "rollback", by: who)
        return DeckAnswer(moment: moment, text: "\(name): \(words(failed, slot, done))")
    }

    /// After a block: whose probation is over, and who has come back by itself.
    func watchProbations() throws(DeckFailure) {
        guard !onProbation.isEmpty else { return }
        for entry in onProbation {
            let slot = entry.slot
            if let done = slot.runner.takeRollBack() {
                onProbation.removeAll { $0.slot === slot }
                try back(
                    slot, entry.plan, slot.plan.plugin, done.placement.image, done, "roll-back",
                    by: "the host")
            } else if slot.runner.standing.fault != nil || slot.runner.probation?.isOver ?? true {
                let isOver = slot.runner.probation?.isOver ?? false
                accept(slot)
                if isOver {
                    try note(
                        "accept", slot, by: "the host",
                        "\(slot.plan.plugin.title) has passed its probation")
                }
            }
        }
    }

    /// The one before leaves, if it is still there.
    func accept(_ slot: Slot) {
        slot.runner.endProbation()
        slot.settleRunner()
        guard let place = onProbation.firstIndex(where: { $0.slot === slot }) else { return }
        leave(onProbation.remove(at: place).image)
    }

    private func back(
        _ slot: Slot, _ plan: SlotPlan, _ failed: PluginFile, _ image: PluginImage?,
        _ done: RollBack, _ command: String, by who: String
    ) throws(DeckFailure) {
        slot.settleRunner()
        slot.plan = plan
        slot.care.policy = plan.onFault
        slot.settle()
        try drain(slot)
        try recorder?.record(event(.rollback, slot), before: blocks.position)
        try sink?.slot(slot.identity, at: slot.number - 1)
        try note(command, slot, by: who, words(failed, slot, done))
        leave(image)
    }

    private func words(_ failed: PluginFile, _ slot: Slot, _ done: RollBack) -> String {
        let reason = done.fault.map { " failed (\($0.description))" } ?? " was taken back"
        return
            "\(failed.title)\(reason); \(slot.plan.plugin.title) goes on, having caught up on \(done.events) events"
    }

    func leave(_ image: PluginImage?) {
        guard let image, image.instances == 0 else { return }
        onLeaving?(image)
    }
}

extension StrategyRunner.Settings {
    /// For the module and the parameters of a plan.
    func with(_ plan: SlotPlan) -> StrategyRunner.Settings {
        var settings = self
        settings.setup.parameters = plan.parameters
        settings.warmUpBars = plan.warmUpBars
        settings.isRemembered = plan.onFault.restarts > 0
        settings.historyBars = plan.plugin.manifest.historyBars(plan.parameters)
        return settings
    }
}

extension SlotSketch {
    /// Starts a worker for what this slot is to become; nil where it will play in this process.
    package func reserve(
        _ placement: Placement, _ plan: SlotPlan, on ground: WorkerGround? = nil
    ) throws(DeckFailure) -> WorkerReserve? {
        guard placement.image == nil, let ground = ground ?? self.ground else { return nil }
        do throws(StrategyFault) {
            return try WorkerReserve(placement, settings.with(plan), on: ground)
        } catch {
            throw DeckFailure(error.description)
        }
    }
}

extension PluginFile {
    /// `1.2.0 (0a1b2c3d)`
    package var title: String { "\(manifest.version) (\(digest.description.prefix(8)))" }
}

extension Placement {
    /// Where it lives in this process; nil for one that does not.
    package var image: PluginImage? {
        switch self {
        case .host(let image): image
        case .worker, .sealed, .plugless: nil
        }
    }
}
