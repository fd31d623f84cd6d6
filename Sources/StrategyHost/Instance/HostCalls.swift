import CTapedeck
import Glibc
import Synchronization

/// A call into a strategy that is under way in this process.
package struct HostCall: Hashable, Sendable {
    /// Of the instance, as long as it lives.
    package let instance: UInt
    /// The strategy's name in its configuration; empty where it has none.
    package let label: String
    /// Name and version of its module.
    package let module: String
    /// As the contract calls it.
    package let call: String
    let thread: UInt
    /// What changes while it gets on: events handled in this call, calls so far, place in the run.
    let progress: [UInt64]

    /// Nanoseconds that its thread has worked, since that began; nil when it is gone.
    package var processorTime: Int64? {
        var clock = clockid_t()
        var time = timespec()
        guard unsafe pthread_getcpuclockid(pthread_t(thread), &clock) == 0,
            unsafe clock_gettime(clock, &time) == 0
        else { return nil }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Every instance in this process, for whoever watches that calls into them come back. Nothing here
/// costs a call anything: what is looked at is kept anyway.
package enum HostCalls {
    @safe private struct Known: Sendable {
        nonisolated(unsafe) let context: UnsafeMutablePointer<HostContext>
        let label: String
        let module: String
    }

    private static let known = Mutex<[UInt: Known]>([:])

    /// Before its first call.
    static func add(
        _ context: UnsafeMutablePointer<HostContext>, label: String, module: String
    ) {
        let entry = unsafe Known(context: context, label: label, module: module)
        let address = UInt(bitPattern: context)
        known.withLock { $0[address] = entry }
    }

    /// After its last call, before its state goes.
    static func remove(_ context: UnsafeMutablePointer<HostContext>) {
        let address = UInt(bitPattern: context)
        _ = known.withLock { $0.removeValue(forKey: address) }
    }

    /// Those under way now. What is read of them may be a moment old.
    package static var present: [HostCall] {
        known.withLock { known in
            known.compactMap { address, entry in
                let thread = unsafe entry.context.pointee.thread.load(ordering: .relaxed)
                guard thread != 0, thread != HostContext.retired else { return nil }
                let consumed = unsafe entry.context.pointee.state?.pointee.consumed
                return unsafe HostCall(
                    instance: address, label: entry.label, module: entry.module,
                    call: entry.context.pointee.stage.word, thread: thread,
                    progress: consumed.map { unsafe [$0[0], $0[1], $0[2]] } ?? [])
            }
        }
    }
}

extension HostContext.Stage {
    fileprivate var word: String {
        switch self {
        case .outside: "a call"
        case .create: "create"
        case .start: "start"
        case .events: "on_events"
        case .setParameter: "set_parameter"
        case .save: "save"
        case .load: "load"
        case .stop: "stop"
        case .destroy: "destroy"
        }
    }
}
