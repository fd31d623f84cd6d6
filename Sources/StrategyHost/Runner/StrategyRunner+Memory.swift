import CTapedeck
import Kernel
package import Market

/// Being started again where it was lost.
extension StrategyRunner {
    /// Plays a part of a run, and keeps what it leaves where that is due.
    func playRemembering(_ run: EventRun, from start: Int, to end: Int) -> Int {
        var place = start
        while place < end {
            var stop = end
            if isRunning {
                stop = unsafe memory.savePlace(in: run, from: place, to: end, after: lastSequence)
                if stop == place {
                    keepState(before: place)
                    let sequence = unsafe run.events[place].sequence
                    stop = unsafe memory.savePlace(in: run, from: place, to: end, after: sequence)
                }
            }
            let next = unsafe playPart(run, from: place, to: stop)
            if onSave == nil { unsafe memory.remember(run, place..<next, shownBy: settings.filter) }
            place = next
            if place < stop { return place }
        }
        return place
    }

    /// A save that fails is its fault as ever.
    private func keepState(before place: Int) {
        let legacy = legacy(withState: true)
        guard legacy.failure == nil else { return fail(legacy.failure ?? Self.noState) }
        if let onSave { onSave(legacy.left, place) } else { memory.keep(legacy.left) }
    }

    private static let noState = StrategyFault(
        call: .save, cause: .answered(td_status(TD_E_UNSUPPORTED)), text: "it keeps no state")

    /// What it leaves to the one that goes on in its place, and why its state is not among that.
    func legacy(withState: Bool) -> (left: StrategyLegacy, failure: StrategyFault?) {
        var saved: [UInt8] = []
        var failure: StrategyFault?
        if withState, let declared = placement.manifest.state {
            do throws(StrategyFault) {
                saved = try stateBytes(declared).encoded
            } catch {
                failure = error
            }
        }
        let left = unsafe StrategyLegacy(
            chance: portfolio.chance.bytes, history: state.pointee.history.bytes, state: saved,
            failure: failure?.description ?? "")
        return (left, failure)
    }

    /// A new instance of the same in the place of one that has failed: with what that had last
    /// left, and shown what came after it, muted.
    package func restart(_ reason: Start, time: Timestamp) throws(StrategyFault) {
        guard standing.isFaulted, unsafe state.pointee.portfolio.fault == nil else {
            throw StrategyFault(
                call: .create, cause: .answered(td_status(TD_E_STATE)),
                text: "there is nothing to start again")
        }
        releasePredecessor()
        lastWords.append(takeLog())
        self.instance = nil
        unsafe state.pointee.portfolio.chance = firstChance
        if let saved = memory.saved { unsafe state.pointee.portfolio.chance.take(saved.chance) }
        do throws(StrategyFault) {
            let instance = try unsafe Self.instance(placement, settings, state)
            putIn(instance, Successor(placement: placement, settings: settings))
            try begin(reason, time)
        } catch {
            standing = .faulted(error)
            throw error
        }
    }

    private func begin(_ reason: Start, _ time: Timestamp) throws(StrategyFault) {
        let setup = settings.setup
        unsafe state.pointee.sliceStart = -1
        unsafe state.pointee.history = BarHistory(
            depth: settings.historyBars, instruments: setup.instruments,
            timeFrames: setup.timeFrames)
        unsafe state.pointee.history.take(memory.saved?.history ?? [])
        unsafe state.pointee.memorable = unsafe state.pointee.remembered
        var flags = TD_FLAG_REPLAY | TD_FLAG_WARM_UP
        if let saved = memory.saved, !saved.state.isEmpty {
            flags = TD_FLAG_REPLAY
            try load(Self.decoded(saved.state))
        }
        let last = lastSequence
        let missed = memory.events
        start(reason, nextSequence: missed.first?.sequence ?? last + 1, time: time)
        replay(missed, flags: flags)
        lastSequence = last
        if let fault = standing.fault { throw fault }
    }

    private static func decoded(_ state: [UInt8]) throws(StrategyFault) -> StrategyState {
        do throws(StrategyState.Damage) {
            return try StrategyState(decoding: state)
        } catch {
            throw StrategyFault(
                call: .load, cause: .answered(td_status(TD_E_FORMAT)), text: error.description)
        }
    }
}
