package import CTapedeck
import Kernel
package import Market

/// Going on in another place, and coming from one.
extension StrategyRunner {
    package func handDown(to successor: Successor) throws(HandOverFailure) -> StrategyLegacy? {
        guard standing == .running || standing == .done else { return nil }
        let saved = try saved(for: successor)
        var legacy = unsafe StrategyLegacy(
            chance: portfolio.chance.bytes, history: state.pointee.history.bytes,
            state: saved?.encoded ?? [], failure: "")
        legacy.saved = saved
        return legacy
    }

    package func take(words: LogLines) { lastWords.append(words) }

    /// It is called by nobody else, and stands where it stood.
    package func goOn() {}

    package func begin(
        insteadOf old: any SlotRunner, _ successor: Successor, _ legacy: StrategyLegacy?,
        time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        unsafe swap(&state.pointee.portfolio, &old.portfolio)
        let undo = unsafe state.pointee.portfolio.startPoint
        lastSequence = old.lastSequence
        unsafe state.pointee.warmUp = old.warmUp
        unsafe state.pointee.plotNames = old.plotNames.map { Array($0.utf8) }
        if let legacy { unsafe state.pointee.portfolio.chance.take(legacy.chance) }
        // It has seen no event: its slot will start it before the first.
        if old.standing == .created { return .nothing }
        takeHistory(legacy, successor, since: old.settings)
        do throws(HandOverFailure) {
            let chance = unsafe state.pointee.portfolio.chance.bytes
            let inheritance = try start(successor, legacy?.saved, time)
            remember(successor, legacy?.saved, chance)
            return inheritance
        } catch {
            unsafe state.pointee.portfolio.startPoint = undo
            unsafe swap(&state.pointee.portfolio, &old.portfolio)
            throw error
        }
    }

    /// What `history` answers: what it did there, or for other bars what the past has of them.
    private func takeHistory(
        _ legacy: StrategyLegacy?, _ successor: Successor, since before: Settings
    ) {
        if before.keepsSameHistory(as: settings) {
            unsafe state.pointee.history.take(legacy?.history ?? [])
        } else if legacy?.saved != nil {
            unsafe successor.past.withUnsafeBufferPointer { past in
                guard let first = past.baseAddress else { return }
                unsafe state.pointee.history.append(first, count: past.count)
            }
        }
    }

    package func comeBack(
        from failed: any SlotRunner, missed: [Event], in run: EventRun?, at place: Int,
        of stand: QueueStand?
    ) {
        unsafe swap(&state.pointee.portfolio, &failed.portfolio)
        unsafe state.pointee.plotNames = failed.plotNames.map { Array($0.utf8) }
        replay(missed, flags: Int(TD_FLAG_REPLAY))
        memory.remember(missed)
        lastSequence = failed.lastSequence
    }
}
