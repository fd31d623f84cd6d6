package import CTapedeck
import Kernel
package import Market
import Synchronization

/// One instance with all that was made for it. Not its portfolio, which stays.
@safe struct Generation: ~Copyable {
    var instance: StrategyInstance?
    let placement: Placement
    let settings: StrategyRunner.Settings
    let context: UnsafeMutablePointer<HostContext>
    let standing: StrategyRunner.Standing
    /// As it was when it stopped being played.
    var history: BarHistory
    let warmUp: WarmUp
    let memory: StrategyMemory
}

extension StrategyRunner {
    /// Hands the cursor over between two events: save, create, load, start; or, for one that cannot
    /// load, create, start, and a look at the past. Portfolio, orders and timers stay where they
    /// are. The one before is kept, and comes back by itself should the new one fail within its
    /// probation.
    /// - Throws: what went wrong; nothing has changed then, and the one that was there goes on.
    package func handOver(
        to successor: Successor, time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        guard predecessor == nil else {
            throw HandOverFailure(stage: .asked, reason: "the one before it has not left yet")
        }
        guard standing != .stopped, unsafe state.pointee.portfolio.fault == nil else {
            throw HandOverFailure(
                stage: .asked, reason: "its portfolio has ended: unload it and load it anew")
        }
        let saved = try saved(for: successor)
        let undo = unsafe state.pointee.portfolio.startPoint
        do throws(HandOverFailure) {
            let chance = memory.isWanted ? unsafe state.pointee.portfolio.chance.bytes : []
            let inheritance = try begin(successor, saved, time)
            remember(successor, saved, chance)
            if standing == .created || wasFaulted {
                releasePredecessor()
            } else {
                beginProbation(successor)
            }
            return inheritance
        } catch {
            unsafe state.pointee.portfolio.startPoint = undo
            throw error
        }
    }

    /// What the new one would be started again with.
    func remember(_ successor: Successor, _ saved: StrategyState?, _ chance: [UInt8]) {
        memory = StrategyMemory(placement.manifest, settings)
        guard memory.isWanted else { return }
        if let saved {
            memory.keep(
                StrategyLegacy(
                    chance: chance, history: unsafe state.pointee.history.bytes,
                    state: saved.encoded, failure: ""))
        } else {
            memory.remember(successor.past)
        }
    }

    /// Shows a strategy that has just been started the past that it needs: it cannot trade there.
    package func lookBack(at past: [Event]) {
        guard isRunning, !past.isEmpty else { return }
        replay(past, flags: TD_FLAG_REPLAY | TD_FLAG_WARM_UP)
        memory.remember(past)
        for event in past { unsafe state.pointee.warmUp.count(event) }
    }

    /// Its state for a rehearsal: nil where it has none, or cannot save it. Nothing follows from
    /// that.
    package func savedForRehearsal() -> StrategyState? {
        guard standing == .running || standing == .done, let declared = placement.manifest.state
        else { return nil }
        do { return try stateBytes(declared) } catch { return nil }
    }

    private var wasFaulted: Bool { predecessor?.standing.isFaulted ?? false }

    /// The running strategy's state, where it has one that the successor may read.
    func saved(for successor: Successor) throws(HandOverFailure) -> StrategyState? {
        let manifest = successor.placement.manifest
        guard !successor.leavesState, standing == .running || standing == .done,
            let declared = placement.manifest.state,
            let reads = manifest.state?.reads, manifest.id == placement.manifest.id,
            reads.contains(declared.version)
        else { return nil }
        do {
            return try stateBytes(declared)
        } catch {
            throw HandOverFailure(stage: .save, reason: error.description)
        }
    }

    /// Makes the successor and lets it begin; on a failure the one before is in its place again.
    private func begin(
        _ successor: Successor, _ saved: StrategyState?, _ time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        let wasStanding = standing
        let instance: StrategyInstance
        do {
            instance = try unsafe Self.instance(successor.placement, successor.settings, state)
        } catch {
            throw HandOverFailure(stage: .create, reason: error.description)
        }
        predecessor = takeOut(unsafe state.pointee.history.copy())
        putIn(instance, successor)
        // It has seen no event: its slot will start it before the first.
        if wasStanding == .created { return .nothing }
        do throws(HandOverFailure) {
            return try start(successor, saved, time)
        } catch {
            lastWords.append(takeLog())
            comeBack()
            throw error
        }
    }

