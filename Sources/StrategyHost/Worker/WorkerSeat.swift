import CTapedeck
import Glibc
import Kernel
import Market

/// One instance in a worker: its runner with the mirror of its portfolio, its tape, and its way to
/// the host.
@safe final class WorkerSeat {
    let plan: WorkerPlan.Seat
    let channel: WorkerChannel
    private let tape: SharedTapeView
    let outbox: UnsafeMutablePointer<WorkerOutbox>
    var runner: StrategyRunner?
    private var output = StrategyOutput()
    private var records = Records()
    private var namesTold = 0
    private var isEndTold = false
    private(set) var image: PluginImage?
    /// The next block, and events of it that are played.
    private var block = 0
    private var step = 0
    private var answered: UInt64 = 0
    /// Others have seats beside it.
    let isShared: Bool
    /// Its instance is gone, and others go on.
    var hasLeft = false

    init(
        _ plan: WorkerPlan.Seat, _ channel: WorkerChannel, _ tape: SharedTapeView, isShared: Bool
    ) {
        self.plan = plan
        self.channel = channel
        self.tape = tape
        self.isShared = isShared
        unsafe outbox = .allocate(capacity: 1)
        unsafe outbox.initialize(to: WorkerOutbox(channel, mayWait: !isShared))
    }

    deinit {
        unsafe outbox.deinitialize(count: 1)
        unsafe outbox.deallocate()
    }

    /// The module is open; the host says when an instance begins.
    func await(_ image: PluginImage) {
        self.image = image
        reach(.opened)
    }

    /// Turns of looking for work before it sleeps: a sealed one is shown its next step very soon.
    var mostLooks: Int { plan.isSealed ? 20_000 : 200 }

    /// What it plays next.
    func go(to block: Int, place: Int) {
        self.block = block
        step = place
        unsafe outbox.pointee.block = UInt64(block)
        unsafe channel.consumed[2] = UInt64(place) << 1
        unsafe channel.word64(WorkerChannel.Layout.played).announce(UInt64(block))
    }

    /// Tells the host that there will be no instance.
    func refuse(_ words: String) {
        tellEnd(
            StrategyFault(call: .create, cause: .answered(td_status(TD_E_INTERNAL)), text: words),
            at: 0)
        reach(.failed)
    }

    func reach(_ stage: WorkerChannel.Stage) {
        unsafe channel.word32(WorkerChannel.Layout.stage).announce(stage.rawValue)
        channel.hostBell.ringIfAsleep()
    }

    /// Whether the host wants something of it.
    @inline(__always) var hasWork: Bool {
        if unsafe channel.word64(WorkerChannel.Layout.requestNumber).latest != answered {
            return true
        }
        if unsafe outbox.pointee.isHolding { return unsafe outbox.pointee.canSend }
        guard tape.published > block, !plan.isSealed || tape.visible > step else { return false }
        // Read last: what was published after it had been told to stop there is not played.
        return unsafe channel.word64(WorkerChannel.Layout.playsTo).latest > UInt64(block)
    }

    /// What it has said waits for the host to make room.
    var isHolding: Bool { unsafe outbox.pointee.isHolding }

    /// Does what there is to do; false when there was nothing. Ends the process when the host says
    /// so.
    func work() -> Bool {
        guard hasWork else { return false }
        if unsafe channel.word64(WorkerChannel.Layout.requestNumber).latest != answered {
            serve()
        } else if isHolding {
            unsafe outbox.pointee.sendHeld()
        } else if plan.isSealed {
            playStep()
        } else {
            let run = unsafe tape.block(block)
            unsafe play(run, to: run.count)
            finishBlock()
        }
        return true
    }

    /// Plays what it has not played of a block, as far as it may.
    private func play(_ run: EventRun, to end: Int) {
        unsafe outbox.pointee.isBetween = false
        unsafe channel.consumed[2] = UInt64(step) << 1
        var place = step
        while let runner, place < end { place = unsafe runner.play(run, from: place, to: end) }
        unsafe outbox.pointee.isBetween = true
        tellOutput()
        if let end = runner?.endedAt { tellEnd(runner?.standing.fault, at: end) }
    }

    /// Plays what has been shown of the block since the last step.
    private func playStep() {
        let run = unsafe tape.block(block)
        let visible = min(tape.visible, unsafe run.count)
        unsafe play(run, to: visible)
        step = visible
        unsafe channel.word64(WorkerChannel.Layout.steps).announce(
            UInt64(block) << 32 | UInt64(step))
        if unsafe step == run.count {
            finishBlock()
        } else {
            channel.hostBell.ringIfAsleep()
        }
    }

    private func finishBlock() {
        // The records are the host's affair; here they only take room.
        runner?.portfolio.takeRecords(into: &records)
        var entry = WorkerChannel.Entry()
        if let runner { (entry.payload.0, entry.payload.1) = runner.portfolio.digest.words }
        unsafe outbox.pointee.put(.played, place: 0, entry)
        go(to: block + 1, place: 0)
    }

    // What the strategy said.

