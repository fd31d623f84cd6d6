import CTapedeck
import Kernel
import Market

extension StrategyRunner {
    /// Ends the probation: the one before leaves. Between two events.
    package func endProbation() {
        guard predecessor != nil else { return }
        releasePredecessor()
    }

    /// Puts the one before back, because an operator wants it. Between two events.
    /// - Throws: when there is none, or when it failed to catch up; then nobody plays on.
    package func rollBack() throws(HandOverFailure) -> RollBack {
        try probation.checkRollBack(predecessor != nil)
        if standing == .running || standing == .done { stop(.reload) }
        let done = catchUp(because: nil)
        if let fault = standing.fault {
            throw HandOverFailure(stage: .rollBack, reason: fault.description)
        }
        return done
    }

    /// The last roll-back that a fault has brought, once.
    package func takeRollBack() -> RollBack? {
        defer { ownRollBack = nil }
        return ownRollBack
    }

    /// After a run, or as far as it came: counts what the one before has missed, and brings it back
    /// should the new one have failed. Answers how far the run has been played.
    func watchProbation(_ run: EventRun, from start: Int, at index: Int, to end: Int) -> Int {
        let hasFailed = unsafe standing.isFaulted && state.pointee.portfolio.fault == nil
        unsafe probation?.miss(run, start..<(hasFailed ? index : end), shownBy: settings.filter)
        guard hasFailed, probation?.isOver == false, predecessor != nil else { return index }
        ownRollBack = catchUp(because: standing.fault)
        unsafe state.pointee.run = run
        unsafe state.pointee.committed = index
        unsafe state.pointee.remembered = index
        guard isRunning else { return index }
        return playToStrategy(from: index, count: end)
    }

    /// Puts the one before back and shows it what it has missed; its orders are muted meanwhile.
    private func catchUp(because fault: StrategyFault?) -> RollBack {
        let failed = placement
        lastWords.append(takeLog())
        comeBack()
        let events = Array(probation?.missed ?? [])
        probation = nil
        replay(events, flags: TD_FLAG_REPLAY)
        memory.remember(events)
        return RollBack(
            fault: fault, sequence: events.last?.sequence ?? lastSequence, events: events.count,
            placement: failed)
    }

    /// Shows the strategy events of the past, one after another. What it asks of its portfolio is
    /// refused; `history` grows with them. A failure is the strategy's fault as ever.
    func replay(_ past: [Event], flags: Int) {
        guard let onEvents = unsafe instance?.onEvents, !past.isEmpty else { return }
        var events = past
        for place in events.indices { events[place].flags |= UInt8(flags) }
        unsafe StrategyInstance.enter(.events, context)
        defer { unsafe StrategyInstance.leave(context) }
        unsafe state.pointee.isMuted = true
        defer { unsafe state.pointee.isMuted = false }
        unsafe events.withUnsafeBufferPointer { buffer in
            guard let first = buffer.baseAddress else { return }
            // Nothing of a muted run is marked, so that its prices are never read.
            unsafe state.pointee.run = EventRun(
                events: first, prices: UnsafePointer(bitPattern: 64)!, count: buffer.count)
            unsafe state.pointee.remembered = 0
            for place in buffer.indices where isRunning { unsafe replay(place, first, onEvents) }
            unsafe state.pointee.remember(to: buffer.count)
        }
    }

    private func replay(
        _ place: Int, _ first: UnsafePointer<Event>, _ onEvents: StrategyInstance.OnEvents
    ) {
        unsafe state.pointee.sliceStart = -1
        unsafe state.pointee.memorable = place
        unsafe state.pointee.committed = place
        unsafe state.pointee.acts = 0
        _ = unsafe hand(first + place, 1, onEvents)
        while unsafe !state.pointee.refusals.isEmpty, isRunning {
            for event in unsafe state.pointee.refusals { unsafe state.pointee.queue.append(event) }
            unsafe state.pointee.refusals.removeAll()
            unsafe handQueue(publicEvents: 0, onEvents)
        }
        unsafe state.pointee.refusals.removeAll()
    }
}
