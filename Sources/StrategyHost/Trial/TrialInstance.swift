import CTapedeck
import Glibc
import Market

/// One instance of a plug-in in a trial: called function by function, in whatever order and with
/// whatever arguments a check wants. Made and ended by hand; what is not destroyed stays until the
/// process ends.
@safe final class TrialInstance {
    /// How it is called.
    struct Manner {
        /// The most events in one call.
        var runLength = 64
        /// Everything that is lent is read-only during a call where the contract says so, ends at
        /// an unreadable page, and is unreadable after the call.
        var isGuarded = false
        /// Every call on a thread that was never seen before.
        var onOtherThreads = false
        /// The tables and structs are longer than they are today, as a later host's will be.
        var isOfLaterMinor = false
    }

    /// What a call came to.
    struct Answer {
        var status: td_status
        var words: String
        /// `TD_E_INVALID: the window is too long`.
        var description: String { StrategyFault.name(status) + (words.isEmpty ? "" : ": \(words)") }
    }

    let bench: TrialBench
    let host: TrialHost
    let table: td_plugin
    let manner: Manner
    private(set) var pointer: UnsafeMutableRawPointer?
    /// Of processor time, spent in `on_events` with everything that it called.
    private(set) var nanosecondsInEvents: Int64 = 0
    private let lent: LentMemory

    /// - Parameter host: that of another instance, whose place it takes.
    init(
        _ bench: TrialBench, _ image: PluginImage, manner: Manner, host: TrialHost
    ) throws(CheckOutcome) {
        self.bench = bench
        self.manner = manner
        unsafe table = image.table.pointee
        self.host = host
        lent = try LentMemory(manner)
    }

    /// Calls, watched: nothing else runs meanwhile.
    func call(_ stage: HostContext.Stage, _ body: () -> td_status) -> td_status {
        if stage != .events || !bench.saidEvents { bench.say(stage) }
        var status: td_status = 0
        func guarded() {
            let began = Self.processorTime
            host.enter(stage)
            TrialSeal.enter(.plugin)
            status = body()
            TrialSeal.enter(.host)
            host.leave()
            if stage == .events { nanosecondsInEvents += Self.processorTime - began }
        }
        if manner.onOtherThreads { TrialThread.run(guarded) } else { guarded() }
        return status
    }

    /// Of this thread, so that a busy machine does not count.
    private static var processorTime: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private func answer(_ status: td_status) throws(CheckOutcome) -> Answer {
        let error = lent.errorAfterCall()
        if error.struct_size != UInt32(MemoryLayout<td_error>.size) {
            throw .fail("it changed struct_size of the error that it was lent")
        }
        if error.length > 248 {
            throw .fail("it says that it wrote \(error.length) bytes of text, where 248 have room")
        }
        if let breach = host.breach { throw .fail(breach) }
        return Answer(status: status, words: status < 0 ? StrategyFault.words(error) : "")
    }

    /// - Throws: only what breaks the contract; a refusal is an answer.
    func create(_ setup: StrategySetup) throws(CheckOutcome) -> Answer {
        let create = unsafe table.create!
        var made: UnsafeMutableRawPointer?
        let status = unsafe setup.withSetup { setup in
            let lentSetup = unsafe lent.setup(setup)
            return call(.create) {
                unsafe create(lent.host, host.context, lentSetup, &made, lent.error())
            }
        }
        lent.takeBack()
        unsafe pointer = made
        let answer = try answer(status)
        if status < 0, unsafe made != nil {
            throw .fail("create failed, and left an instance in *self all the same")
        }
        if status >= 0, unsafe made == nil {
            throw .fail("create said TD_OK, and left nothing in *self")
        }
        return answer
    }

    func destroy() {
        guard let pointer = unsafe pointer else { return }
        let destroy = unsafe table.destroy!
        _ = call(.destroy) {
            unsafe destroy(pointer)
            return 0
        }
        unsafe self.pointer = nil
    }

    func start(
        _ reason: StrategyRunner.Start = .fresh, nextSequence: UInt64 = 1
    ) throws(CheckOutcome) -> Answer {
        let start = unsafe table.start!
        let said = td_start(
            struct_size: UInt32(MemoryLayout<td_start>.size) + (manner.isOfLaterMinor ? 16 : 0),
            reason: reason.code,
            next_sequence: nextSequence, time: TrialTape.start)
        let place = unsafe lent.start(said)
        let status = call(.start) { unsafe start(pointer, place, lent.error()) }
        lent.takeBack()
        return try answer(status)
    }

