import Glibc

/// Looks, while the host waits for a worker, whether that still gets on with its work.
struct WorkerWatch {
    /// What changes whenever a worker does something.
    private struct Progress: Equatable {
        /// Of a worker that several share.
        var turns: UInt64 = 0
        var head: UInt64 = 0
        var consumed: UInt64 = 0
        var calls: UInt64 = 0
        var answered: UInt64 = 0
        var stage: UInt32 = 0
    }

    private var progress = Progress()
    /// When it last changed: the worker's processor time, and the time of day, in nanoseconds.
    private var processor: Int64 = -1
    private var since: Int64 = 0
    /// In the present wait.
    private var looks = 0
    /// Processor time of the present call, when it was looked at last.
    private var lastUsed: Int64 = 0
    private var nextLook: Int64 = 0
    private var nextLookAtMemory: Int64 = 0

    /// The wait, for one thing, begins.
    mutating func begin() {
        processor = -1
        looks = 0
    }

    /// Nanoseconds until it is worth to look again: shorter towards the end of a call's budget.
    func pause(_ limits: WorkerLimits) -> Int64 {
        max(Self.shortestPause, min(Self.longestPause, limits.callTime - lastUsed))
    }

    /// While nobody waits: whether another look is worth its cost; true once in a while.
    mutating func isDue() -> Bool {
        let now = Self.now
        guard now >= nextLook else { return false }
        nextLook = now + Self.longestPause
        return true
    }

    /// It may grow from one short wait to the next: it is looked at once a second at the least.
    var memoryIsDue: Bool { Self.now >= nextLookAtMemory }

    private static let shortestPause: Int64 = 50_000
    private static let longestPause: Int64 = 1_000_000
    private static let memoryPause: Int64 = 1_000_000_000

    /// Why the worker should be ended; nil while all is well. To be asked every few milliseconds.
    mutating func look(
        _ child: WorkerChild, _ channel: WorkerChannel, _ limits: WorkerLimits
    ) -> WorkerEnding? {
        looks += 1
        let now = Self.now
        // Each look at the memory reads a file.
        if looks % 4 == 0 || now >= nextLookAtMemory {
            nextLookAtMemory = now + Self.memoryPause
            if limits.memory > 0, child.lookAtMemory() > limits.memory {
                return .memory(limit: limits.memory)
            }
        }
        // Whoever has his turn is the one who can hold all others up.
        let channel = child.busyChannel ?? channel
        let used = child.processorTime
        let present = unsafe Progress(
            turns: child.board.word64(WorkerChannel.Layout.turns).value,
            head: channel.word64(WorkerChannel.Layout.head).value,
            consumed: channel.consumed.pointee,
            calls: channel.word64(WorkerChannel.Layout.calls).value,
            answered: channel.word64(WorkerChannel.Layout.answered).value,
            stage: channel.word32(WorkerChannel.Layout.stage).value)
        guard processor >= 0, present == progress else {
            (progress, processor, since) = (present, used, now)
            lastUsed = 0
            return nil
        }
        lastUsed = used - processor
        if used - processor > limits.callTime {
            return .hung(seconds: Double(used - processor) / 1e9)
        }
        // Whoever neither works nor ends sleeps: a call has nothing to wait for. A crowded machine
        // needs patience.
        let patience = 5 * limits.callTime + 2_000_000_000
        if now - since > patience, used - processor < limits.callTime / 2 {
            return .slept(seconds: Double(now - since) / 1e9)
        }
        return nil
    }

    static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
