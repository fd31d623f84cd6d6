import CTapedeck
import Feeds
import Journal
import Kernel
import Market
package import StrategyHost

/// A slot that is to come.
package struct NewSlot: Sendable {
    package var plan: SlotPlan
    package var placement: Placement
    /// As an operator would write it.
    package var command: String
    package var who: String

    package init(plan: SlotPlan, placement: Placement, command: String, who: String) {
        self.plan = plan
        self.placement = placement
        self.command = command
        self.who = who
    }
}

/// Slots that come, go, and are wired anew while others play: between two blocks, on the thread
/// that plays.
extension TapeDeck {
    /// Adds a slot: it sees as much of the past as it needs, and every event from the next one on.
    package func add(_ new: NewSlot) throws(DeckFailure) -> DeckAnswer {
        let name = new.plan.name
        if slots.contains(where: { $0.plan.name == name }) {
            throw DeckFailure("there is already a strategy \"\(name)\"")
        }
        if let refusal = SlotPlan.refusal(ofCrowd: slots.map(\.plan) + [new.plan]) {
            try note(new.command, nil, by: new.who, refusal, isDone: false)
            throw DeckFailure(refusal)
        }
        try refuseBehindLate(new.plan)
        let number = (allSlots.map(\.number).max() ?? 0) + 1
        let past = SlotPast(new.plan, configuration)
        let events = try past.events(before: blocks.position, bars: past.bars)
        let slot: Slot
        do throws(DeckFailure) {
            slot = try wire(adding: new, number: number)
        } catch {
            try wire()
            leave(new.placement.image)
            throw error
        }
        slots.append(slot)
        connectEnsembles(at: TapeMoment(moment), next: moment.time.rawValue + 1)
        slot.begin(after: events, sequence: moment.sequence, time: moment.time)
        try recorder?.record(event(.load, slot), before: blocks.position)
        try sink?.slot(slot.identity, at: number - 1)
        var text = "\(new.plan.plugin.title) of \(new.plan.plugin.manifest.id) is loaded"
        if !events.isEmpty { text += ", warmed up on \(events.count) events of the past" }
        if let fault = slot.runner.standing.fault {
            text += "; it failed at once: \(fault.description)"
        }
        try note(new.command, slot, by: new.who, text)
        try drain(slot)
        return DeckAnswer(moment: moment, text: "\(name): \(text)")
    }

    /// What a slot's strategy will be asked when it is taken out; nil where it stays.
    package func questionBeforeRemoval(
        _ name: String, withPositions: Bool
    ) throws(DeckFailure) -> SlotQuestion? {
        let slot = try slot(named: name)
        return withPositions || slot.held.isEmpty ? .stop(.unload) : nil
    }

    /// Takes a slot out. Its orders are cancelled; what it holds stays in its result at the last
    /// marks.
    /// - Parameter withPositions: also where it holds something.
    package func remove(
        _ name: String, withPositions: Bool, command: String, by who: String
    ) throws(DeckFailure) -> DeckAnswer {
        let slot = try slot(named: name)
        try settle(slot)
        let held = slot.held
        if !held.isEmpty, !withPositions {
            let symbols = held.map { configuration.outline.instruments[Int($0)].symbol }.joined(
                separator: ", ")
            let text =
                "\(name) holds \(symbols): flatten it first, or unload it with its positions (--with-positions)"
            try note(command, slot, by: who, text, isDone: false)
            throw DeckFailure(text)
        }
        try recorder?.record(event(.unload, slot), before: blocks.position)
        accept(slot)
        slot.finish(.unload)
        let image = slot.runner.placement.image
        slot.runner.destroy()
        slots.removeAll { $0 === slot }
        retired.append(slot)
        connectEnsembles(at: TapeMoment(moment), next: moment.time.rawValue + 1)
        try wire()
        try drain(slot)
        leave(image)
        let text = held.isEmpty ? "unloaded" : "unloaded with its positions at their marks"
        try note(command, slot, by: who, text)
        return DeckAnswer(moment: moment, text: "\(name): \(text)")
    }

    /// An ensemble begins with what its members are at this event.
    private func refuseBehindLate(_ plan: SlotPlan) throws(DeckFailure) {
        guard let heard = plan.ensemble?.heard,
            let late = slots.first(where: { heard.contains($0.plan.name) && $0.isLate })
        else { return }
        throw DeckFailure(
            "\(late.plan.name), which it listens to, is late and has not come to this event; try again when it has"
        )
    }

    func planning(_ plans: [SlotPlan]) -> DeckPlanning {
        var configuration = configuration
        configuration.slots = plans
        return DeckPlanning(configuration, options, sharedWorkers)
    }

    private func wire(adding new: NewSlot, number: Int) throws(DeckFailure) -> Slot {
        try settleShared()
        let demand = SlotDemand(new.plan, configuration.outline)
        let planning = planning(slots.map(\.plan) + [new.plan])
        let subscription = planning.subscription(demand)
        let isShared = new.plan.isolation == .worker && !planning.isPaced
        let known = slots.map(\.view).first { view in
            view.subscription.series == subscription.series
                && view.subscription.calendars == subscription.calendars
                && view.hasStarted && (!isShared || view.tape != nil)
        }
        let shared = isShared && known == nil ? try SlotPlacing.tape(blocks.largestBlock) : nil
        let view =
            known
            ?? EventView(
                subscription, isWhole: false, capacity: min(options.blockSize, range.count),
                numberBefore: blocks.lastSequence, tape: shared)
        try wire(planning, slots.map(\.plan) + [new.plan], views: slots.map(\.view) + [view])
        return try planning.makeSlot(
            demand, view, new.placement, number: number, blocks.largestBlock,
            begins: Slot.Beginning(
                time: moment.time, sequence: moment.sequence + 1))
    }

    /// Works out anew who is played what.
    func wire() throws(DeckFailure) {
        let plans = slots.map(\.plan)
        try wire(planning(plans), plans, views: slots.map(\.view))
    }

    /// The same for these plans and views. Bars go on as they were; those of a time frame that is
    /// new are whole from the first one on, because their builders are shown the past.
    private func wire(
        _ planning: DeckPlanning, _ plans: [SlotPlan], views wanted: [EventView]
    ) throws(DeckFailure) {
        guard blocks.isAtBoundary else {
            throw DeckFailure("there are events that stand before this moment; try again")
        }
        try settleShared()
        let demands = plans.map { SlotDemand($0, configuration.outline) }
        let (sessions, builders) = (try planning.sessions(), try planning.builders(demands))
        try blocks.rebuild(sessions: sessions, builders: builders)
        let all = planning.everything(demands)
        var views: [EventView] = []
        for view in wanted where !views.contains(where: { $0 === view }) {
            view.isWhole = view.hasStarted && all.isWithin(view.subscription)
            views.append(view)
        }
        routing = EventRouting(
            views, instrumentCount: planning.instruments.count,
            calendarCount: planning.calendars.names.count)
    }
}

extension Slot {
    /// Instruments of which it has a position.
    fileprivate var held: [InstrumentID] {
        plan.instruments.filter { !runner.portfolio.books.quantity(of: $0).isZero }
    }
}

extension EventView {
    /// Nothing before its first event can come any more.
    var hasStarted: Bool { hasBegun || isWhole || subscription.from == .distantPast }
}
