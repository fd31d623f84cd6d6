import CTapedeck
import Glibc
import Kernel
package import Market

extension StrategyRunner {
    /// Plays a part of a run into the portfolio and the strategy. Its events are borrowed until
    /// this returns.
    /// - Returns: the place behind what was played: before `end` where the strategy has failed.
    package func play(_ run: EventRun, from start: Int, to end: Int) -> Int {
        memory.isWanted
            ? unsafe playRemembering(run, from: start, to: end)
            : unsafe playPart(run, from: start, to: end)
    }

    func playPart(_ run: EventRun, from start: Int, to end: Int) -> Int {
        unsafe state.pointee.run = run
        unsafe state.pointee.committed = start
        unsafe state.pointee.remembered = start
        var index = start
        if isRunning {
            index = playToStrategy(from: start, count: end)
            if probation != nil {
                index = unsafe watchProbation(run, from: start, at: index, to: end)
            }
            if !isRunning, endedAt == nil { endedAt = index }
            let hasFailed = unsafe standing.isFaulted && state.pointee.portfolio.fault == nil
            playAlone(from: index, count: hasFailed ? index : end)
            if hasFailed { return stay(at: index, since: start) }
        } else {
            if probation != nil { _ = unsafe watchProbation(run, from: start, at: start, to: end) }
            playAlone(from: start, count: end)
        }
        _ = stay(at: end, since: start)
        if let fault = unsafe state.pointee.portfolio.fault, !standing.isFaulted {
            fail(
                StrategyFault(
                    call: .onEvents, cause: .portfolio(fault), text: "", sequence: lastSequence))
        }
        return end
    }

    /// The run has been played so far.
    private func stay(at place: Int, since start: Int) -> Int {
        unsafe state.pointee.remember(to: place)
        if place > start { lastSequence = unsafe state.pointee.run.events[place - 1].sequence }
        return place
    }

    /// Plays until the end of the run, or until the strategy is called no more; answers how far.
    func playToStrategy(from start: Int, count: Int) -> Int {
        guard let onEvents = unsafe instance?.onEvents else { return start }
        unsafe StrategyInstance.enter(.events, context)
        defer { unsafe StrategyInstance.leave(context) }
        var index = start
        while index < count, isRunning {
            if unsafe !state.pointee.warmUp.isOver {
                unsafe playWarmUp(index, onEvents)
                index += 1
                continue
            }
            let limit = min(index + length, count)
            let quiet = unsafe state.pointee.portfolio.quietPrefix(
                state.pointee.run, from: index, limit: limit)
            if quiet == 0 {
                unsafe playAdvancing(index, onEvents)
                index += 1
            } else if settings.filter == nil {
                index = unsafe playQuiet(index, quiet, onEvents)
            } else {
                index = unsafe playQuietFiltered(index, quiet, onEvents)
            }
        }
        return index
    }

    /// Hands over quiet events where they lie; answers the place after the last one that was
    /// handled.
    @inline(__always)
    func playQuiet(_ index: Int, _ count: Int, _ onEvents: StrategyInstance.OnEvents) -> Int {
        unsafe state.pointee.sliceStart = index
        unsafe state.pointee.acts = 0
        let handled = unsafe hand(state.pointee.run.events + index, count, onEvents)
        unsafe state.pointee.commitMarks(to: index + handled)
        adapt(handled: handled, of: count)
        if unsafe !state.pointee.portfolio.told.isEmpty {
            unsafe state.pointee.sliceStart = -1
            unsafe state.pointee.memorable = index + handled
            unsafe handUpdates(onEvents)
        }
        return index + handled
    }

    /// The next slice is as long as the last were useful: scanning far beyond an act would be for
    /// nothing.
    @inline(__always)
    private func adapt(handled: Int, of count: Int) {
        if handled < count {
            length = min(max(16, handled &* 2), settings.longestSlice)
        } else if count == length {
            length = min(length &* 2, settings.longestSlice)
        }
    }

    /// Advances the portfolio through one event, hands over what that did to its orders, and then
    /// the event.
    private func playAdvancing(_ index: Int, _ onEvents: StrategyInstance.OnEvents) {
        unsafe state.pointee.portfolio.advance(state.pointee.run, index)
        unsafe state.pointee.committed = index + 1
        let event = unsafe state.pointee.run.events[index]
        unsafe handUpdates(
            then: settings.filter?.shows(event) ?? true ? event : nil, at: index, onEvents)
    }

    /// Hands over one private event between two runs, and what it did by that.
    func playPrivate(_ event: Event) {
        guard let onEvents = unsafe instance?.onEvents else { return }
        unsafe StrategyInstance.enter(.events, context)
        defer { unsafe StrategyInstance.leave(context) }
        unsafe state.pointee.sliceStart = -1
        unsafe state.pointee.acts = 0
        unsafe state.pointee.queue.append(event)
        unsafe handQueue(publicEvents: 0, onEvents)
    }

