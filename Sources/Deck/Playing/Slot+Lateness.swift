import Market
import StrategyHost

/// Being late: a feed that keeps time does not wait for a slot that keeps a queue.
extension Slot {
    var keepsQueue: Bool { queue != nil }

    /// There is something that it has not played, or may not play yet.
    var isLate: Bool { queue.map { failure == nil && $0.count > nextBlock } ?? false }

    /// Events that have come and that it has not played.
    var lateEvents: Int { queue?.events ?? 0 }

    /// Whether it would play its next block without waiting for anybody.
    var isReady: Bool {
        guard let queue, isBehind, pump(), queue.tape.published > nextBlock else { return false }
        guard let round = queue.turn, membersHavePassed(round) else { return false }
        return runner.isReady(for: nextBlock)
    }

    /// Rounds of the deck of which it has played its part.
    private var passed: Int { queue?.turn.map { $0 - 1 } ?? .max }

    /// An ensemble is as late as the latest whom it hears.
    private func membersHavePassed(_ round: Int) -> Bool {
        guard let ensemble else { return true }
        return ensemble.taps.allSatisfy { $0.slot?.passed ?? .max >= round }
    }

    /// The feed goes on; this is played when it comes to that.
    func offer(_ run: EventRun, to queue: SlotQueue, _ round: Int) {
        playNothing()
        do throws(DeckFailure) { try unsafe queue.offer(run, turn: round) } catch {
            failure = DeckFailure("\(plan.name): \(error.description)")
        }
    }

    /// Blocks that have come.
    var level: Int { queue?.count ?? view.tape?.published ?? 0 }

    /// A place behind what has come.
    func mark() -> SlotMark {
        let mark = SlotMark(block: level)
        marks.append(mark)
        return mark
    }

    func forget(_ mark: SlotMark) { marks.removeAll { $0 === mark } }

    func hasReached(_ mark: SlotMark) -> Bool { nextBlock >= mark.block }

    /// Its strategy is handed over after what has been published so far; what comes meanwhile is
    /// for the next one.
    func hold() { hold(before: level) }

    /// It stands still before this block; nil: it plays whatever is there.
    func hold(before block: Int?) {
        boundary = block
        runner.hold(before: block)
        if block == nil { runner.goOn() }
    }

    /// It is handed over now, and whoever plays then plays whatever is there.
    func release() {
        boundary = nil
        runner.hold(before: nil)
        runner.goOn()
    }

    // Where its queue lies.

    /// Should the one before come back, it goes on here.
    func tellStand() {
        guard let moved = runner as? MovedRunner else { return }
        moved.stand = queue.map {
            QueueStand(tape: $0.tape, block: nextBlock, heldBefore: boundary)
        }
    }

    /// Whoever plays for it plays from another tape than that on which its queue lies.
    var isAstray: Bool {
        guard keepsTime, let tape = runner.queueTape else { return false }
        return tape !== queue?.tape
    }

    /// Somebody else may play for it now: its queue goes where that one plays from. One in this
    /// process plays it from where it lies, and without one once nothing is left.
    /// - Parameters:
    ///   - run: what was just played up to `place`, in this turn of the deck; the rest comes first.
    func followRunner(_ run: EventRun? = nil, from place: Int = 0, _ turn: Int = 0) {
        guard keepsTime, ensemble == nil else { return }
        if isAstray { return unsafe moveQueue(run, from: place, turn) }
        guard let queue else { return }
        if runner.queueTape == nil {
            if reader == nil { reader = queue.tape.attach(from: nextBlock) }
            if queue.count == nextBlock, marks.isEmpty { leaveQueue() }
        } else if reader != nil {
            detachReader()
            hold(before: boundary)
        }
    }

    private func moveQueue(_ run: EventRun?, from place: Int, _ turn: Int) {
        guard let tape = runner.queueTape else { return }
        let next = SlotQueue(tape: tape, isStepwise: runner.placement.isSealed)
        let first = next.count
        // It may not play before it is known how far.
        hold(before: first)
        do throws(DeckFailure) {
            if let run = unsafe run, unsafe place < run.count {
                try unsafe next.offer(
                    EventRun(
                        events: run.events + place, prices: run.prices + place,
                        count: run.count - place), turn: turn)
            }
            if let queue {
                let numbers = try queue.pass(from: nextBlock, to: next)
                for mark in marks { mark.block = numbers[mark.block - nextBlock] }
            }
        } catch {
            failure = DeckFailure("\(plan.name): \(error.description)")
        }
        detachReader()
        queue = next
        nextBlock = first
        hold(before: marks.first?.block)
    }

    private func leaveQueue() {
        detachReader()
        queue = nil
        nextBlock = 0
        boundary = nil
        tellStand()
    }

    private func detachReader() {
        if let reader { queue?.tape.detach(reader) }
        reader = nil
    }
}

/// A place between two blocks of a slot; it stays what it is when the slot's queue goes to another
/// tape.
final class SlotMark {
    fileprivate(set) var block: Int

    init(block: Int) { self.block = block }
}
