import CTapedeck
import Kernel
import Market

extension HostTable {
    static let submit: @convention(c) (
        Context, UnsafePointer<td_order>?, UnsafeMutablePointer<UInt64>?
    ) -> td_status = { context, order, number in
        unsafe number?.pointee = 0
        guard let ticket = unsafe ticket(order) else { return invalid }
        switch unsafe acting(context) {
        case .refused(let status): return status
        case .granted(let state, _):
            if unsafe state.pointee.isMuted { return unsafe state.pointee.refuseMuted(ticket) }
            let answer = unsafe state.pointee.portfolio.submit(state.pointee.wired(ticket))
            unsafe number?.pointee = answer.order
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
            return unsafe state.pointee.portfolio.replace(number, with: state.pointee.wired(ticket)).status
        }
    }

    static let cancel: @convention(c) (Context, UInt64) -> td_status = { context, number in
        switch unsafe acting(context) {
        case .refused(let status): return status
        case .granted(let state, _):
            return unsafe state.pointee.isMuted ? td_status(TD_E_STALE) : state.pointee.portfolio.cancel(number)
        }
    }

    static let setTimer: @convention(c) (Context, UInt64, Int64) -> td_status = { context, id, time in
        guard time >= 0 else { return invalid }
        let timestamp = Timestamp(nanoseconds: time)
        // A timer set at the start comes with the first event that is due.
        if case .granted(let state, .start) = unsafe access(context) {
            return unsafe state.pointee.portfolio.setTimer(id, at: timestamp)
        }
        switch unsafe acting(context) {
        case .refused(let status): return status
        case .granted(let state, _):
            return unsafe state.pointee.isMuted ? ok : state.pointee.portfolio.setTimer(id, at: timestamp)
        }
    }

    /// A copy of what is asked for; nil when there is nothing, or less than ABI 1.0 has.
    private static func ticket(_ order: UnsafePointer<td_order>?) -> td_order? {
        guard let order = unsafe order, unsafe order.pointee.struct_size >= UInt32(MemoryLayout<td_order>.size)
        else { return nil }
        return unsafe order.pointee
    }
}

extension RunnerState {
    /// What a strategy that is shown the past asks for: refused like any order of a warm-up, with an update that
    /// says so, but without a number and without a trace in the portfolio.
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

    /// The ticket as it is; one for an instrument of somebody else becomes one for no instrument, which the
    /// portfolio refuses, and says so.
    func wired(_ ticket: td_order) -> td_order {
        if wires(ticket.instrument) { return ticket }
        var ticket = ticket
        ticket.instrument = .max
        return ticket
    }
}
