import CTapedeck
import Kernel
import Market

extension HostTable {
    static let submit:
        @convention(c) (
            Context, UnsafePointer<td_order>?, UnsafeMutablePointer<UInt64>?
        ) -> td_status = { context, order, number in
            unsafe number?.pointee = 0
            guard let ticket = unsafe ticket(order) else { return invalid }
            switch unsafe acting(context) {
            case .refused(let status): return status
            case .granted(let state, _):
                if unsafe state.pointee.isMuted { return unsafe state.pointee.refuseMuted(ticket) }
                let ticket = unsafe state.pointee.wired(ticket)
                let answer = unsafe state.pointee.portfolio.submit(ticket)
                unsafe number?.pointee = answer.order
                unsafe state.pointee.tell(.submit) { $0.ticket = ticket }
                return answer.status
            }
        }

    static let replace: @convention(c) (Context, UInt64, UnsafePointer<td_order>?) -> td_status = {
        context, number, order in
        guard let ticket = unsafe ticket(order) else { return invalid }
        switch unsafe acting(context) {
        case .refused(let status): return status
        case .granted(let state, _):
            if unsafe state.pointee.isMuted { return td_status(TD_E_STALE) }
            let ticket = unsafe state.pointee.wired(ticket)
            let status = unsafe state.pointee.portfolio.replace(number, with: ticket).status
            unsafe state.pointee.tell(.replace, number) { $0.ticket = ticket }
            return status
        }
    }

    static let cancel: @convention(c) (Context, UInt64) -> td_status = { context, number in
        switch unsafe acting(context) {
        case .refused(let status): return status
        case .granted(let state, _):
            if unsafe state.pointee.isMuted { return td_status(TD_E_STALE) }
            let status = unsafe state.pointee.portfolio.cancel(number)
            unsafe state.pointee.tell(.cancel, number)
            return status
        }
    }

    static let setTimer: @convention(c) (Context, UInt64, Int64) -> td_status = {
        context, id, time in
        guard time >= 0 else { return invalid }
        let timestamp = Timestamp(nanoseconds: time)
        // A timer set at the start comes with the first event that is due.
        if case .granted(let state, .start) = unsafe access(context) {
            return unsafe state.pointee.setTimer(id, at: timestamp)
        }
        switch unsafe acting(context) {
        case .refused(let status): return status
        case .granted(let state, _):
            return unsafe state.pointee.isMuted ? ok : state.pointee.setTimer(id, at: timestamp)
        }
    }

    /// A copy of what is asked for; nil when there is nothing, or less than ABI 1.0 has.
    private static func ticket(_ order: UnsafePointer<td_order>?) -> td_order? {
        guard let order = unsafe order,
            unsafe order.pointee.struct_size >= UInt32(MemoryLayout<td_order>.size)
        else { return nil }
        return unsafe order.pointee
    }
}

extension RunnerState {
    /// What a strategy that is shown the past asks for: refused like any order of a warm-up, with
    /// an update that says so, but without a number and without a trace in the portfolio.
    mutating func refuseMuted(_ ticket: td_order) -> td_status {
        var event = Event()
        event.type = UInt8(TD_EVENT_ORDER)
        event.flags = UInt8(TD_FLAG_PRIVATE | TD_FLAG_REPLAY)
        event.instrument = ticket.instrument
        event.sequence = unsafe slice.pointee.sequence
        event.time = unsafe slice.pointee.time
        event.order = td_order_update(
            order: 0, tag: ticket.tag, filled: 0, remaining: 0, state: UInt16(TD_STATE_REJECTED),
            reason: UInt16(TD_REASON_WARM_UP), reserved: 0)
        refusals.append(event)
        return td_status(TD_E_REJECTED)
    }

    fileprivate mutating func setTimer(_ id: UInt64, at time: Timestamp) -> td_status {
        let status = portfolio.setTimer(id, at: time)
        tell(.timer, id) { $0.payload.0 = UInt64(bitPattern: time.rawValue) }
        return status
    }

    /// In a worker: tells the host what the strategy did, and where.
    @inline(__always)
    fileprivate func tell(
        _ kind: WorkerChannel.Entry.Kind, _ number: UInt64 = 0,
        _ fill: (inout WorkerChannel.Entry) -> Void = { _ in }
    ) {
        guard let outbox = unsafe outbox else { return }
        var entry = WorkerChannel.Entry()
        fill(&entry)
        unsafe outbox.pointee.put(kind, place: committed, number: number, entry)
    }

    /// The ticket as it is; one for an instrument of somebody else becomes one for no instrument,
    /// which the portfolio refuses, and says so.
    func wired(_ ticket: td_order) -> td_order {
        if wires(ticket.instrument) { return ticket }
        var ticket = ticket
        ticket.instrument = .max
        return ticket
    }
}
