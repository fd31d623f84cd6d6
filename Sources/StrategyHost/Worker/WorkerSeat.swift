import CTapedeck
import Glibc
import Kernel
import Market

/// One instance in a worker: its runner with the mirror of its portfolio, its tape, and its way to the host.
@safe final class WorkerSeat {
    private let plan: WorkerPlan.Seat
    private let channel: WorkerChannel
    private let tape: SharedTapeView
    private let outbox: UnsafeMutablePointer<WorkerOutbox>
    private var runner: StrategyRunner?
    private var output = StrategyOutput()
    private var records = Records()
    private var namesTold = 0
    private var isEndTold = false
    private var hasStarted = false
    /// The next block, and of a sealed one the events that are played.
    private var block: Int
    private var step = 0
    private var answered: UInt64 = 0

    private var pastMemory: SharedMemory?

    init(_ plan: WorkerPlan.Seat, _ channel: WorkerChannel, _ tape: SharedTapeView, past: SharedMemory?) {
        self.plan = plan
        pastMemory = past
        self.channel = channel
        self.tape = tape
        block = plan.firstBlock
        unsafe outbox = .allocate(capacity: 1)
        unsafe outbox.initialize(to: WorkerOutbox(channel))
        unsafe outbox.pointee.block = UInt64(block)
    }

    deinit {
        unsafe outbox.deinitialize(count: 1)
        unsafe outbox.deallocate()
    }

    /// Makes the instance; the host hears of it either way.
    func create(_ image: PluginImage) {
        let declarations = image.manifest.parameters
        let parameters = Parameters(
            declarations: declarations,
            values: zip(declarations, plan.parameters).map { $1.value($0.kind) })
        var settings = StrategyRunner.Settings(
            setup: StrategySetup(
                parameters: parameters, instruments: plan.instruments, timeFrames: plan.timeFrames, seed: plan.seed),
            warmUpBars: plan.warmUpBars, historyBars: plan.historyBars)
        settings.warmUpUntil = plan.warmUpUntil
        settings.longestSlice = plan.longestSlice
        if let kinds = plan.shownKinds {
            settings.filter = EventFilter(kinds: kinds, timeFrames: plan.shownFrames, hidden: plan.hidden)
        }
        do throws(StrategyFault) {
            let runner = try StrategyRunner(
                .host(image), settings: settings, portfolio: plan.portfolio.make(), channel: channel)
            try inherit(runner)
            unsafe runner.state.pointee.outbox = outbox
            self.runner = runner
            tellOutput()
            reach(.created)
        } catch {
            tellEnd(error, at: 0)
            reach(.failed)
        }
    }

    /// Takes over from a worker that is gone: its portfolio and its state.
    private func inherit(_ runner: StrategyRunner) throws(StrategyFault) {
        if !plan.archive.isEmpty, unsafe !runner.state.pointee.portfolio.restore(plan.archive) {
            throw StrategyFault(
                call: .create, cause: .answered(td_status(TD_E_FORMAT)), text: "the portfolio cannot be taken over")
        }
        if !plan.archive.isEmpty { runner.endWarmUp() }
        guard !plan.saved.isEmpty else { return }
        do {
            try runner.load(try StrategyState(decoding: plan.saved))
        } catch let fault as StrategyFault {
            throw fault
        } catch {
            throw StrategyFault(call: .load, cause: .answered(td_status(TD_E_FORMAT)), text: "\(error)")
        }
    }

    /// Shows it what it has missed; what it asks of its portfolio meanwhile is refused.
    private func showPast() {
        guard plan.past >= 0, let memory = pastMemory, let runner else { return }
        let events = unsafe Array(UnsafeBufferPointer(
            start: memory.base.assumingMemoryBound(to: Event.self), count: plan.pastCount))
        runner.replay(events, flags: plan.saved.isEmpty ? TD_FLAG_REPLAY | TD_FLAG_WARM_UP : TD_FLAG_REPLAY)
        pastMemory = nil
    }

    /// Turns of looking for work before it sleeps: a sealed one is shown its next step very soon.
    var patience: Int { plan.isSealed ? 20_000 : 200 }

    /// Tells the host that there will be no instance.
    func refuse(_ words: String) {
        tellEnd(StrategyFault(call: .create, cause: .answered(td_status(TD_E_INTERNAL)), text: words), at: 0)
        reach(.failed)
    }

    func reach(_ stage: WorkerChannel.Stage) {
        unsafe channel.word32(WorkerChannel.Layout.stage).announce(stage.rawValue)
        channel.hostBell.ringIfAsleep()
    }

