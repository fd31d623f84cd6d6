import CTapedeck
import Glibc
import Kernel
import Market

/// What the workers of one slot stand on, whichever module they hold. Any thread may have it.
package struct WorkerGround: Sendable {
    let making: PortfolioMaking
    let tape: SharedMemory
    package var limits: WorkerLimits
    /// Nil for workers that hold no other.
    package var sharing: WorkerSharing?
}

/// A worker whose walls are up and whose module is open, and in which no instance has begun:
/// started before the event boundary at which it takes over, because a process takes its time. Any
/// thread may make it.
package struct WorkerReserve: Sendable {
    let placement: Placement
    let ground: WorkerGround
    let channel: WorkerChannel
    let child: WorkerChild
    let layers: UInt32
    /// Nil for a worker that holds no other.
    let tenancy: WorkerTenancy?

    /// Starts the process and waits until the module is open.
    /// - Throws: why it cannot be.
    package init(
        _ placement: Placement, _ settings: StrategyRunner.Settings, on ground: WorkerGround
    ) throws(StrategyFault) {
        guard let module = placement.module else {
            throw WorkerRunner.notStarted("it is placed in the host")
        }
        self.placement = placement
        self.ground = ground
        do throws(WorkerFailure) {
            let room = Self.room(placement.manifest, settings)
            if let sharing = ground.sharing, !placement.isSealed {
                let seat = try sharing.workers.tenancy(module, ground, sharing, textSize: room)
                (tenancy, channel, child) = (seat, seat.channel, seat.child)
            } else {
                tenancy = nil
                channel = try WorkerChannel(textSize: room)
                child = try Self.start(module, isSealed: placement.isSealed, ground, channel)
            }
        } catch {
            throw WorkerRunner.notStarted(error.description)
        }
        var watch = WorkerWatch()
        var patience = Patience(most: 0)
        let isReached = child.wait(channel, ground.limits, &watch, &patience) { [channel] in
            unsafe channel.word32(WorkerChannel.Layout.stage).latest
                >= WorkerChannel.Stage.opened.rawValue
        }
        layers = unsafe child.board.word32(WorkerChannel.Layout.layers).value
        let stage = unsafe WorkerChannel.Stage(
            rawValue: channel.word32(WorkerChannel.Layout.stage).latest)
        guard isReached, stage == .opened else {
            let words = Self.words(channel)
            if let tenancy { tenancy.end() } else { child.finish(.byOperator) }
            throw words
                ?? StrategyFault(
                    call: .create, cause: .worker(child.ending(for: tenancy)),
                    text: (stage ?? .starting).words)
        }
    }

    /// For a state, for the bars of `history`, and for a portfolio, all at once.
    private static func room(_ manifest: Manifest, _ settings: StrategyRunner.Settings) -> Int {
        let series = settings.setup.instruments.count * settings.setup.timeFrames.count
        let bars = min(settings.historyBars, 1 << 20) * series * MemoryLayout<Bar>.stride
        return max(1 << 24, (manifest.state?.maximumBytes ?? 0) + bars + 1 << 22)
    }

    /// What it said before it gave up.
    private static func words(_ channel: WorkerChannel) -> StrategyFault? {
        var words: [UInt8] = []
        let count = min(
            unsafe channel.word64(WorkerChannel.Layout.head).latest,
            UInt64(WorkerChannel.Layout.entries))
        for number in 0..<count {
            let entry = unsafe channel.slot(number).pointee
            switch WorkerChannel.Entry.Kind(rawValue: entry.kind) {
            case .words: words += entry.bytes
            case .ended:
                let text = unsafe words.withUnsafeBufferPointer {
                    unsafe LogLines.clean($0, longest: 256)
                }
                if let fault = WorkerFault.fault(entry, words: text, last: 0) { return fault }
            default: continue
            }
        }
        return nil
    }

    /// - Parameters:
    ///   - tenants: of a worker that holds several instances, to which more come by `socket`.
    ///   - most: how many.
    static func start(
        _ module: StagedModule, isSealed: Bool, _ ground: WorkerGround, _ channel: WorkerChannel,
        number: UInt64 = 1, tenants: WorkerTenants? = nil, socket: Int32? = nil, most: Int = 1
    ) throws(WorkerFailure) -> WorkerChild {
        let first = WorkerPlan.descriptor + 1
        let limits = ground.limits
        var descriptors = [
            module.sealed.descriptor, channel.memory.descriptor, ground.tape.descriptor,
        ]
        if let socket { descriptors.append(socket) }
        let last = first + Int32(descriptors.count) - 1
        let seat = WorkerPlan.Seat(
            portfolio: ground.making, channel: first + 1, tape: first + 2, isSealed: isSealed,
            number: number, tapeNumber: ground.tape.number)
        let shared = most * (channel.memory.size + ground.tape.size)
        let plan = WorkerPlan(
            manifest: module.file.manifest.text, path: module.file.path,
            digest: module.file.digest.bytes,
            module: first, libraries: module.libraries, lastDescriptor: last,
            memoryBytes: limits.memory == 0 ? 0 : UInt64(limits.memory * 2 + shared),
            mayHaveThreads: limits.mayHaveThreads, readableFile: limits.readableFile,
            parent: UInt32(getpid()), requiredLayers: limits.requiredLayers, seat: seat,
            socket: socket == nil ? nil : last)
        return try WorkerProgram.start(
            plan, descriptors, limits: limits, channel: channel, tenants: tenants)
    }
}

extension Placement {
    /// What a worker opens; nil for one that this process plays.
    var module: StagedModule? {
        switch self {
        case .worker(let module), .sealed(let module): module
        case .host, .plugless: nil
        }
    }

    package var isSealed: Bool { if case .sealed = self { true } else { false } }
}
