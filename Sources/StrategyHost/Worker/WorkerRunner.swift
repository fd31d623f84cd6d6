import CSandbox
import CTapedeck
import Glibc
package import Kernel
package import Market

/// One strategy in a worker, and its true portfolio here: plays runs of events into the portfolio, with the
/// commands that the worker sends for them.
///
/// Whatever the worker sends is checked before it is used. Once it is gone, its portfolio plays on alone.
@safe package final class WorkerRunner: SlotRunner {
    package let placement: Placement
    package internal(set) var standing = StrategyRunner.Standing.created
    package internal(set) var lastSequence: UInt64 = 0
    package internal(set) var plotNames: [String] = []

    package let settings: StrategyRunner.Settings
    let making: PortfolioMaking
    let limits: WorkerLimits
    /// The portfolio and what its replay needs; no instance.
    let state: UnsafeMutablePointer<RunnerState>
    let tape: SharedTape
    var reader: SharedTape.Reader
    let isSealed: Bool
    /// Nobody else plays from its tape: what it is to play is copied there.
    let ownsTape: Bool
    package var depth: Int { ownsTape ? 0 : 2 }
    /// Renewed with every worker.
    var channel: WorkerChannel
    var watch = WorkerWatch()
    /// What a new worker would begin with.
    var memory: WorkerMemory
    /// Nil once it is gone.
    var child: WorkerChild?
    /// The block that is played next, by its number on the tape.
    var block: UInt64
    /// Entries of the ring that were read.
    var tail: UInt64 = 0
    var output = StrategyOutput()
    /// Words that belong to the next entry.
    var words: [UInt8] = []
    var requestNumber: UInt64 = 0
    /// Commands at the last place of the block.
    var commandsAtPlace = 0
    /// The layers of the sandbox that hold, as bits, and the ABI of Landlock.
    package private(set) var layers: UInt32 = 0

    /// Starts a worker and waits until it has made the instance.
    /// - Parameters:
    ///   - tape: what it plays from; a sealed one has its own.
    ///   - largestBlock: the most events of a block.
    package init(
        _ placement: Placement, settings: StrategyRunner.Settings, making: PortfolioMaking, tape: SharedTape?,
        largestBlock: Int, limits: WorkerLimits = WorkerLimits()
    ) throws(StrategyFault) {
        let module: StagedModule
        switch placement {
        case .worker(let staged):
            module = staged
            isSealed = false
        case .sealed(let staged):
            module = staged
            isSealed = true
        case .host, .plugless: throw Self.notStarted("it is placed in the host")
        }
        self.placement = placement
        self.settings = settings
        self.making = making
        self.limits = limits
        do throws(WorkerFailure) {
            ownsTape = isSealed || tape == nil
            if let tape, !isSealed { self.tape = tape } else {
                self.tape = try SharedTape(events: 3 * largestBlock, blocks: 64)
            }
            channel = try Self.channel(module)
        } catch {
            throw Self.notStarted(error.description)
        }
        memory = WorkerMemory(manifest: module.file.manifest, isWanted: limits.isRemembered)
        reader = self.tape.attach(channel.bell)
        block = UInt64(self.tape.published)
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: RunnerState(
            portfolio: making.make(), setup: settings.setup, warmUpBars: settings.warmUpBars,
            warmUpUntil: settings.warmUpUntil, historyBars: 0))
        do throws(WorkerFailure) {
            child = try start(module, archive: [], saved: [], past: [])
        } catch {
            throw Self.notStarted(error.description)
        }
        try awaitCreation()
    }

    private static func channel(_ module: StagedModule) throws(WorkerFailure) -> WorkerChannel {
        try WorkerChannel(textSize: max(1 << 24, (module.file.manifest.state?.maximumBytes ?? 0) + 4096))
    }

    /// Starts a new worker in the place of one that is gone, between two blocks: its mirror is what the portfolio
    /// is now, its strategy has its last saved state and is shown what came after it, muted.
    /// - Throws: why there is none; the portfolio goes on alone.
    package func restart(_ reason: StrategyRunner.Start, time: Timestamp) throws(StrategyFault) {
        guard child == nil || standing.fault != nil, unsafe state.pointee.portfolio.fault == nil, let module else {
            throw Self.notStarted("there is nothing to start again")
        }
        child?.finish(.byOperator)
        tape.detach(reader)
        words = []
        tail = 0
        requestNumber = 0
        plotNames = []
        unsafe state.pointee.warmUp = WarmUp(bars: 0, instruments: [], timeFrames: [], until: settings.warmUpUntil)
        do throws(WorkerFailure) {
            channel = try Self.channel(module)
            reader = tape.attach(channel.bell, from: Int(block))
            child = try start(
                module, archive: unsafe state.pointee.portfolio.archive(), saved: memory.saved?.encoded ?? [],
                past: memory.past)
        } catch {
            throw Self.notStarted(error.description)
        }
        standing = .created
        do throws(StrategyFault) {
            try awaitCreation()
        } catch {
            standing = .faulted(error)
            throw error
        }
        start(reason, nextSequence: lastSequence + 1, time: time)
        noteBetween()
        if let fault = standing.fault { throw fault }
    }

    private var module: StagedModule? {
        switch placement {
        case .worker(let module), .sealed(let module): module
        case .host, .plugless: nil
        }
    }

    deinit {
        child?.finish(.byOperator)
        tape.detach(reader)
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    static func notStarted(_ why: String) -> StrategyFault {
        StrategyFault(call: .create, cause: .worker(.notStarted(why)), text: "")
    }

    private func start(
        _ module: StagedModule, archive: [UInt8], saved: [UInt8], past: ContiguousArray<Event>
    ) throws(WorkerFailure) -> WorkerChild {
        let setup = settings.setup
        let first = WorkerPlan.descriptor + 1
        let seat = WorkerPlan.Seat(
            portfolio: making, parameters: setup.parameters.values.map(PlainParameter.init),
            instruments: setup.instruments, timeFrames: setup.timeFrames, seed: setup.seed,
            warmUpBars: settings.warmUpBars, warmUpUntil: settings.warmUpUntil, historyBars: settings.historyBars,
            shownKinds: settings.filter?.kinds, shownFrames: settings.filter?.timeFrames ?? [],
            hidden: settings.filter?.hidden ?? [],
            longestSlice: settings.longestSlice, archive: archive,
            saved: saved, past: past.isEmpty ? -1 : first + 3, pastCount: past.count,
            firstBlock: Int(block), channel: first + 1, tape: first + 2,
            isSealed: isSealed)
        let shared = channel.memory.size + tape.memory.size
        let plan = WorkerPlan(
            manifest: module.file.manifest.text, path: module.file.path, digest: module.file.digest.bytes,
            module: first, libraries: module.libraries, lastDescriptor: past.isEmpty ? first + 2 : first + 3,
            memoryBytes: limits.memory == 0 ? 0 : UInt64(limits.memory * 2 + shared + past.count * 64),
            mayHaveThreads: limits.mayHaveThreads, readableFile: limits.readableFile,
            parent: UInt32(getpid()), requiredLayers: limits.requiredLayers, seats: [seat])
        var descriptors = [module.sealed.descriptor, channel.memory.descriptor, tape.memory.descriptor]
        let pastMemory = past.isEmpty ? nil : try SharedMemory(
            size: past.count * MemoryLayout<Event>.stride, name: "tapedeck-past", isClosedToWriters: true)
        if let pastMemory {
            unsafe past.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(
                start: pastMemory.base, count: pastMemory.size).copyMemory(from: $0) }
            descriptors.append(pastMemory.descriptor)
        }
        return try WorkerProgram.start(plan, descriptors, limits: limits, channel: channel)
    }

    private func awaitCreation() throws(StrategyFault) {
        let isReached = wait { [channel] in
            unsafe channel.word32(WorkerChannel.Layout.stage).latest >= WorkerChannel.Stage.created.rawValue
        }
        unsafe layers = channel.word32(WorkerChannel.Layout.layers).value
        let stage = unsafe WorkerChannel.Stage(rawValue: channel.word32(WorkerChannel.Layout.stage).latest)
        guard isReached, stage == .created else {
            var fault: StrategyFault?
            while let entry = take() {
                if let end = note(entry, upTo: 0, lastTime: 0, lastSequence: 0), case .ended(let found, _) = end {
                    fault = found
                }
            }
            child?.finish(.byOperator)
            if let fault { throw fault }
            throw StrategyFault(
                call: .create, cause: .worker(child?.ending ?? .exited(status: 0)), text: Self.place(of: stage))
        }
    }

    /// Where a worker was that did not come to play, in words.
    private static func place(of stage: WorkerChannel.Stage?) -> String {
        switch stage {
        case .walled: "while its module was opened, in a constructor"
        case .opened: "in create"
        default: "before its module was opened"
        }
    }

    package var warmUp: WarmUp { unsafe state.pointee.warmUp }

    package var portfolio: Portfolio {
        _read { yield unsafe state.pointee.portfolio }
        _modify { yield unsafe &state.pointee.portfolio }
    }

    package func takeOutput(into output: inout StrategyOutput) {
        output.removeAll()
        swap(&output, &self.output)
    }

    /// The worker is gone, or is ended for this: the portfolio goes on alone.
    func lose(_ reason: WorkerEnding, call: StrategyFault.Call = .onEvents, at sequence: UInt64? = nil) {
        guard let child else { return }
        child.finish(reason)
        self.child = nil
        guard standing.fault == nil, standing != .stopped else { return }
        standing = .faulted(StrategyFault(call: call, cause: .worker(child.ending), text: "", sequence: sequence))
    }
}
