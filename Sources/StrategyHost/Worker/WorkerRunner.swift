import CSandbox
import CTapedeck
import Glibc
package import Kernel
import Market

/// One strategy in a worker, and its true portfolio here: plays runs of events into the portfolio,
/// with the commands that the worker sends for them.
///
/// Whatever the worker sends is checked before it is used. Once it is gone, its portfolio plays on
/// alone.
@safe package final class WorkerRunner: SlotRunner {
    package internal(set) var standing = StrategyRunner.Standing.created
    package internal(set) var lastSequence: UInt64 = 0
    package internal(set) var plotNames: [String] = []

    /// What its workers stand on.
    var own: WorkerGround { instance.ground }
    package var ground: WorkerGround? { own }
    /// The portfolio and what its replay needs; no instance.
    let state: UnsafeMutablePointer<RunnerState>
    let tape: SharedTape
    /// Nobody else plays from its tape: what it is to play is copied there.
    let ownsTape: Bool
    /// Its feed waits for nobody.
    let isQueued: Bool
    package var depth: Int { ownsTape ? 0 : 2 }
    package var queueTape: SharedTape? { ownsTape ? nil : tape }
    /// The one that plays, or that played last.
    var instance: WorkerInstance
    /// What a new worker would begin with.
    var memory: StrategyMemory
    /// The block that is played next, by its number on the tape, and how much of it has been
    /// played.
    var block: UInt64
    var placeInBlock = 0
    /// Events of the run that is played before the part of it that is a block.
    var base = 0
    var output = StrategyOutput()
    /// Events of the part that is played that its worker has been shown.
    var shown = 0
    /// Commands at the last place of the block.
    var commandsAtPlace = 0

    /// The one before, while it may come back.
    var predecessor: WorkerPredecessor?
    package internal(set) var probation: Probation?
    var ownRollBack: RollBack?
    /// What comes from this block on is not for it yet; nil where nothing holds it.
    var heldBefore: Int?
    /// Those that were told to leave, and have not ended yet.
    var leaving: [WorkerInstance] = []
    /// What the one that plays was asked ahead.
    private var prepared: (request: WorkerChannel.Request, words: [UInt64], number: UInt64)?

    package var placement: Placement { instance.placement }
    package var settings: StrategyRunner.Settings { instance.settings }
    var limits: WorkerLimits { own.limits }
    var isSealed: Bool { placement.isSealed }
    /// The layers of the sandbox that hold, as bits.
    package var layers: UInt32 { instance.layers }

    /// Starts a worker and waits until it has made the instance.
    /// - Parameters:
    ///   - tape: what it plays from; a sealed one has its own, unless it is written
    ///     one time step at a time.
    ///   - largestBlock: the most events of a block.
    ///   - sharing: with whom it shares its worker; nil for one of its own.
    package convenience init(
        _ placement: Placement, settings: StrategyRunner.Settings, making: PortfolioMaking,
        tape: SharedTape?, isStepwise: Bool = false,
        largestBlock: Int, limits: WorkerLimits = WorkerLimits(), sharing: WorkerSharing? = nil
    ) throws(StrategyFault) {
        let site = try WorkerSite(
            placement, making: making, tape: tape, isStepwise: isStepwise,
            largestBlock: largestBlock, limits: limits, sharing: sharing)
        self.init(
            try WorkerReserve(placement, settings, on: site.ground), settings: settings, on: site)
        attach(instance)
        try begin(instance, WorkerBeginning(settings, block: block))
    }

    /// One in a worker that waits, and in which no instance has begun.
    /// - Parameter block: of its tape: the first that it plays; nil for the next one.
    package init(
        _ reserve: WorkerReserve, settings: StrategyRunner.Settings, on site: WorkerSite,
        from block: Int? = nil
    ) {
        tape = site.tape
        ownsTape = site.isOwn
        isQueued = site.isQueued
        self.block = UInt64(block ?? site.tape.published)
        memory = StrategyMemory(reserve.placement.manifest, settings)
        instance = WorkerInstance(reserve, settings, on: site.ground)
        let making = site.ground.making
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(
            to: RunnerState(
                portfolio: making.make(), setup: settings.setup, warmUpBars: settings.warmUpBars,
                warmUpUntil: settings.warmUpUntil, historyBars: 0))
    }

    deinit {
        for instance in [instance, predecessor?.instance].compactMap({ $0 }) + leaving {
            instance.lose(.byOperator)
            detach(instance)
        }
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    static func notStarted(_ why: String) -> StrategyFault {
        StrategyFault(call: .create, cause: .worker(.notStarted(why)), text: "")
    }

    /// Gives it a place on the tape, so that nothing that it has not played is written over, and
    /// wakes it.
    func attach(_ instance: WorkerInstance) {
        instance.reader = tape.attach(instance.channel.bell, from: Int(block))
    }

    func detach(_ instance: WorkerInstance) {
        if let reader = instance.reader { tape.detach(reader) }
        instance.reader = nil
    }

    /// Has an instance made in a worker that waits for it.
    /// - Throws: why there is none; the worker is ended then.
    func begin(_ instance: WorkerInstance, _ beginning: WorkerBeginning) throws(StrategyFault) {
        let text: [UInt8]
        do { text = try PlainEncoding.bytes(beginning) } catch { throw Self.notStarted("\(error)") }
        guard text.count <= instance.channel.textSize else {
            throw Self.notStarted("what it would take over does not fit (\(text.count >> 20) MiB)")
        }
        _ = instance.ask(.begin, text: text)
        try expect(beginning.start == nil ? .loaded : .started, of: instance)
    }

    /// Whether a new instance has come as far as it should with what it was asked.
    /// - Throws: why not; the worker is ended then.
    func expect(_ stage: WorkerChannel.Stage, of instance: WorkerInstance) throws(StrategyFault) {
        let reached = instance.stage
        let fault = noteBetween(instance, hasFailed: reached != stage)
        if reached == stage, fault == nil, !instance.isLost { return }
        instance.lose(.byOperator)
        throw fault
            ?? StrategyFault(
                call: reached.call, cause: .worker(instance.ending), text: reached.words)
    }

    package var warmUp: WarmUp { unsafe state.pointee.warmUp }

    package var portfolio: Portfolio {
        _read { yield unsafe state.pointee.portfolio }
        _modify { yield unsafe &state.pointee.portfolio }
    }

    package func takeOutput(into output: inout StrategyOutput) {
        reapLeaving()
        output.removeAll()
        swap(&output, &self.output)
    }

    /// The worker is gone, or is ended for this: the portfolio goes on alone.
    func lose(
        _ reason: WorkerEnding, call: StrategyFault.Call = .onEvents, at sequence: UInt64? = nil
    ) {
        guard !instance.isLost else { return }
        instance.lose(reason)
        guard standing.fault == nil, standing != .stopped else { return }
        standing = .faulted(
            StrategyFault(
                call: call, cause: .worker(instance.ending), text: "", sequence: sequence))
    }

    /// Has the one that plays do something between two blocks; what comes of it is in its ring. A
    /// feed that keeps time waits a moment for that, and no longer.
    func tell(_ request: WorkerChannel.Request, _ words: [UInt64] = [], text: [UInt8] = []) {
        guard isQueued else {
            _ = ask(request, words, text: text)
            return
        }
        guard !instance.isLost else { return }
        instance.post(request, words, text: text)
        instance.awaitAnswer(nanoseconds: Self.moment)
    }

    /// More than a strategy that does little, and two processes that have to wake up.
    private static let moment: UInt64 = 2_000_000

    /// Asks the one that plays, between two blocks; nil when it is gone, which is its fault then.
    func ask(
        _ request: WorkerChannel.Request, _ words: [UInt64] = [], text: [UInt8] = []
    ) -> [UInt8]? {
        guard !instance.isLost else { return nil }
        let isPrepared =
            prepared.map {
                $0.request == request && $0.words == words && $0.number == instance.requestNumber
            } ?? false
        prepared = nil
        let answer =
            isPrepared ? instance.awaitAnswer() : instance.ask(request, words, text: text)
        if answer == nil { lose(.byOperator) }
        return answer
    }

    package func prepare(_ question: SlotQuestion) {
        guard isQueued, !instance.isLost, standing == .running || standing == .done else { return }
        let (request, words): (WorkerChannel.Request, [UInt64]) =
            switch question {
            case .save: (.handDown, [1])
            case .handDown(let placement, let leavesState):
                (.handDown, [!leavesState && isAncestor(of: placement) ? 1 : 0])
            case .stop(let reason): (.stop, [UInt64(reason.code)])
            }
        if case .save = question, placement.manifest.state == nil { return }
        instance.post(request, words)
        prepared = (request, words, instance.requestNumber)
    }

    package var isAnswered: Bool {
        guard isQueued, !instance.isLost, !instance.isAnswered else { return true }
        return endsUnseen()
    }

    /// Ends one that does not get on: nobody waits for it, so that nobody else would see that.
    func endsUnseen() -> Bool {
        guard let reason = instance.lookNowAndThen() else { return false }
        instance.child.finish(reason)
        return true
    }
}
