import CTapedeck
import Kernel
package import Market

extension WorkerRunner {
    /// Plays a part of a run: of the next block of the tape; or, between two blocks, events for
    /// this slot alone. A worker that is there plays to the end of its block.
    package func play(_ run: EventRun, from start: Int, to end: Int) -> Int {
        guard unsafe ownsTape || tape.holds(run) else { return unsafe playAside(run) }
        let end = instance.isLost ? end : unsafe run.count
        var place = start
        while true {
            let next = unsafe playPart(run, from: place, to: end)
            let goesOn = unsafe watchProbation(run, place..<next)
            place = next
            guard goesOn, place < end else { break }
        }
        if let fault = unsafe state.pointee.portfolio.fault, standing.fault == nil {
            standing = .faulted(
                StrategyFault(
                    call: .onEvents, cause: .portfolio(fault), text: "", sequence: lastSequence))
        }
        return place
    }

    /// As far as the strategy comes; answers the place behind it. What has a tape of its own is a
    /// block of its own.
    private func playPart(_ run: EventRun, from start: Int, to end: Int) -> Int {
        base = ownsTape ? start : 0
        let part =
            unsafe ownsTape
            ? EventRun(events: run.events + start, prices: run.prices + start, count: end - start)
            : run
        unsafe state.pointee.run = part
        unsafe state.pointee.committed = start - base
        commandsAtPlace = 0
        shown = unsafe part.count
        var reached = end - base
        let isThere = !instance.isLost
        if isThere, reached > 0 {
            unsafe follow(part)
            if instance.isLost, unsafe state.pointee.portfolio.fault == nil {
                unsafe reached = state.pointee.committed
            }
        }
        unsafe state.pointee.followAlone(to: reached)
        let place = base + reached
        if place > start { lastSequence = unsafe run.events[place - 1].sequence }
        unsafe memory.remember(run, start..<place, shownBy: settings.filter)
        placeInBlock = ownsTape ? 0 : place
        if ownsTape ? isThere && end > start : unsafe place == run.count { endBlock() }
        return place
    }

    package func isReady(for block: Int) -> Bool {
        if instance.isLost || instance.hasToldBlock() { return true }
        if instance.hasToldTooMuch {
            lose(.breach("a block's worth of words without an end"))
            return true
        }
        return endsUnseen()
    }

    private func endBlock() {
        block += 1
        placeInBlock = 0
        instance.reader?.released = Int(block)
    }

    /// An operator's command: both sides play it at once, and what the strategy does at it comes
    /// before the next block.
    private func playAside(_ run: EventRun) -> Int {
        unsafe state.pointee.run = run
        unsafe state.pointee.committed = 0
        if isRunning {
            unsafe state.pointee.followStrategy(to: run.count)
        } else {
            unsafe state.pointee.followAlone(to: run.count)
        }
        for place in unsafe 0..<run.count {
            let bytes = unsafe withUnsafeBytes(of: run.events[place]) { unsafe Array($0) }
            tell(.event, text: bytes)
        }
        take(noteBetween(instance))
        return unsafe run.count
    }

    /// Does what the worker says for this block, until it has played it or is gone.
    private func follow(_ run: EventRun) {
        if ownsTape {
            guard let room = unsafe tape.reserve(run.count) else {
                return lose(.noRoom(events: unsafe run.count), at: unsafe present(run))
            }
            guard unsafe isSealed ? show(run, in: room) : publish(run, in: room) else { return }
        }
        while let entry = instance.awaitEntry() {
            if unsafe handle(entry, run) == .over { return }
        }
        unsafe missed(run)
    }

    /// The worker is gone: how far it came, as far as it said so, is where its strategy ends. That
    /// may be anything; it counts between its last command and what it has been shown.
    private func missed(_ run: EventRun) {
        if let place = instance.place(in: block, of: shown),
            unsafe place > state.pointee.committed
        {
            unsafe state.pointee.followStrategy(to: place)
        }
        lose(.byOperator, at: unsafe present(run))
    }

    private enum Progress { case goingOn, over }

