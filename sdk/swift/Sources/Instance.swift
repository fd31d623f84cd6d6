/// One running instance: what stands behind the contract's `void *self`.
struct Instance<S: Strategy & ~Copyable>: ~Copyable {
    let desk: UnsafeMutablePointer<Desk>
    var strategy: S
    /// Holds the strategy's windows; goes after it.
    private let workspace: Workspace

    init(_ strategy: consuming S, desk: UnsafeMutablePointer<Desk>, workspace: Workspace) {
        self.strategy = strategy
        self.desk = desk
        self.workspace = workspace
    }

    deinit {
        desk.deinitialize(count: 1)
        desk.deallocate()
    }
}

typealias ErrorText = UnsafeMutablePointer<td_error>?

/// The contract's calls for a strategy; `Entry.swift` puts them into the table.
extension Instance where S: ~Copyable {
    typealias Pointer = UnsafeMutablePointer<Instance<S>>

    private static func at(_ this: UnsafeMutableRawPointer) -> Pointer {
        this.assumingMemoryBound(to: Instance<S>.self)
    }

    static func create(
        _ host: UnsafePointer<td_host>, _ token: OpaquePointer?, _ given: UnsafePointer<td_setup>,
        _ answer: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ text: ErrorText
    ) -> td_status {
        answer.pointee = nil
        do throws(Refusal) {
            let setup = Setup(given.pointee)
            try check(setup.instruments.count, S.about.instruments, "instruments")
            try check(setup.timeframes.count, S.about.timeframeCounts, "time frames")
            let strategy = try S(setup)
            try setup.finish()
            let desk = UnsafeMutablePointer<Desk>.allocate(capacity: 1)
            desk.initialize(to: Desk(host: host, token: token, instruments: setup.instruments))
            let instance = Pointer.allocate(capacity: 1)
            instance.initialize(to: Instance(strategy, desk: desk, workspace: setup))
            answer.pointee = UnsafeMutableRawPointer(instance)
            return td_status(TD_OK)
        } catch {
            return refuse(error, text, TD_E_INVALID)
        }
    }

    static func destroy(_ this: UnsafeMutableRawPointer) {
        at(this).deinitialize(count: 1)
        at(this).deallocate()
    }

    static func start(
        _ this: UnsafeMutableRawPointer, _ given: UnsafePointer<td_start>, _ text: ErrorText
    ) -> td_status {
        let desk = at(this).pointee.desk
        desk.pointee.learnPositions()
        do throws(Refusal) {
            let start = Start(
                reason: Start.Reason(rawValue: given.pointee.reason) ?? .fresh,
                nextSequence: given.pointee.next_sequence, time: given.pointee.time)
            try at(this).pointee.strategy.onStart(start, Context(desk: desk))
            return outcome(desk, text)
        } catch {
            return refuse(error, text, TD_E_INVALID)
        }
    }

    static func stop(
        _ this: UnsafeMutableRawPointer, _ reason: UInt32, _ text: ErrorText
    ) -> td_status {
        let desk = at(this).pointee.desk
        at(this).pointee.strategy.onStop(StopReason(rawValue: reason) ?? .end, Context(desk: desk))
        return min(td_status(TD_OK), outcome(desk, text))
    }

    /// The hot path: no allocation, one store and one test an event beside the strategy's own work.
    @inline(__always)
    static func onEvents(
        _ this: UnsafeMutableRawPointer, _ events: UnsafePointer<Event>, _ count: UInt64,
        _ consumed: UnsafeMutablePointer<UInt64>, _ text: ErrorText
    ) -> td_status {
        let instance = at(this)
        let desk = instance.pointee.desk
        let context = Context(desk: desk)
        desk.pointee.mustReturn = false
        desk.pointee.learned = -1
        var next: UInt64 = 0
        while next < count {
            let event = events + Int(truncatingIfNeeded: next)
            next &+= 1
            consumed.pointee = next
            desk.pointee.event = event
            if event.pointee.instrument != desk.pointee.instrument {
                desk.pointee.turn(to: event.pointee.instrument)
            }
            deliver(event, to: &instance.pointee.strategy, context)
            if desk.pointee.mustReturn { break }
        }
        desk.pointee.event = UnsafePointer(desk.pointee.noEvent)
        return outcome(desk, text)
    }

    @inline(__always)
    private static func deliver(
        _ event: UnsafePointer<Event>, to strategy: inout S, _ context: Context
    ) {
        if Int(event.pointee.type) == TD_EVENT_BAR {
            strategy.onBar(payload(event), context)
        } else {
            deliverOther(event, to: &strategy, context)
        }
    }

