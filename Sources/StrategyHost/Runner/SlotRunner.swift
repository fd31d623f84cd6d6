package import CTapedeck
package import Kernel
package import Market

/// Where a slot stands on the tape on which its queue lies.
package struct QueueStand {
    let tape: SharedTape
    /// The next to be played; nothing is to be played from `heldBefore` on.
    let block: Int
    let heldBefore: Int?

    package init(tape: SharedTape, block: Int, heldBefore: Int?) {
        self.tape = tape
        self.block = block
        self.heldBefore = heldBefore
    }
}

/// What a strategy in a worker can be asked before its answer is needed.
package enum SlotQuestion {
    /// Its state, for a rehearsal.
    case save
    /// What it hands down to one of this placement.
    case handDown(to: Placement, leavesState: Bool)
    case stop(StrategyRunner.Stop)
}

/// What a slot asks of whoever plays its events into a strategy and a portfolio: in this process
/// (`StrategyRunner`), or in a process of its own.
///
/// It belongs to one lane: never two threads at once, but not always the same thread. One call of
/// these for a slot and a block; none for an event.
package protocol SlotRunner: AnyObject {
    var placement: Placement { get }
    var standing: StrategyRunner.Standing { get }
    /// The true one, at the last event that has been played. Not inside a call of the strategy.
    var portfolio: Portfolio { get set }
    /// Of the last event played.
    var lastSequence: UInt64 { get }
    /// Names of plotted values, by `PlotPoint.name`.
    var plotNames: [String] { get }
    /// What stands between the strategy and this process; nil in it.
    var walls: WorkerWalls? { get }

    /// Starts it before the event `nextSequence`, at `time`.
    func start(_ reason: StrategyRunner.Start, nextSequence: UInt64, time: Timestamp)
    /// Blocks of a shared tape that it stays behind, so that two processes can play at the same
    /// time; zero for one that plays what it is given at once.
    var depth: Int { get }
    /// Plays a part of a run into the portfolio and the strategy; what comes before it has been
    /// played. Its events are borrowed until this returns.
    /// - Returns: the place behind what was played: before `end` where the strategy has failed,
    ///   right behind the event at which it did.
    func play(_ run: EventRun, from start: Int, to end: Int) -> Int
    /// Starts a strategy that has failed once more, between two runs, with what it had last saved
    /// where it can load that. Its portfolio stays.
    /// - Throws: why it is not running now.
    func restart(_ reason: StrategyRunner.Start, time: Timestamp) throws(StrategyFault)
    /// Stops it; it may not act any more.
    func stop(_ reason: StrategyRunner.Stop)
    /// Destroys the instance; the portfolio stays.
    func destroy()

    /// Changes a live parameter between two events.
    func setParameter(_ name: String, text: String) throws(ParameterProblem)
    /// Its state, between two events; see `StrategyRunner.save`.
    func save() throws(StrategyFault) -> StrategyState
    /// Gives it a state, between its creation and its start.
    func load(_ saved: StrategyState) throws(StrategyFault)

    /// Shows a strategy that has just been started the past that it needs: it cannot trade there.
    func lookBack(at past: [Event])
    /// Its state for a rehearsal: nil where it has none, or cannot save it. Nothing follows from
    /// that.
    func savedForRehearsal() -> StrategyState?
    /// Something is to be done to it before this block of its tape: what comes from there on is not
    /// for it yet. Nil forgets that, and it still stands where it is.
    func hold(before block: Int?)
    /// Where a queue that it is to play from has to lie; nil for one that plays what it is given.
    var queueTape: SharedTape? { get }
    /// Whether it would play this block of its tape without waiting for anybody.
    func isReady(for block: Int) -> Bool
    /// Has it begin with what it will be asked for next, so that nobody has to wait for that.
    func prepare(_ question: SlotQuestion)
    /// Whether it has done what it was asked, and nobody would wait for its answer.
    var isAnswered: Bool { get }
    /// Hands the cursor to another instance between two events; see `StrategyRunner.handOver`.
    func handOver(to successor: Successor, time: Timestamp) throws(HandOverFailure) -> Inheritance
    /// What it hands down to one that goes on in another place; nil for one that is called no more.
    /// It stands still from here on.
    func handDown(to successor: Successor) throws(HandOverFailure) -> StrategyLegacy?
    /// It goes on, as far as nothing holds it: also where nothing has come of a hand-over.
    func goOn()
    /// Begins in the place of another, with its portfolio. On a failure that has it back.
    func begin(
        insteadOf old: any SlotRunner, _ successor: Successor, _ legacy: StrategyLegacy?,
        time: Timestamp
    ) throws(HandOverFailure) -> Inheritance
    /// Takes the place and the portfolio of one that failed after it had been handed down to.
    /// - Parameters:
    ///   - run: what is being played, and `place` how far; nil between two blocks.
    ///   - stand: where the slot's queue stands, that run included; nil without one.
    func comeBack(
        from failed: any SlotRunner, missed: [Event], in run: EventRun?, at place: Int,
        of stand: QueueStand?)
    /// Where the one before it waits, should this one fail; nil without one.
    var probation: Probation? { get }
    /// The one before leaves.
    func endProbation()
    /// Puts the one before back.
    func rollBack() throws(HandOverFailure) -> RollBack
    /// The last roll-back that a fault has brought, once.
    func takeRollBack() -> RollBack?
    /// What still has to pass before its instruments may be traded.
    var warmUp: WarmUp { get }
    /// With the parameters as they are now.
    var settings: StrategyRunner.Settings { get }

    /// What workers of this slot stand on, for one that is started ahead; nil where it plays in
    /// this process.
    var ground: WorkerGround? { get }
    /// Processes that were told to leave and are still there.
    var lingering: [String] { get }

    /// The process that plays for it; nil in this process, and once that one is gone.
    var lifeline: WorkerLifeline? { get }
    /// Looks whether that process is gone; between two runs that have been played to their end.
    func noticeEnd()

    /// Takes what one that has left has said.
    func take(words: LogLines)
    /// Hands over what the strategy said since the last call, and keeps the given storage for what
    /// comes.
    func takeOutput(into output: inout StrategyOutput)
}

