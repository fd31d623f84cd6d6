import CTapedeck
import Kernel
package import Market

extension WorkerRunner {
    /// Plays a run: the next block of the tape; or, between two blocks, events for this slot alone.
    package func play(_ run: EventRun) {
        guard unsafe ownsTape || tape.holds(run) else { return unsafe playAside(run) }
        unsafe state.pointee.run = run
        unsafe state.pointee.committed = 0
        commandsAtPlace = 0
        if child != nil { unsafe follow(run) }
        unsafe state.pointee.followAlone(to: run.count)
        if unsafe run.count > 0 { lastSequence = unsafe run.events[run.count - 1].sequence }
        unsafe memory.remember(run, shownBy: settings.filter)
        block += 1
        reader.released = Int(block)
        if let fault = unsafe state.pointee.portfolio.fault, standing.fault == nil {
            standing = .faulted(
                StrategyFault(call: .onEvents, cause: .portfolio(fault), text: "", sequence: lastSequence))
        }
        if memory.wantsState, isRunning { keepState() }
    }

    /// An operator's command: both sides play it at once, and what the strategy does at it comes before the next
    /// block.
    private func playAside(_ run: EventRun) {
        unsafe state.pointee.run = run
        unsafe state.pointee.committed = 0
        if isRunning {
            unsafe state.pointee.followStrategy(to: run.count)
        } else {
            unsafe state.pointee.followAlone(to: run.count)
        }
        for place in unsafe 0..<run.count {
            let bytes = unsafe withUnsafeBytes(of: run.events[place]) { unsafe Array($0) }
            _ = ask(.event, text: bytes)
        }
        noteBetween()
    }

    private func keepState() {
        do throws(StrategyFault) {
            memory.keep(try save())
        } catch {
            // `save` has noted it, and its policy decides.
            return
        }
    }

    /// Does what the worker says for this block, until it has played it or is gone.
    private func follow(_ run: EventRun) {
        if isSealed {
            guard unsafe show(run) else { return }
        } else if ownsTape, let room = unsafe tape.reserve(run.count) {
            unsafe room.events.update(from: run.events, count: run.count)
            unsafe room.prices.update(from: run.prices, count: run.count)
            tape.publish(count: unsafe run.count)
        }
        while let entry = awaitEntry() {
            if unsafe handle(entry, run) == .over { return }
        }
        lose(.byOperator, at: unsafe present(run))
    }

    private enum Progress { case goingOn, over }

    private func handle(_ entry: WorkerChannel.Entry, _ run: EventRun) -> Progress {
        let last = unsafe run.events[run.count - 1]
        switch note(entry, upTo: unsafe run.count, lastTime: last.time, lastSequence: last.sequence) {
        case .noted, nil: return .goingOn
        case .command(let kind):
            guard let breach = perform(kind, entry) else { return .goingOn }
            lose(breach, at: unsafe present(run))
        case .ended(let fault, let place):
            if unsafe place >= state.pointee.committed {
                unsafe state.pointee.followStrategy(to: place)
                if isRunning { standing = fault.map { .faulted($0) } ?? .done }
                return .goingOn
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

    /// Shows a sealed worker one time step after another, never one before the last has been handled. False when
    /// it is gone.
    private func show(_ run: EventRun) -> Bool {
        guard let room = unsafe tape.reserve(run.count) else { preconditionFailure("a tape with room for a block") }
        tape.publishHidden(unsafe run.count)
        var shown = 0
        while unsafe shown < run.count {
            var next = shown + 1
            while unsafe next < run.count, unsafe run.events[next].time == run.events[shown].time { next += 1 }
            unsafe (room.events + shown).update(from: run.events + shown, count: next - shown)
            unsafe (room.prices + shown).update(from: run.prices + shown, count: next - shown)
            tape.reveal(next)
            shown = next
            if unsafe shown == run.count { return true }
            guard unsafe awaitStep(shown, run) else { return false }
        }
        return true
    }

    /// Waits until a step has been handled, and does meanwhile what the worker says.
    private func awaitStep(_ shown: Int, _ run: EventRun) -> Bool {
        let done = block << 32 | UInt64(shown)
        let steps = unsafe channel.word64(WorkerChannel.Layout.steps)
        while unsafe steps.value != done {
            let arrived = wait { [channel, tail] in
                unsafe steps.latest == done || channel.word64(WorkerChannel.Layout.head).latest != tail
            }
            if let entry = take() {
                if unsafe handle(entry, run) == .over { return false }
            } else if !arrived {
                lose(.byOperator, at: unsafe present(run))
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
    private func perform(_ kind: WorkerChannel.Entry.Kind, _ entry: WorkerChannel.Entry) -> WorkerEnding? {
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
            _ = unsafe state.pointee.portfolio.replace(entry.number, with: state.pointee.wired(entry.ticket))
        case .cancel: _ = unsafe state.pointee.portfolio.cancel(entry.number)
        default:
            let time = Int64(bitPattern: entry.payload.0)
            guard time >= 0 else { return .breach("a timer before all time") }
            _ = unsafe state.pointee.portfolio.setTimer(entry.number, at: Timestamp(nanoseconds: time))
        }
        unsafe state.pointee.portfolio.clearUpdates()
        return nil
    }

    /// Timers set in `start` are not counted as acts, and come before the first event.
    private static let mostTimersAtStart = 4096
}