    /// Whether the host wants something of it.
    @inline(__always) var hasWork: Bool {
        if unsafe channel.word64(WorkerChannel.Layout.requestNumber).latest != answered { return true }
        guard hasStarted else { return false }
        let published = tape.published
        return published > block && (!plan.isSealed || tape.visible > step)
    }

    /// Does what there is to do; false when there was nothing. Ends the process when the host says so.
    func work() -> Bool {
        guard hasWork else { return false }
        if unsafe channel.word64(WorkerChannel.Layout.requestNumber).latest != answered {
            serve()
        } else if plan.isSealed {
            playStep()
        } else {
            unsafe play(tape.block(block))
            finishBlock()
        }
        return true
    }

    private func play(_ run: EventRun) {
        unsafe outbox.pointee.isBetween = false
        unsafe runner?.play(run)
        unsafe outbox.pointee.isBetween = true
        tellOutput()
        if let end = runner?.endedAt { tellEnd(runner?.standing.fault, at: step + end) }
    }

    /// Plays what has been shown of the block since the last step.
    private func playStep() {
        let run = unsafe tape.block(block)
        let visible = min(tape.visible, unsafe run.count)
        unsafe outbox.pointee.base = step
        unsafe play(EventRun(events: run.events + step, prices: run.prices + step, count: visible - step))
        step = visible
        unsafe channel.word64(WorkerChannel.Layout.steps).announce(UInt64(block) << 32 | UInt64(step))
        if unsafe step == run.count {
            step = 0
            unsafe outbox.pointee.base = 0
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
        block += 1
        unsafe outbox.pointee.block = UInt64(block)
        unsafe channel.word64(WorkerChannel.Layout.played).announce(UInt64(block))
    }

    // What the strategy said.

    private func tellOutput() {
        guard let runner else { return }
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

    private func tell(_ kind: WorkerChannel.Entry.Kind, number: UInt64, _ entry: WorkerChannel.Entry) {
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
    private func tellEnd(_ fault: StrategyFault?, at place: Int) {
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
        let words = (0..<3).map { unsafe channel.word64(WorkerChannel.Layout.requestWords + 8 * $0).value }
        let text = channel.takeText(Int(unsafe channel.word32(WorkerChannel.Layout.requestLength).value))
        var answer: Result<[UInt8], StrategyFault> = .success([])
        switch WorkerChannel.Request(rawValue: kind) {
        case .start:
            runner?.start(
                StrategyRunner.Start(code: UInt32(truncatingIfNeeded: words[0])), nextSequence: words[1],
                time: Timestamp(nanoseconds: Int64(bitPattern: words[2])))
            showPast()
            hasStarted = true
        case .stop: runner?.stop(StrategyRunner.Stop(code: UInt32(truncatingIfNeeded: words[0])))
        case .setParameter: setParameter(text, nameLength: Int(words[0]))
        case .save: answer = save()
        case .load: answer = load(text)
        case .event: for event in Self.events(text) { playAside(event) }
        case .lookBack: runner?.lookBack(at: Self.events(text))
        case .leave:
            runner?.destroy()
            _exit(0)
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
            stride(from: 0, to: bytes.count - MemoryLayout<Event>.size + 1, by: MemoryLayout<Event>.stride).map {
                unsafe bytes.loadUnaligned(fromByteOffset: $0, as: Event.self)
            }
        }
    }

    /// Plays one event that is not on the tape; what the strategy does at it comes before the next block.
    private func playAside(_ event: Event) {
        let prices = ExactPrices(open: 0, high: 0, low: 0, close: 0)
        unsafe withUnsafePointer(to: event) { event in
            unsafe withUnsafePointer(to: prices) { prices in
                unsafe runner?.play(EventRun(events: event, prices: prices, count: 1))
            }
        }
    }

    private func setParameter(_ text: [UInt8], nameLength: Int) {
        let name = String(decoding: text.prefix(nameLength), as: UTF8.self)
        do throws(ParameterProblem) {
            try runner?.setParameter(name, text: String(decoding: text.dropFirst(nameLength), as: UTF8.self))
        } catch {
            // The host has checked the same before it asked.
            return
        }
    }

    private func save() -> Result<[UInt8], StrategyFault> {
        do throws(StrategyFault) {
            return .success(try runner?.save().encoded ?? [])
        } catch {
            return .failure(error)
        }
    }

    private func load(_ text: [UInt8]) -> Result<[UInt8], StrategyFault> {
        do throws(StrategyState.Damage) {
            let state = try StrategyState(decoding: text)
            do throws(StrategyFault) {
                try runner?.load(state)
                return .success([])
            } catch {
                return .failure(error)
            }
        } catch {
            return .failure(StrategyFault(
                call: .load, cause: .answered(td_status(TD_E_FORMAT)), text: error.description))
        }
    }
}
