package import CTapedeck
import Kernel
package import Market

/// The one before, as it stood when another took its place: its process waits.
struct WorkerPredecessor {
    let instance: WorkerInstance
    let standing: StrategyRunner.Standing
    let warmUp: WarmUp
    let memory: StrategyMemory
}

extension WorkerRunner {
    /// Hands the cursor to another process between two events: the one that plays saves its state
    /// and stays where it is, the other makes its instance of that, and plays from the next event
    /// on. What it asked for in its start is done with the first block, as for any start; so a
    /// failure leaves no trace in the portfolio.
    package func handOver(
        to successor: Successor, time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        do throws(HandOverFailure) {
            return try replace(by: successor, time)
        } catch {
            // It goes on as if nothing had been asked.
            goOn()
            throw error
        }
    }

    package func hold(before block: Int?) {
        heldBefore = block
        if block != nil { goOn() }
    }

    private func replace(
        by successor: Successor, _ time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        guard predecessor == nil else {
            throw HandOverFailure(stage: .asked, reason: "the one before it has not left yet")
        }
        guard standing != .stopped, unsafe state.pointee.portfolio.fault == nil else {
            throw HandOverFailure(
                stage: .asked, reason: "its portfolio has ended: unload it and load it anew")
        }
        let reserve = try reserve(for: successor)
        let next = WorkerInstance(reserve, successor.settings, on: reserve.ground)
        let legacy = try legacy(for: successor)
        do throws(HandOverFailure) {
            let inheritance = try begin(
                next, successor, legacy, time, since: (standing, settings))
            take(over: next, successor, legacy)
            return inheritance
        } catch {
            next.lose(.byOperator)
            throw error
        }
    }

    package func lookBack(at past: [Event]) {
        guard standing == .running, !past.isEmpty else { return }
        for event in past { unsafe state.pointee.warmUp.count(event) }
        do throws(StrategyFault) {
            try show(past, to: instance, flags: TD_FLAG_REPLAY | TD_FLAG_WARM_UP, counts: true)
            memory.remember(past)
        } catch {
            take(error)
        }
    }

    package func savedForRehearsal() -> StrategyState? {
        guard standing == .running || standing == .done, placement.manifest.state != nil,
            let bytes = ask(.handDown, [1]), let legacy = StrategyLegacy(bytes)
        else { return nil }
        do { return try StrategyState(decoding: legacy.state) } catch { return nil }
    }

    /// The process that waits for this, or a new one.
    private func reserve(for successor: Successor) throws(HandOverFailure) -> WorkerReserve {
        guard successor.placement.module != nil, successor.placement.isSealed == isSealed else {
            throw HandOverFailure(
                stage: .asked, reason: "it is to run elsewhere: unload it and load it anew")
        }
        // One that was started for a slot of this name that has been wired anew since stands on
        // another tape.
        if let reserve = successor.reserve, reserve.ground.tape === own.tape, !reserve.child.isOver
        {
            return reserve
        }
        do {
            return try WorkerReserve(successor.placement, successor.settings, on: own)
        } catch {
            throw HandOverFailure(stage: .create, reason: error.description)
        }
    }

    /// What the one that plays hands down; nil for one that is called no more. It stands still from
    /// here on.
    func legacy(for successor: Successor) throws(HandOverFailure) -> StrategyLegacy? {
        guard standing == .running || standing == .done else { return nil }
        instance.mayPlay = false
        let isAncestor = !successor.leavesState && isAncestor(of: successor.placement)
        let withState: UInt64 = isAncestor ? 1 : 0
        guard let bytes = ask(.handDown, [withState]), var legacy = StrategyLegacy(bytes)
        else {
            lose(.breach("a legacy that is none"), call: .save)
            throw HandOverFailure(stage: .save, reason: standing.fault?.description ?? "it is gone")
        }
        if !legacy.failure.isEmpty { throw HandOverFailure(stage: .save, reason: legacy.failure) }
        guard !legacy.state.isEmpty else { return legacy }
        do {
            legacy.saved = try StrategyState(decoding: legacy.state)
            return legacy
        } catch {
            throw HandOverFailure(stage: .save, reason: error.description)
        }
    }

    /// Whether another can go on with its state.
    func isAncestor(of successor: Placement) -> Bool {
        let (old, new) = (placement.manifest, successor.manifest)
        return old.id == new.id
            && old.state.map { new.state?.reads.contains($0.version) ?? false } ?? false
    }

