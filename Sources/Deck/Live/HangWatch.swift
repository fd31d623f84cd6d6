import CLinux
import Glibc
package import StrategyHost
import Synchronization

/// A call into a strategy in this process that does not come back.
package struct Hang: Hashable, Sendable, CustomStringConvertible {
    package let call: HostCall
    /// So far, since it last got on.
    package var seconds: Double
    /// Of them, in which it worked; the rest it slept.
    package var worked: Double

    package var name: String { call.label.isEmpty ? call.module : call.label }

    package var description: String {
        let spent = worked > seconds / 10 ? "it works without an end" : "it sleeps"
        return
            "hang: \(name) has not come back from \(call.call) for \(Int(seconds)) s (\(spent)); it runs inside "
            + "the host, where nothing can end it, and everything waits for it"
    }
}

/// Watches, on a thread of its own, that calls into strategies in this process come back. None of
/// them can be ended; but what hangs is named, and an operator can end the run.
package final class HangWatch: Sendable {
    /// What is done about it.
    package struct Answers: Sendable {
        /// A call hangs; once for each.
        package var begins: @Sendable (Hang) -> Void
        /// It has come back after all.
        package var ends: @Sendable (Hang) -> Void
        /// The run is to end, and cannot because of it.
        package var abandons: @Sendable (Hang) -> Void

        package init(
            begins: @escaping @Sendable (Hang) -> Void, ends: @escaping @Sendable (Hang) -> Void,
            abandons: @escaping @Sendable (Hang) -> Void
        ) {
            (self.begins, self.ends, self.abandons) = (begins, ends, abandons)
        }
    }

    private let limit: Int64
    private let name: String?
    private let stop: StopSwitch
    private let answers: Answers
    private let hang = Mutex<Hang?>(nil)
    private let isOver = Atomic(false)

    /// - Parameters:
    ///   - limit: nanoseconds of processor time in one call; of sleep five times as many and two
    ///     seconds, as for a worker.
    ///   - name: the one strategy that is watched; nil for all in this process.
    package init(
        limit: Int64 = WorkerLimits().callTime, of name: String? = nil, stop: StopSwitch,
        _ answers: Answers
    ) {
        self.limit = limit
        self.name = name
        self.stop = stop
        self.answers = answers
    }

    /// The one that hangs now.
    package var present: Hang? { hang.withLock { $0 } }

    package func start() { ControlServer.thread { [self] in watch() } }

    /// It ends soon.
    package func end() { isOver.store(true, ordering: .relaxed) }

    private struct Look {
        let call: HostCall
        let time: UInt64
        let processor: Int64
    }

    private func watch() {
        var looks: [UInt: Look] = [:]
        while !isOver.load(ordering: .relaxed) {
            pause()
            var next: [UInt: Look] = [:]
            var worst: Hang?
            for call in HostCalls.present {
                guard name == nil || call.label == name, let processor = call.processorTime
                else { continue }
                let now = Look(call: call, time: WallClock.nanoseconds, processor: processor)
                guard let since = looks[call.instance], since.call == call else {
                    next[call.instance] = now
                    continue
                }
                next[call.instance] = since
                guard let found = hang(since, now) else { continue }
                if found.seconds > worst?.seconds ?? 0 { worst = found }
            }
            looks = next
            note(worst)
        }
        note(nil)
    }

    private func hang(_ since: Look, _ now: Look) -> Hang? {
        let waited = Int64(now.time - since.time)
        let worked = now.processor - since.processor
        guard worked > limit || waited > 5 * limit + 2_000_000_000 else { return nil }
        return Hang(
            call: now.call, seconds: Double(waited) / 1e9, worked: Double(worked) / 1e9)
    }

    private func note(_ present: Hang?) {
        let before = hang.withLock { hang in
            defer { hang = present }
            return hang
        }
        if let before, before.call != present?.call { answers.ends(before) }
        guard let present else { return }
        if before?.call != present.call { answers.begins(present) }
        if stop.isSet { answers.abandons(present) }
    }

    private func pause() {
        var time = timespec(tv_sec: 0, tv_nsec: 50_000_000)
        _ = unsafe nanosleep(&time, nil)
    }
}