    func stop(_ reason: StrategyRunner.Stop = .end) throws(CheckOutcome) -> Answer {
        let stop = unsafe table.stop!
        let status = call(.stop) { unsafe stop(pointer, reason.code, lent.error()) }
        lent.takeBack()
        return try answer(status)
    }

    func setParameter(
        _ declaration: ParameterDeclaration, _ value: ParameterValue
    ) throws(CheckOutcome) -> Answer {
        guard let function = unsafe table.set_parameter else {
            throw .skip("it has no set_parameter")
        }
        let status = unsafe value.withEntry(declaration) { entry in
            let place = unsafe lent.parameter(entry.pointee)
            return call(.setParameter) { unsafe function(pointer, place, lent.error()) }
        }
        lent.takeBack()
        return try answer(status)
    }

    /// A parameter as no host would give it.
    func setParameter(raw entry: td_parameter) throws(CheckOutcome) -> Answer {
        guard let function = unsafe table.set_parameter else {
            throw .skip("it has no set_parameter")
        }
        let place = unsafe lent.parameter(entry)
        let status = call(.setParameter) { unsafe function(pointer, place, lent.error()) }
        lent.takeBack()
        return try answer(status)
    }

    /// - Parameter room: bytes that the sink takes before it refuses.
    func save(
        room: Int = .max
    ) throws(CheckOutcome) -> (answer: Answer, bytes: [UInt8], wasFull: Bool) {
        guard let function = unsafe table.save else { throw .skip("it has no save") }
        var sink = StateSink(limit: room == .max ? 1 << 28 : room)
        let status = unsafe withUnsafeMutablePointer(to: &sink) { sink in
            let place = unsafe lent.sink(
                td_sink(
                    struct_size: UInt32(MemoryLayout<td_sink>.size), reserved: 0, handle: sink,
                    write: StateSink.write))
            return call(.save) { unsafe function(pointer, place, lent.error()) }
        }
        lent.takeBack()
        return (try answer(status), sink.bytes, sink.isOver)
    }

    func load(_ bytes: [UInt8], version: UInt32) throws(CheckOutcome) -> Answer {
        guard let function = unsafe table.load else { throw .skip("it has no load") }
        let place = try unsafe lent.blob(bytes, version: version)
        let status = call(.load) { unsafe function(pointer, place, lent.error()) }
        lent.takeBack()
        return try answer(status)
    }

    /// One call of `on_events`; answers how many events it handled.
    func hand(
        _ events: ArraySlice<Event>, isQuiet: Bool
    ) throws(CheckOutcome) -> (handled: Int, answer: Answer) {
        let function = unsafe table.on_events!
        let place = try unsafe lent.events(events)
        let consumed = unsafe lent.consumed()
        unsafe host.beginRun(place, events.count, consumed, isQuiet: isQuiet)
        var handled: UInt64 = 0
        let status = call(.events) {
            let status = unsafe function(
                pointer, place, UInt64(events.count), consumed, lent.error())
            handled = unsafe consumed.pointee
            // Its marks are taken while the events are still to be read.
            host.endRun(handled: Int(min(handled, UInt64(events.count))))
            return status
        }
        lent.takeBack()
        let answer = try answer(status)
        if status >= 0 { try judge(handled, of: events.count, status) }
        return (Int(min(handled, UInt64(events.count))), answer)
    }

    private func judge(_ consumed: UInt64, of count: Int, _ status: td_status) throws(CheckOutcome)
    {
        if status > TD_DONE { throw .fail("on_events answered \(status), which means nothing") }
        if consumed > UInt64(count) {
            throw .fail("it set consumed to \(consumed) in a run of \(count) events")
        }
        if host.actedAt != 0, consumed != host.actedAt {
            throw .fail(
                "it acted at event \(host.actedAt) of a run, and returned at event \(consumed)")
        }
        if consumed == 0, count > 0, status != TD_DONE {
            throw .fail("on_events returned without having consumed an event")
        }
        if host.actedAt == 0, consumed < UInt64(count), status != TD_DONE {
            throw .fail(
                "it stopped at event \(consumed) of a run of \(count), where it did nothing")
        }
    }
}