    /// - Parameter before: how the one stands that it takes over from, and with what.
    func begin(
        _ next: WorkerInstance, _ successor: Successor, _ legacy: StrategyLegacy?,
        _ time: Timestamp,
        since before: (standing: StrategyRunner.Standing, settings: StrategyRunner.Settings)
    ) throws(HandOverFailure) -> Inheritance {
        let (standing, settings) = before
        let saved = legacy?.state ?? []
        let isWarmingUp = saved.isEmpty && !successor.past.isEmpty && standing != .created
        let keepsHistory = settings.keepsSameHistory(as: successor.settings) && !isWarmingUp
        var beginning = beginning(successor.settings)
        beginning.chance = legacy?.chance ?? []
        beginning.saved = saved
        beginning.history = keepsHistory ? legacy?.history ?? [] : []
        beginning.warmUp =
            isWarmingUp ? nil : beginning.warmUp?.asking(successor.settings.warmUpBars)
        let fillsHistory = !keepsHistory && !isWarmingUp && !successor.past.isEmpty
        let start = WorkerBeginning.Start(
            reason: StrategyRunner.Start.upgraded.code, nextSequence: lastSequence + 1, time: time)
        if standing != .created, !fillsHistory { beginning.start = start }
        do throws(StrategyFault) {
            try begin(next, beginning)
            if fillsHistory {
                try show(successor.past, to: next, flags: 0)
                _ = next.ask(
                    .start,
                    [UInt64(start.reason), start.nextSequence, UInt64(bitPattern: time.rawValue)])
                try expect(.started, of: next)
            }
        } catch {
            throw HandOverFailure(
                stage: HandOverFailure.Stage(error.call), reason: error.description)
        }
        if let state = legacy?.saved { return .state(bytes: state.bytes.count) }
        guard isWarmingUp else { return .nothing }
        do {
            try show(
                successor.past, to: next, flags: TD_FLAG_REPLAY | TD_FLAG_WARM_UP, counts: true)
        } catch {
            throw HandOverFailure(stage: .past, reason: error.description)
        }
        return .past(events: successor.past.count)
    }

    /// The new one has begun: the cursor is its.
    private func take(over next: WorkerInstance, _ successor: Successor, _ legacy: StrategyLegacy?)
    {
        let before = unsafe WorkerPredecessor(
            instance: instance, standing: standing, warmUp: state.pointee.warmUp, memory: memory)
        detach(instance)
        instance = next
        attach(next)
        inherit(successor, legacy, isFresh: standing == .created)
        guard before.standing == .running || before.standing == .done else {
            standing = before.standing == .created ? .created : .running
            goOn()
            return retire(before.instance)
        }
        standing = .running
        goOn()
        predecessor = before
        probation = Probation(
            since: lastSequence, most: successor.probationEvents, of: before.instance.placement.file
        )
    }

    /// What this side keeps of the one that plays now.
    /// - Parameter isFresh: nobody has seen an event.
    func inherit(_ successor: Successor, _ legacy: StrategyLegacy?, isFresh: Bool) {
        if legacy?.state.isEmpty ?? true, !successor.past.isEmpty, !isFresh {
            let setup = successor.settings.setup
            unsafe state.pointee.warmUp = WarmUp(
                bars: successor.settings.warmUpBars, instruments: setup.instruments,
                timeFrames: setup.timeFrames,
                until: successor.settings.warmUpUntil)
            for event in successor.past { unsafe state.pointee.warmUp.count(event) }
        } else {
            unsafe state.pointee.warmUp = state.pointee.warmUp.asking(
                successor.settings.warmUpBars)
        }
        unsafe state.pointee.wire(successor.settings.setup.instruments)
        memory = StrategyMemory(placement.manifest, settings)
        if let legacy, legacy.saved != nil {
            memory.keep(legacy)
        } else {
            memory.remember(successor.past)
        }
    }
}

extension StrategyRunner.Settings {
    /// Whether `history` looks back on the same.
    func keepsSameHistory(as other: StrategyRunner.Settings) -> Bool {
        historyBars == other.historyBars && setup.timeFrames == other.setup.timeFrames
            && setup.instruments == other.setup.instruments
    }
}

extension HandOverFailure.Stage {
    fileprivate init(_ call: StrategyFault.Call) {
        self =
            switch call {
            case .load: .load
            case .save: .save
            case .start, .onEvents: .start
            default: .create
            }
    }
}