    /// One event of a warm-up: a copy that says so, for the portfolio and for the strategy.
    private func playWarmUp(_ index: Int, _ onEvents: StrategyInstance.OnEvents) {
        let event = unsafe state.pointee.followWarmUp()
        unsafe handUpdates(
            then: settings.filter?.shows(event) ?? true ? event : nil, at: index, onEvents)
        unsafe state.pointee.warmUp.count(event)
    }

    /// Hands over updates, then `event`, and then what it did by that.
    private func handUpdates(
        then event: Event?, at index: Int, _ onEvents: StrategyInstance.OnEvents
    ) {
        unsafe state.pointee.sliceStart = -1
        unsafe state.pointee.memorable = index
        unsafe state.pointee.acts = 0
        takeUpdates(before: 0)
        if let event { unsafe state.pointee.queue.append(event) }
        unsafe handQueue(publicEvents: event == nil ? 0 : 1, onEvents)
    }

    /// Hands over what the last acts did.
    private func handUpdates(_ onEvents: StrategyInstance.OnEvents) {
        takeUpdates(before: 0)
        unsafe handQueue(publicEvents: 0, onEvents)
    }

    /// Hands over the queue until it is empty. Updates that arise meanwhile come before a public
    /// event that waits.
    func handQueue(publicEvents: Int, _ onEvents: StrategyInstance.OnEvents) {
        var publicEvents = publicEvents
        while unsafe !state.pointee.queue.isEmpty, isRunning {
            let count = unsafe state.pointee.queue.count
            let handled = unsafe hand(state.pointee.queue.first, count, onEvents)
            unsafe state.pointee.queue.removeFirst(handled)
            if handled == count {
                publicEvents = 0
                unsafe state.pointee.memorable = unsafe state.pointee.committed
            }
            takeUpdates(before: publicEvents)
        }
        unsafe state.pointee.queue.removeAll()
    }

    /// Moves the portfolio's updates into the queue, before its last `count` events.
    private func takeUpdates(before count: Int) {
        guard unsafe !state.pointee.portfolio.told.isEmpty else { return }
        unsafe state.pointee.queue.take(from: &state.pointee.portfolio, beforeLast: count)
    }

    /// One call: hands over events, and checks what it makes of them. Answers how many it handled.
    @inline(__always)
    func hand(
        _ events: UnsafePointer<Event>, _ count: Int, _ onEvents: StrategyInstance.OnEvents
    ) -> Int {
        unsafe state.pointee.slice = events
        unsafe state.pointee.sliceCount = UInt64(count)
        unsafe state.pointee.seen = 0
        unsafe state.pointee.actedAt = 0
        let consumed = unsafe state.pointee.consumed
        unsafe consumed.pointee = 0
        unsafe consumed[1] &+= 1
        unsafe consumed[2] = state.pointee.place
        unsafe error.pointee.length = 0
        let status = unsafe onEvents.function(
            onEvents.pointer, events, UInt64(count), consumed, error)
        if status == TD_OK, unsafe consumed.pointee == UInt64(count),
            unsafe state.pointee.actedAt == 0,
            unsafe state.pointee.breach == nil
        {
            return count
        }
        return unsafe judge(status, events, count)
    }

    /// Whatever is not simply "all handled, nothing done".
    @inline(never)
    private func judge(_ status: td_status, _ events: UnsafePointer<Event>, _ count: Int) -> Int {
        let consumed = unsafe state.pointee.consumed.pointee
        // Whatever it says: behind the event at which it acted nothing is quiet any more.
        let acted = unsafe state.pointee.actedAt
        let place = Int(min(acted == 0 ? consumed : acted, UInt64(count)))
        let sequence = unsafe events[max(0, place - 1)].sequence
        if status < 0 {
            blame(.answered(status), sequence)
        } else if let breach = breach(consumed: consumed, of: count, status: status) {
            blame(.breach(breach), sequence)
        } else if status == TD_DONE {
            standing = .done
        }
        return place
    }

    @inline(never)
    private func blame(_ cause: StrategyFault.Cause, _ sequence: UInt64) {
        let words = unsafe StrategyFault.words(error.pointee)
        fail(StrategyFault(call: .onEvents, cause: cause, text: words, sequence: sequence))
    }

    private func breach(consumed: UInt64, of count: Int, status: td_status) -> StrategyFault.Breach?
    {
        if let breach = unsafe state.pointee.breach { return breach }
        if consumed > UInt64(count) { return .consumedTooMany }
        if unsafe consumed < state.pointee.seen { return .consumedBackwards }
        if unsafe state.pointee.actedAt != 0, unsafe consumed != state.pointee.actedAt {
            return .wentOn
        }
        return consumed == 0 && status != TD_DONE ? .consumedNothing : nil
    }

    /// Plays the portfolio without a strategy: its orders and protections go on.
    private func playAlone(from start: Int, count: Int) {
        unsafe state.pointee.commitMarks(to: start)
        unsafe state.pointee.followAlone(to: count)
    }
}
