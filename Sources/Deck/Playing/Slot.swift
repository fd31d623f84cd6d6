import CTapedeck
import Glibc
import Kernel
import Market
import StrategyHost

/// One strategy with its portfolio while a run is played. A slot is played by one thread at a time,
/// and nothing of it is seen by another slot.
final class Slot {
    /// The first event of which results count; what comes before it is history.
    struct Beginning {
        var time: Timestamp
        var sequence: UInt64
    }

    /// From this event on its strategy is called no more, or again.
    struct Turn {
        var sequence: UInt64
        var isFault: Bool
    }

    /// As it is now: a reload, and a live parameter, change it.
    var plan: SlotPlan
    /// From 1 on in the order of coming; no other slot of the run ever has it.
    let number: Int
    let begins: Beginning
    /// What was played before; nil where the run begins with the tape.
    let history: SlotHistory?
    var view: EventView
    private(set) var runner: any SlotRunner
    var records = Records()
    var output = StrategyOutput()
    var tally: SlotTally
    private(set) var hasStarted = false
    /// Of the first and the last event that it was played.
    private(set) var firstTime: Timestamp?
    private(set) var lastTime = Timestamp(nanoseconds: 0)
    private(set) var eventCount = 0
    /// Where its strategy failed last, while it is not started again.
    private(set) var faultTime: Timestamp?
    var care: FaultCare
    /// When its strategy failed, and began again: since the last that those who listen have heard.
    private(set) var turns: [Turn] = []
    /// Its feed waits for no worker.
    let keepsTime: Bool
    /// Where a feed that keeps time leaves what this has to play; nil where it waits for that.
    var queue: SlotQueue?
    /// Its place on that, where no worker has one.
    var reader: SharedTape.Reader?
    /// Why it can go no further, for a reason of the host's; the run ends with it.
    var failure: DeckFailure?
    /// The next block of a shared tape.
    var nextBlock: Int
    /// Ensembles that listen to it.
    var taps: [SignalTap] = []
    /// Of a shared tape: the block before which something is to be done to it.
    var boundary: Int?
    /// Where something is to be done to it, now or later.
    var marks: [SlotMark] = []

    init(
        plan: SlotPlan, number: Int, view: EventView, runner: any SlotRunner, tally: SlotTally,
        begins: Beginning,
        history: SlotHistory?, queue: SlotQueue? = nil, keepsTime: Bool = false
    ) {
        self.plan = plan
        self.number = number
        self.begins = begins
        self.history = history
        self.view = view
        self.runner = runner
        self.tally = tally
        care = FaultCare(plan.onFault)
        self.queue = queue
        self.keepsTime = keepsTime
        nextBlock = queue?.count ?? view.tape?.published ?? 0
        if let queue, runner.depth == 0 { reader = queue.tape.attach() }
    }

    /// Plays the block's part of this slot; or, where another process plays it too, that of a block
    /// that it has had time for.
    /// - Parameter round: of the deck: its block's number.
    func play(round: Int = 0) {
        if unsafe !hasStarted && view.run.count > 0 { unsafe start(at: view.run.events[0]) }
        if let queue { return unsafe offer(view.run, to: queue, round) }
        guard runner.depth > 0, !keepsTime, let tape = view.tape else {
            let run = unsafe view.run
            let place = unsafe play(run)
            return unsafe followRunner(run, from: place, round)
        }
        // Whoever listens plays the same block next.
        let depth = taps.isEmpty ? runner.depth : 0
        if tape.published - nextBlock > depth { catchUp() } else { playNothing() }
    }

    /// Blocks that have been published for it and that it has not played.
    var isBehind: Bool {
        guard failure == nil else { return false }
        if let queue { return boundary ?? queue.count > nextBlock }
        guard runner.depth > 0, let tape = view.tape else { return false }
        return boundary ?? tape.published > nextBlock
    }

    /// Its strategy goes on in another place, with the portfolio as it is; between two events, with
    /// nothing left to play.
    func move(
        to next: any SlotRunner, _ successor: Successor, time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        let (runner, inheritance) = try runner.move(to: next, as: successor, time: time)
        self.runner = runner
        standLevel()
        unsafe followRunner()
        return inheritance
    }

