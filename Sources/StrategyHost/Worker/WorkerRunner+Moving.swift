package import CTapedeck
import Kernel
package import Market

/// Going on in another place, and coming from one.
extension WorkerRunner {
    package func handDown(to successor: Successor) throws(HandOverFailure) -> StrategyLegacy? {
        let legacy = try legacy(for: successor)
        detach(instance)
        return legacy
    }

    package func take(words: LogLines) { output.log.append(words) }

    package func goOn() {
        guard !instance.isLost else { return }
        if instance.reader == nil { attach(instance) }
        guard standing == .running || standing == .done else { return }
        instance.playsTo = heldBefore.map { UInt64($0) } ?? .max
    }

    package func begin(
        insteadOf old: any SlotRunner, _ successor: Successor, _ legacy: StrategyLegacy?,
        time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        unsafe swap(&state.pointee.portfolio, &old.portfolio)
        lastSequence = old.lastSequence
        unsafe state.pointee.warmUp = old.warmUp
        plotNames = old.plotNames
        do throws(HandOverFailure) {
            let inheritance = try begin(
                instance, successor, legacy, time, since: (old.standing, old.settings))
            inherit(successor, legacy, isFresh: old.standing == .created)
            attach(instance)
            if old.standing != .created {
                standing = .running
                goOn()
            }
            return inheritance
        } catch {
            instance.lose(.byOperator)
            unsafe swap(&state.pointee.portfolio, &old.portfolio)
            throw error
        }
    }

    package func comeBack(
        from failed: any SlotRunner, missed: [Event], in run: EventRun?, at place: Int,
        of stand: QueueStand?
    ) {
        unsafe swap(&state.pointee.portfolio, &failed.portfolio)
        lastSequence = failed.lastSequence
        plotNames = failed.plotNames
        heldBefore = nil
        block = UInt64(tape.published)
        placeInBlock = 0
        defer { resume(behind: missed) }
        if let stand, stand.tape === tape {
            // It goes on within the block, or behind it.
            block = UInt64(stand.block)
            if let run = unsafe run, unsafe tape.holds(run) {
                let isBehind = unsafe place >= run.count
                block += isBehind ? 1 : 0
                placeInBlock = isBehind ? 0 : place
            }
            heldBefore = stand.heldBefore
            return
        }
        // What others played from the same tape is behind it, and so is this block's part.
        if let run = unsafe run, let number = unsafe tape.number(of: run), unsafe place < run.count
        {
            block = UInt64(number)
            placeInBlock = place
        }
    }
}