extension SlotRunner {
    /// Plays all of a run; whatever becomes of the strategy, its portfolio sees every event.
    package func play(_ run: EventRun) {
        var place = 0
        repeat {
            place = unsafe play(run, from: place, to: run.count)
        } while unsafe place < run.count
    }
}

extension SlotRunner {
    /// Has another go on with its portfolio in another place, between two events; see `handOver`.
    /// - Returns: who plays from now on: with a probation where this one could come back.
    package func move(
        to next: any SlotRunner, as successor: Successor, time: Timestamp
    ) throws(HandOverFailure) -> (runner: any SlotRunner, inheritance: Inheritance) {
        guard standing != .stopped, portfolio.fault == nil else {
            throw HandOverFailure(
                stage: .asked, reason: "its portfolio has ended: unload it and load it anew")
        }
        let inheritance: Inheritance
        do throws(HandOverFailure) {
            let legacy = try handDown(to: successor)
            inheritance = try next.begin(insteadOf: self, successor, legacy, time: time)
        } catch {
            next.destroy()
            goOn()
            throw error
        }
        guard standing == .running || standing == .done else {
            destroy()
            return (next, inheritance)
        }
        let probation = Probation(
            since: lastSequence, most: successor.probationEvents, of: placement.file)
        return (MovedRunner(next, after: self, probation: probation), inheritance)
    }
}

extension StrategyRunner: SlotRunner {
    package var depth: Int { 0 }
    package var walls: WorkerWalls? { nil }
    package var warmUp: WarmUp { unsafe state.pointee.warmUp }
    package var ground: WorkerGround? { nil }
    package var lingering: [String] { [] }
    package func hold(before block: Int?) {}
    package var queueTape: SharedTape? { nil }
    package func prepare(_ question: SlotQuestion) {}
    package var isAnswered: Bool { true }
    package func isReady(for block: Int) -> Bool { true }
}