    /// Once it is settled who plays, that one plays as if it had been there from the beginning.
    func settleRunner() {
        guard let moved = runner as? MovedRunner, moved.probation == nil else { return }
        runner = moved.settled
        standLevel()
    }

    /// It has been played everything before.
    private func standLevel() {
        if !keepsTime { nextBlock = boundary ?? view.tape?.published ?? 0 }
    }

    /// Plays one more of the blocks that it has not played.
    func catchUp() {
        guard isBehind, pump(), let tape = queue?.tape ?? view.tape else { return playNothing() }
        guard tape.published > nextBlock else {
            failure = DeckFailure(
                "\(plan.name): its tape has no room for what it has still to play")
            return playNothing()
        }
        let run = unsafe tape.block(nextBlock)
        let turn = queue?.turn ?? 0
        tellStand()
        let place = unsafe play(run)
        nextBlock += 1
        queue?.passBlock(of: unsafe run.count)
        reader?.released = nextBlock
        unsafe followRunner(run, from: place, turn)
    }

    /// Moves what lies behind its tape onto it. False when that cannot be.
    func pump() -> Bool {
        do throws(DeckFailure) { try queue?.pump() } catch {
            failure = DeckFailure("\(plan.name): \(error.description)")
        }
        return failure == nil
    }

    /// What was handed over after the last block is not handed over once more.
    func playNothing() {
        records.removeAll()
        output.removeAll()
    }

    /// Answers how far it was played: less than all where the rest is for whoever plays from
    /// another tape.
    private func play(_ run: EventRun) -> Int {
        guard unsafe run.count > 0 else {
            playNothing()
            return 0
        }
        if firstTime == nil { unsafe noteFirst(in: run) }
        let place = unsafe playThroughFaults(run)
        eventCount += place
        lastTime = unsafe Timestamp(nanoseconds: run.events[place - 1].time)
        unsafe close(EventRun(events: run.events, prices: run.prices, count: place))
        return place
    }

    /// What becomes of a strategy that fails is done right behind that event, or before the first
    /// event of the time that its policy says, wherever blocks begin.
    private func playThroughFaults(_ run: EventRun) -> Int {
        var place = 0
        var restarted = -1
        unsafe noteFault(in: run, at: 0)
        while unsafe place < run.count {
            let due =
                unsafe care.restartTime.map { unsafe Self.place(at: $0, in: run, from: place) }
                ?? run.count
            if due == place, restarted != place {
                restarted = place
                restart(before: unsafe run.events[place])
                continue
            }
            place = unsafe runner.play(run, from: place, to: max(due, place + 1))
            unsafe noteFault(in: run, at: place)
            if isAstray { break }
        }
        return place
    }