    private func handle(_ entry: WorkerChannel.Entry, _ run: EventRun) -> Progress {
        let last = unsafe run.events[run.count - 1]
        switch note(
            entry, of: instance, upTo: unsafe run.count, lastTime: last.time,
            lastSequence: last.sequence)
        {
        case .noted, nil: return .goingOn
        case .command(let kind):
            guard let breach = perform(kind, entry) else { return .goingOn }
            lose(breach, at: unsafe present(run))
        case .ended(let fault, let place):
            if unsafe place >= state.pointee.committed {
                unsafe state.pointee.followStrategy(to: place)
                guard isRunning else { return .goingOn }
                standing = fault.map { .faulted($0) } ?? .done
                guard fault != nil else { return .goingOn }
                // It is called no more, and its portfolio is here.
                lose(.byOperator)
                return .over
            }
            lose(.breach("an end before its own commands"), at: unsafe present(run))
        case .played(let low, let high):
            unsafe finish(run)
            if unsafe state.pointee.portfolio.digest.words != (low, high) {
                lose(.mirrorMismatch, at: last.sequence)
            }
        case .senseless(let what): lose(.breach(what), at: unsafe present(run))
        }
        return .over
    }

    /// Shows a sealed worker one time step after another, never one before the last has been
    /// handled. False when it is gone.
    private func show(_ run: EventRun, in room: SharedTape.Room) -> Bool {
        tape.publishHidden(unsafe run.count)
        shown = 0
        while unsafe shown < run.count {
            var next = shown + 1
            while unsafe next < run.count, unsafe run.events[next].time == run.events[shown].time {
                next += 1
            }
            unsafe (room.events + shown).update(from: run.events + shown, count: next - shown)
            unsafe (room.prices + shown).update(from: run.prices + shown, count: next - shown)
            tape.reveal(next)
            shown = next
            if unsafe shown == run.count { return true }
            guard unsafe awaitStep(shown, run) else { return false }
        }
        return true
    }

    private func publish(_ run: EventRun, in room: SharedTape.Room) -> Bool {
        unsafe room.events.update(from: run.events, count: run.count)
        unsafe room.prices.update(from: run.prices, count: run.count)
        tape.publish(count: unsafe run.count)
        return true
    }

    /// Waits until a step has been handled, and does meanwhile what the worker says.
    private func awaitStep(_ shown: Int, _ run: EventRun) -> Bool {
        let done = block << 32 | UInt64(shown)
        let steps = unsafe instance.channel.word64(WorkerChannel.Layout.steps)
        while unsafe steps.value != done {
            let arrived = instance.wait { [instance] in
                unsafe steps.latest == done || instance.hasEntry
            }
            if let entry = instance.take() {
                if unsafe handle(entry, run) == .over { return false }
            } else if !arrived {
                unsafe missed(run)
                return false
            }
        }
        return true
    }

    private var isRunning: Bool { standing == .running }

    private func finish(_ run: EventRun) {
        if isRunning {
            unsafe state.pointee.followStrategy(to: run.count)
        } else {
            unsafe state.pointee.followAlone(to: run.count)
        }
    }

    /// The number of the last event that is known to have been handled.
    private func present(_ run: EventRun) -> UInt64 {
        unsafe run.events[min(max(0, state.pointee.committed - 1), run.count - 1)].sequence
    }

    /// Does to the true portfolio what the strategy did to its mirror.
    private func perform(
        _ kind: WorkerChannel.Entry.Kind, _ entry: WorkerChannel.Entry
    ) -> WorkerEnding? {
        let place = Int(entry.place)
        guard unsafe place >= state.pointee.committed else {
            return .breach("a command at event \(place) after one at a later event")
        }
        guard isRunning else { return .breach("a command of a strategy that is not running") }
        if unsafe place > state.pointee.committed { commandsAtPlace = 0 }
        commandsAtPlace += 1
        // One event of the tape, and the private events that its acts bring about.
        if commandsAtPlace > RunnerState.mostActs + Self.mostTimersAtStart {
            return .flood(commands: commandsAtPlace)
        }
        unsafe state.pointee.followStrategy(to: place)
        switch kind {
        case .submit:
            _ = unsafe state.pointee.portfolio.submit(state.pointee.wired(entry.ticket))
        case .replace:
            _ = unsafe state.pointee.portfolio.replace(
                entry.number, with: state.pointee.wired(entry.ticket))
        case .cancel: _ = unsafe state.pointee.portfolio.cancel(entry.number)
        default:
            let time = Int64(bitPattern: entry.payload.0)
            guard time >= 0 else { return .breach("a timer before all time") }
            _ = unsafe state.pointee.portfolio.setTimer(
                entry.number, at: Timestamp(nanoseconds: time))
        }
        unsafe state.pointee.portfolio.clearUpdates()
        return nil
    }

    /// Timers set in `start` are not counted as acts, and come before the first event.
    private static let mostTimersAtStart = 4096
}
