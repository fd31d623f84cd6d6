package import CTapedeck
package import Kernel
package import Market

/// A strategy that has moved to another place, such as from this process into a worker, while the
/// one before waits where it was. Should the new one fail within its probation, the one before
/// takes the cursor back. The portfolio is handed over whole; each has it while it plays.
package final class MovedRunner: SlotRunner {
    private var present: any SlotRunner
    /// Nil once it is settled who plays.
    private var before: (any SlotRunner)?
    package private(set) var probation: Probation?
    private var ownRollBack: RollBack?
    /// Where its slot's queue stands; nil without one.
    package var stand: QueueStand?

    /// - Parameter present: has begun in the place of `before`, which stands still.
    init(_ present: any SlotRunner, after before: any SlotRunner, probation: Probation) {
        self.present = present
        self.before = before
        self.probation = probation
    }

    /// Who plays now, and for good once the probation has ended.
    package var settled: any SlotRunner { present }

    package func play(_ run: EventRun, from start: Int, to end: Int) -> Int {
        let place = unsafe present.play(run, from: start, to: end)
        unsafe probation?.miss(run, start..<place, shownBy: settings.filter)
        guard let fault = present.standing.fault, present.portfolio.fault == nil,
            probation?.isOver == false, before != nil
        else { return place }
        ownRollBack = unsafe comeBack(because: fault, in: run, at: place)
        return place
    }

    package func endProbation() {
        probation = nil
        guard let before = before.take() else { return }
        before.stop(.reload)
        var words = StrategyOutput()
        before.takeOutput(into: &words)
        present.take(words: words.log)
        before.destroy()
    }

    package func rollBack() throws(HandOverFailure) -> RollBack {
        try probation.checkRollBack(before != nil)
        let done = unsafe comeBack(because: nil, in: nil, at: 0)
        if let fault = standing.fault {
            throw HandOverFailure(stage: .rollBack, reason: fault.description)
        }
        return done
    }

    package func takeRollBack() -> RollBack? {
        defer { ownRollBack = nil }
        return ownRollBack
    }

    /// Puts the one before back, with the portfolio as it has become, and shows it what it missed.
    /// - Parameter run: what is being played, and `place` how far; nil between two blocks.
    private func comeBack(
        because fault: StrategyFault?, in run: EventRun?, at place: Int
    ) -> RollBack {
        let (failed, events) = (present, Array(probation?.missed ?? []))
        let done = RollBack(
            fault: fault, sequence: events.last?.sequence ?? lastSequence, events: events.count,
            placement: failed.placement)
        probation = nil
        guard let old = before.take() else { return done }
        present = old
        if fault == nil { failed.stop(.reload) }
        failed.takeOutput(into: &lastWords)
        unsafe old.comeBack(
            from: failed, missed: events, in: run, at: place, of: stand)
        failed.destroy()
        return done
    }

    /// What one that failed has said in the present block.
    private var lastWords = StrategyOutput()

    package func takeOutput(into output: inout StrategyOutput) {
        present.takeOutput(into: &output)
        output.signals.insert(contentsOf: lastWords.signals, at: 0)
        output.points.insert(contentsOf: lastWords.points, at: 0)
        if !lastWords.log.isEmpty {
            var log = lastWords.log
            log.append(output.log)
            output.log = log
        }
        lastWords.removeAll()
    }

    // All else is the affair of whoever plays.

    package var placement: Placement { present.placement }
    package var standing: StrategyRunner.Standing { present.standing }
    package var portfolio: Portfolio {
        _read { yield present.portfolio }
        _modify { yield &present.portfolio }
    }
    package var lastSequence: UInt64 { present.lastSequence }
    package var plotNames: [String] { present.plotNames }
    package var walls: WorkerWalls? { present.walls }
    /// Both play at once what they are given, so that either can take the cursor.
    package var depth: Int { 0 }
    package var warmUp: WarmUp { present.warmUp }
    package var settings: StrategyRunner.Settings { present.settings }
    package var ground: WorkerGround? { present.ground }
    package var lingering: [String] { present.lingering + (before?.lingering ?? []) }
    package var lifeline: WorkerLifeline? { present.lifeline }
    package func noticeEnd() { present.noticeEnd() }
    package func start(_ reason: StrategyRunner.Start, nextSequence: UInt64, time: Timestamp) {
        present.start(reason, nextSequence: nextSequence, time: time)
    }
    package func restart(_ reason: StrategyRunner.Start, time: Timestamp) throws(StrategyFault) {
        try present.restart(reason, time: time)
    }
    package func stop(_ reason: StrategyRunner.Stop) { present.stop(reason) }
    package func destroy() {
        endProbation()
        present.destroy()
    }
    package func setParameter(_ name: String, text: String) throws(ParameterProblem) {
        try present.setParameter(name, text: text)
    }
    package func save() throws(StrategyFault) -> StrategyState { try present.save() }
    package func load(_ saved: StrategyState) throws(StrategyFault) { try present.load(saved) }
    package func lookBack(at past: [Event]) { present.lookBack(at: past) }
    package func savedForRehearsal() -> StrategyState? { present.savedForRehearsal() }
    package func hold(before block: Int?) { present.hold(before: block) }
    package var queueTape: SharedTape? { present.queueTape }
    package func prepare(_ question: SlotQuestion) { present.prepare(question) }
    package var isAnswered: Bool { present.isAnswered }
    package func isReady(for block: Int) -> Bool { present.isReady(for: block) }
    package func handDown(to successor: Successor) throws(HandOverFailure) -> StrategyLegacy? {
        try present.handDown(to: successor)
    }
    package func goOn() { present.goOn() }
    package func take(words: LogLines) { present.take(words: words) }
    package func begin(
        insteadOf old: any SlotRunner, _ successor: Successor, _ legacy: StrategyLegacy?,
        time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        try present.begin(insteadOf: old, successor, legacy, time: time)
    }
    package func comeBack(
        from failed: any SlotRunner, missed: [Event], in run: EventRun?, at place: Int,
        of stand: QueueStand?
    ) {
        unsafe present.comeBack(
            from: failed, missed: missed, in: run, at: place, of: stand)
    }
    package func handOver(
        to successor: Successor, time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        throw HandOverFailure(stage: .asked, reason: "the one before it has not left yet")
    }
}