    @inline(never)
    private static func deliverOther(
        _ event: UnsafePointer<Event>, to strategy: inout S, _ context: Context
    ) {
        switch Int(event.pointee.type) {
        case TD_EVENT_TRADE: strategy.onTrade(payload(event), context)
        case TD_EVENT_QUOTE: strategy.onQuote(payload(event), context)
        case TD_EVENT_DEPTH: strategy.onDepth(payload(event), context)
        case TD_EVENT_TIMER: strategy.onTimer(payload(event), context)
        case TD_EVENT_GAP: strategy.onGap(payload(event), context)
        case TD_EVENT_DIVIDEND: strategy.onDividend(payload(event), context)
        case TD_EVENT_SESSION_OPEN, TD_EVENT_SESSION_CLOSE:
            strategy.onSession(payload(event), context)
        case TD_EVENT_SPLIT:
            context.desk.pointee.learnPosition(of: event.pointee.instrument)
            strategy.onSplit(payload(event), context)
        case TD_EVENT_ORDER:
            let update: OrderUpdate = payload(event)
            if !context.desk.pointee.isKnown(update) {
                context.desk.pointee.learnPositionOnce(of: event.pointee.instrument)
            }
            strategy.onOrder(update, context)
        case TD_EVENT_FILL:
            context.desk.pointee.learnPositionOnce(of: event.pointee.instrument)
            strategy.onFill(payload(event), context)
        default: break  // a live parameter was set by its own call; an unknown kind is stepped over
        }
    }

    /// The 40 bytes after the header, as what the event's type says they are.
    @inline(__always)
    private static func payload<Payload: BitwiseCopyable>(_ event: UnsafePointer<Event>) -> Payload
    {
        (UnsafeRawPointer(event) + 24).assumingMemoryBound(to: Payload.self).pointee
    }

    static func setParameter(
        _ this: UnsafeMutableRawPointer, _ given: UnsafePointer<td_parameter>, _ text: ErrorText
    ) -> td_status {
        let isNumber = Int(given.pointee.type) == TD_PARAM_FLOAT
        let change = ParameterChange(
            id: Int(given.pointee.id), integer: isNumber ? 0 : Int(given.pointee.integer),
            number: isNumber ? given.pointee.number : 0)
        do throws(Refusal) {
            try at(this).pointee.strategy.parameterChanged(change)
            return td_status(TD_OK)
        } catch {
            return refuse(error, text, TD_E_INVALID)
        }
    }

    static func save(
        _ this: UnsafeMutableRawPointer, _ sink: UnsafePointer<td_sink>, _ text: ErrorText
    ) -> td_status {
        guard S.about.stateVersion > 0 else {
            return refuse(Refusal("this strategy saves no state"), text, TD_E_UNSUPPORTED)
        }
        var writer = StateWriter(sink.pointee)
        at(this).pointee.strategy.save(&writer)
        writer.finish()
        return writer.status
    }

    static func load(
        _ this: UnsafeMutableRawPointer, _ blob: UnsafePointer<td_blob>, _ text: ErrorText
    ) -> td_status {
        do throws(Refusal) {
            let version = Int(blob.pointee.state_version)
            let about = S.about
            guard version > 0,
                version == about.stateVersion || about.readsStateVersions.contains(version)
            else {
                throw Refusal("a state of version \(version) cannot be read by this one")
            }
            var reader = try StateReader(blob.pointee)
            try at(this).pointee.strategy.load(&reader)
            try reader.finish()
            return td_status(TD_OK)
        } catch {
            return refuse(error, text, TD_E_FORMAT)
        }
    }

    private static func check(
        _ count: Int, _ range: ClosedRange<Int>, _ what: String
    ) throws(Refusal) {
        guard range.contains(count) else {
            throw Refusal(
                "\(count) \(what) are wired; it takes \(range.lowerBound)...\(range.upperBound)")
        }
    }

    private static func outcome(_ desk: UnsafeMutablePointer<Desk>, _ text: ErrorText) -> td_status
    {
        let status = desk.pointee.status
        if status < 0 { return refuse(Refusal(desk.pointee.failure), text, Int(status)) }
        return status
    }

    private static func refuse(_ refusal: Refusal, _ answer: ErrorText, _ status: Int) -> td_status
    {
        if let answer {
            let room = MemoryLayout.size(ofValue: answer.pointee.text)
            var length = 0
            withUnsafeMutableBytes(of: &answer.pointee.text) { buffer in
                for byte in refusal.text.utf8 where length < room {
                    buffer[length] = byte
                    length += 1
                }
            }
            answer.pointee.length = UInt32(length)
        }
        return td_status(status)
    }
}

extension Strategy where Self: ~Copyable {
    /// The manifest's JSON; a refusal when the defaults are refused.
    static func describe() throws(Refusal) -> String {
        let setup = Setup(describing: about)
        let strategy = try Self(setup)
        _ = consume strategy
        try setup.finish()
        return about.manifest(parameters: setup.parameters)
    }
}