    /// Of the first event at `time` or later.
    private static func place(at time: Timestamp, in run: EventRun, from start: Int) -> Int {
        var (low, high) = unsafe (start, run.count)
        while low < high {
            let middle = (low + high) / 2
            if unsafe run.events[middle].time < time.rawValue {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// The strategy is told before the first event that it will see.
    private func start(at event: Event) {
        hasStarted = true
        let time = Timestamp(nanoseconds: event.time)
        runner.start(.fresh, nextSequence: event.sequence, time: time)
        // It may have failed before it was shown anything.
        if faultTime == nil, let fault = runner.standing.fault { note(fault, at: time) }
    }

    /// When the first thing happened of which results count.
    private func noteFirst(in run: EventRun) {
        for index in unsafe 0..<run.count {
            let event = unsafe run.events[index]
            guard event.time >= begins.time.rawValue else { continue }
            let isBar = event.type == TD_EVENT_BAR
            firstTime = Timestamp(
                nanoseconds: isBar
                    ? event.time - Int64(event.timeframe) * 1_000_000_000 : event.time)
            return
        }
    }

    /// Plays a command that is for this slot: its strategy sees what it does, and other slots never
    /// hear of it.
    func play(_ command: Event) {
        let event = UnsafeMutablePointer<Event>.allocate(capacity: 1)
        let prices = UnsafeMutablePointer<ExactPrices>.allocate(capacity: 1)
        unsafe event.initialize(to: command)
        unsafe prices.initialize(to: ExactPrices(open: 0, high: 0, low: 0, close: 0))
        tellStand()
        // A portfolio looks at the prices of market data alone.
        let run = unsafe EventRun(events: event, prices: prices, count: 1)
        unsafe runner.play(run)
        unsafe close(run)
        unsafe event.deallocate()
        unsafe prices.deallocate()
        unsafe followRunner()
    }

    /// What was done to it between two events is recorded too.
    func settle() {
        let none = unsafe EventRun(events: view.run.events, prices: view.run.prices, count: 0)
        unsafe close(none)
    }

    /// Its worker may have ended while nothing was played.
    func noticeEnd() {
        runner.noticeEnd()
        settle()
    }

    /// A strategy that was stopped runs again.
    func forgetFault() {
        faultTime = nil
        turns.append(Turn(sequence: runner.lastSequence, isFault: false))
        care.forget()
    }

    /// A slot that comes while others play: it has seen what it needs of the past.
    func begin(after past: [Event], sequence: UInt64, time: Timestamp) {
        hasStarted = true
        firstTime = time
        lastTime = time
        runner.start(.fresh, nextSequence: sequence + 1, time: time)
        runner.lookBack(at: past)
        settle()
    }

    /// The end of the tape, or of what was wanted of it.
    func finish(_ reason: StrategyRunner.Stop = .end) {
        ensemble?.settle()
        runner.endProbation()
        runner.portfolio.finish()
        runner.stop(reason)
        // No events: what `finish` records is worth what was last seen.
        let none = unsafe EventRun(events: view.run.events, prices: view.run.prices, count: 0)
        unsafe close(none)
    }

    /// Takes what was recorded over a run, or between two, and tells whoever listens.
    private func close(_ run: EventRun) {
        unsafe drain(run)
        unsafe noteFault(in: run, at: run.count)
        for tap in taps { unsafe tap.hear(self, over: run) }
        turns.removeAll(keepingCapacity: true)
    }

    private func drain(_ run: EventRun) {
        runner.portfolio.takeRecords(into: &records)
        if let first = records.equity.first, first.sequence < begins.sequence {
            records.equity.removeAll { $0.sequence < begins.sequence }
        }
        runner.takeOutput(into: &output)
        unsafe tally.absorb(records, over: run)
    }

    /// - Parameter place: how far the run has been played.
    private func noteFault(in run: EventRun, at place: Int) {
        guard faultTime == nil, let fault = runner.standing.fault else { return }
        let last =
            unsafe run.count > 0
            ? Timestamp(nanoseconds: run.events[max(0, place - 1)].time) : lastTime
        note(fault, at: fault.sequence.flatMap { unsafe Self.time(of: $0, in: run) } ?? last)
    }

    private func note(_ fault: StrategyFault, at time: Timestamp) {
        faultTime = time
        turns.append(Turn(sequence: fault.sequence ?? runner.lastSequence, isFault: true))
        guard care.take(fault.description, sequence: fault.sequence ?? 0, time: time) else {
            return
        }
        runner.portfolio.command(
            td_command(
                kind: Command.flatten.rawValue, argument: 0, slot: runner.portfolio.slot, number: 0,
                reserved: (0, 0)))
    }

    /// Faults since the last call, for whoever records them.
    func takeFaults() -> [FaultCare.Note] {
        defer { care.notes = [] }
        return care.notes
    }

    private func restart(before event: Event) {
        let time = Timestamp(nanoseconds: event.time)
        care.restarted()
        faultTime = nil
        do throws(StrategyFault) {
            try runner.restart(.restored, time: time)
            turns.append(Turn(sequence: event.sequence, isFault: false))
        } catch {
            note(error, at: time)
        }
    }

    /// When the event of this number was; nil when it is not in the run.
    private static func time(of sequence: UInt64, in run: EventRun) -> Timestamp? {
        var low = 0
        var high = unsafe run.count
        while low < high {
            let middle = (low + high) / 2
            if unsafe run.events[middle].sequence < sequence {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard unsafe low < run.count, unsafe run.events[low].sequence == sequence else {
            return nil
        }
        return unsafe Timestamp(nanoseconds: run.events[low].time)
    }
}