    func tellOutput() {
        guard let runner,
            unsafe runner.hasOutput || runner.state.pointee.plotNames.count > namesTold
        else { return }
        runner.takeOutput(into: &output)
        let names = unsafe runner.state.pointee.plotNames
        while namesTold < names.count {
            var entry = WorkerChannel.Entry()
            entry.setBytes(names[namesTold])
            tell(.plotName, number: UInt64(namesTold), entry)
            namesTold += 1
        }
        for signal in output.signals {
            var entry = WorkerChannel.Entry()
            entry.payload.0 = UInt64(bitPattern: signal.time.rawValue)
            entry.payload.1 = UInt64(signal.instrument)
            entry.payload.2 = signal.forecast.bitPattern
            entry.payload.3 = signal.confidence.bitPattern
            tell(.signal, number: signal.sequence, entry)
        }
        for point in output.points {
            var entry = WorkerChannel.Entry()
            entry.payload.0 = UInt64(bitPattern: point.time.rawValue)
            entry.payload.1 = UInt64(point.name)
            entry.payload.2 = point.value.bitPattern
            tell(.point, number: point.sequence, entry)
        }
        for line in output.log.lines {
            tellWords(line.text)
            var entry = WorkerChannel.Entry()
            entry.payload.0 = UInt64(UInt32(bitPattern: line.level.rawValue))
            tell(.log, number: line.sequence, entry)
        }
        if output.log.dropped > 0 {
            tell(.dropped, number: UInt64(output.log.dropped), WorkerChannel.Entry())
        }
    }

    private func tell(
        _ kind: WorkerChannel.Entry.Kind, number: UInt64, _ entry: WorkerChannel.Entry
    ) {
        unsafe outbox.pointee.put(kind, place: 0, number: number, entry)
    }

    private func tellWords(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            var entry = WorkerChannel.Entry()
            entry.setBytes(rest)
            tell(.words, number: 0, entry)
            rest = rest.dropFirst(WorkerChannel.Entry.longest)
        }
    }

    /// - Parameter place: events of the present run that it was called for.
    func tellEnd(_ fault: StrategyFault?, at place: Int) {
        guard !isEndTold else { return }
        isEndTold = true
        tellWords(fault?.text ?? "")
        var (number, entry) = WorkerFault.entry(fault)
        entry.payload.3 = UInt64(place)
        tell(.ended, number: number, entry)
    }

    // What the host asks.

    private func serve() {
        let number = unsafe channel.word64(WorkerChannel.Layout.requestNumber).latest
        let kind = unsafe channel.word32(WorkerChannel.Layout.request).value
        let words = (0..<3).map {
            unsafe channel.word64(WorkerChannel.Layout.requestWords + 8 * $0).value
        }
        let text = channel.takeText(
            Int(unsafe channel.word32(WorkerChannel.Layout.requestLength).value))
        var answer: Result<[UInt8], StrategyFault> = .success([])
        switch WorkerChannel.Request(rawValue: kind) {
        case .begin: begin(text)
        case .start: start(words)
        case .stop: runner?.stop(StrategyRunner.Stop(code: UInt32(truncatingIfNeeded: words[0])))
        case .setParameter: setParameter(text, nameLength: Int(words[0]))
        case .save: answer = save()
        case .load: answer = load(text)
        case .event: for event in Self.events(text) { playAside(event) }
        case .lookBack:
            lookBack(
                at: Self.events(text), flags: Int32(truncatingIfNeeded: words[0]),
                counts: words[1] != 0)
        case .handDown:
            answer = .success(runner?.legacy(withState: words[0] != 0).left.bytes ?? [])
        case .restore: restore(text)
        case .leave: return leave()
        case nil, .some(.none): break
        }
        tellOutput()
        if let fault = runner?.standing.fault { tellEnd(fault, at: 0) }
        if case .failure(let fault) = answer { tellEnd(fault, at: 0) }
        let bytes: [UInt8] = if case .success(let bytes) = answer { bytes } else { [] }
        unsafe channel.word64(WorkerChannel.Layout.answerLength).set(UInt64(channel.putText(bytes)))
        answered = number
        unsafe channel.word64(WorkerChannel.Layout.answered).announce(number)
        channel.hostBell.ringIfAsleep()
    }

    /// Copies of the events in a text.
    private static func events(_ text: [UInt8]) -> [Event] {
        unsafe text.withUnsafeBytes { bytes in
            stride(
                from: 0, to: bytes.count - MemoryLayout<Event>.size + 1,
                by: MemoryLayout<Event>.stride
            ).map {
                unsafe bytes.loadUnaligned(fromByteOffset: $0, as: Event.self)
            }
        }
    }

    /// Plays one event that is not on the tape; what the strategy does at it comes before the next
    /// block.
    private func playAside(_ event: Event) {
        let prices = ExactPrices(open: 0, high: 0, low: 0, close: 0)
        unsafe withUnsafePointer(to: event) { event in
            unsafe withUnsafePointer(to: prices) { prices in
                unsafe runner?.play(EventRun(events: event, prices: prices, count: 1))
            }
        }
    }
}
