import CTapedeck
import Glibc
import Kernel
import Market
import Synchronization

/// The one table of functions that every strategy is given. Each answers from what stands behind
/// its context, and only on the thread, and at the stage, that the contract allows.
enum HostTable {
    typealias Context = OpaquePointer?

    /// Made once, never changed, never freed.
    nonisolated(unsafe) static let pointer: UnsafePointer<td_host> = {
        let table = UnsafeMutablePointer<td_host>.allocate(capacity: 1)
        unsafe table.initialize(
            to: td_host(
                struct_size: UInt32(MemoryLayout<td_host>.size), abi_major: UInt16(TD_ABI_MAJOR),
                abi_minor: UInt16(TD_ABI_MINOR), now: now, random: random, submit: submit,
                replace: replace,
                cancel: cancel, set_timer: setTimer, position: position, account: account,
                instrument: instrument,
                history: history, signal: signal, plot: plot, log: log, extension: power))
        return unsafe UnsafePointer(table)
    }()

    static let ok = td_status(TD_OK)
    static let invalid = td_status(TD_E_INVALID)

    /// What a caller may use: its instance's state; or why it may not.
    @unsafe enum Access {
        case granted(UnsafeMutablePointer<RunnerState>, HostContext.Stage)
        case refused(td_status)
    }

    /// Checks the thread. The context is one that the host made, which stays until its image is
    /// gone.
    @inline(__always)
    static func access(_ context: Context) -> Access {
        guard let context = unsafe context else { return unsafe .refused(invalid) }
        let known = unsafe UnsafeMutablePointer<HostContext>(context)
        let thread = unsafe known.pointee.thread.load(ordering: .relaxed)
        guard thread == pthread_self() else {
            return unsafe .refused(
                td_status(thread == HostContext.retired ? TD_E_STALE : TD_E_THREAD))
        }
        // The thread inside a call is this one, so nobody else reads or writes what follows.
        guard let state = unsafe known.pointee.state else {
            return unsafe .refused(td_status(TD_E_STALE))
        }
        return unsafe .granted(state, known.pointee.stage)
    }

    /// The state, at a moment when the strategy may ask: at an event, which the portfolio is
    /// brought to; or at its start or stop.
    @inline(__always)
    static func asking(_ context: Context) -> Access {
        let access = unsafe access(context)
        guard case .granted(let state, let stage) = unsafe access else { return unsafe access }
        switch stage {
        case .events:
            guard unsafe state.pointee.presentEvent() != nil else {
                return unsafe .refused(td_status(TD_E_STATE))
            }
            unsafe state.pointee.commitMarks()
        case .start, .stop, .setParameter: break
        default: return unsafe .refused(td_status(TD_E_STATE))
        }
        return unsafe access
    }

    /// The state, at an event.
    @inline(__always)
    static func telling(_ context: Context) -> Access {
        let access = unsafe access(context)
        guard case .granted(let state, let stage) = unsafe access else { return unsafe access }
        guard stage == .events, unsafe state.pointee.presentEvent() != nil else {
            return unsafe .refused(td_status(TD_E_STATE))
        }
        return unsafe access
    }

    /// The state, at an event at which the strategy may still act, which the portfolio is brought
    /// to.
    @inline(__always)
    static func acting(_ context: Context) -> Access {
        let access = unsafe telling(context)
        guard case .granted(let state, _) = unsafe access else { return unsafe access }
        guard unsafe state.pointee.mayAct() else { return unsafe .refused(td_status(TD_E_LIMIT)) }
        unsafe state.pointee.commitMarks()
        return unsafe access
    }
}