    func start(
        _ successor: Successor, _ saved: StrategyState?, _ time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        if let saved {
            do {
                try load(saved)
            } catch {
                throw HandOverFailure(stage: .load, reason: error.description)
            }
        }
        prepareHistory(successor, isWarmingUp: saved == nil)
        start(.upgraded, nextSequence: lastSequence + 1, time: time)
        if let fault = standing.fault {
            throw HandOverFailure(stage: .start, reason: fault.description)
        }
        if let saved { return .state(bytes: saved.bytes.count) }
        guard !successor.past.isEmpty else { return .nothing }
        replay(successor.past, flags: TD_FLAG_REPLAY | TD_FLAG_WARM_UP)
        if let fault = standing.fault {
            throw HandOverFailure(stage: .past, reason: fault.description)
        }
        for event in successor.past { unsafe state.pointee.warmUp.count(event) }
        return .past(events: successor.past.count)
    }

    /// What `history` answers: what it did, or for other bars what the past has of them.
    private func prepareHistory(_ successor: Successor, isWarmingUp: Bool) {
        let setup = successor.settings.setup
        unsafe state.pointee.sliceStart = -1
        unsafe state.pointee.memorable = unsafe state.pointee.remembered
        let isSame = unsafe state.pointee.history.keeps(
            depth: successor.settings.historyBars, timeFrames: setup.timeFrames,
            instruments: setup.instruments)
        if isWarmingUp, !successor.past.isEmpty {
            unsafe state.pointee.warmUp = WarmUp(
                bars: successor.settings.warmUpBars, instruments: setup.instruments,
                timeFrames: setup.timeFrames,
                until: successor.settings.warmUpUntil)
        } else {
            unsafe state.pointee.warmUp = state.pointee.warmUp.asking(
                successor.settings.warmUpBars)
        }
        // What it is shown again comes into it again.
        if isSame, !isWarmingUp || successor.past.isEmpty { return }
        unsafe state.pointee.history = BarHistory(
            depth: successor.settings.historyBars, instruments: setup.instruments,
            timeFrames: setup.timeFrames)
        guard !isWarmingUp else { return }
        unsafe successor.past.withUnsafeBufferPointer { past in
            guard let first = past.baseAddress else { return }
            unsafe state.pointee.history.append(first, count: past.count)
        }
    }

    private func beginProbation(_ successor: Successor) {
        guard let file = predecessor?.placement.file else { return }
        probation = Probation(since: lastSequence, most: successor.probationEvents, of: file)
    }
}

extension StrategyRunner {
    /// Takes the present generation out of its place; another must follow at once.
    func takeOut(_ history: consuming BarHistory) -> Generation? {
        lastWords.append(takeLog())
        guard let instance = instance.take() else { return nil }
        return unsafe Generation(
            instance: instance, placement: placement, settings: settings, context: context,
            standing: standing,
            history: history, warmUp: state.pointee.warmUp, memory: memory)
    }

    func putIn(_ instance: consuming StrategyInstance, _ successor: Successor) {
        unsafe context = instance.context
        self.instance = consume instance
        placement = successor.placement
        settings = successor.settings
        standing = .created
        setWiring()
    }

    private func setWiring() {
        unsafe state.pointee.wire(settings.setup.instruments)
    }

    /// Destroys the present generation and puts the one before back.
    func comeBack() {
        instance = nil
        guard var before = predecessor.take() else { return }
        placement = before.placement
        settings = before.settings
        unsafe context = before.context
        standing = before.standing
        unsafe state.pointee.warmUp = before.warmUp
        memory = before.memory
        unsafe swap(&state.pointee.history, &before.history)
        instance = before.instance.take()
        setWiring()
    }

    /// The one before leaves for good: stopped, where it ran, and destroyed.
    func releasePredecessor() {
        probation = nil
        guard let before = predecessor.take() else { return }
        if before.standing == .running || before.standing == .done {
            do {
                try before.instance?.stop(.reload)
            } catch {
                lastWords.note(
                    .warning, "the one before failed when it was stopped: \(error.description)")
            }
        }
        unsafe lastWords.append(
            before.context.pointee.log.withLock { lines in
                defer { lines = LogLines() }
                return lines
            })
    }
}
