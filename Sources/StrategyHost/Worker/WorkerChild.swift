import CSandbox
import Glibc
import Synchronization

/// A worker as the host sees it: a process that was started, and how it ended.
package final class WorkerChild: Sendable {
    let process: pid_t
    /// Readable when the process has ended.
    let descriptor: Int32
    let memoryLimit: Int
    /// What the system tells of its memory; negative where it tells nothing.
    private let memoryFile: Int32
    /// Of its first instance; what it has once stands there.
    let board: WorkerChannel
    /// Nil for a worker of one instance.
    let tenants: WorkerTenants?
    private let end = Mutex<End>(End())

    private struct End {
        /// What the host ended it for, if it did.
        var reason: WorkerEnding?
        var status: Int32?
        /// Seen while it lived: what the system counts after its end begins with the memory of
        /// whoever started it.
        var mostMemory = 0
        /// Of a shared worker: whose seat it was that ended it, as far as is known.
        var culprit: UInt64?
        var culpritName: String?
    }

    init(
        process: pid_t, descriptor: Int32, memoryLimit: Int, channel: WorkerChannel,
        tenants: WorkerTenants?
    ) {
        self.process = process
        self.descriptor = descriptor
        self.memoryLimit = memoryLimit
        memoryFile = unsafe open("/proc/\(process)/statm", O_RDONLY | O_CLOEXEC)
        board = channel
        self.tenants = tenants
    }

    deinit {
        finish(.byOperator)
        close(descriptor)
        if memoryFile >= 0 { close(memoryFile) }
    }

    /// Whether the process is gone. Never waits.
    package var isOver: Bool { end.withLock { reap(&$0, waiting: false) } }

    /// Ends it, if it is not over yet, and waits until it is gone.
    /// - Parameter culprit: of a shared one: whose fault it is; nil for whose turn it was.
    func finish(_ reason: WorkerEnding, by culprit: UInt64? = nil) {
        end.withLock { end in
            guard !reap(&end, waiting: false) else { return }
            if end.reason == nil { end.reason = reason }
            end.culprit = culprit
            kill(process, SIGKILL)
            reap(&end, waiting: true)
        }
    }

    /// Why it is gone; only once it is.
    package var ending: WorkerEnding {
        end.withLock { end in
            if let reason = end.reason { return reason }
            let status = end.status ?? 0
            let signal = status & 0x7F
            let call = unsafe board.word32(WorkerChannel.Layout.refusedCall).latest
            if signal == 0, status >> 8 & 0xFF == 159 {
                let name = unsafe sandbox_call_name(Int32(truncatingIfNeeded: call))
                return .refusedCall(
                    name: unsafe name.map { unsafe String(cString: $0) } ?? "number \(call)")
            }
            if memoryLimit > 0, end.mostMemory >= memoryLimit / 10 * 9 {
                return .memory(limit: memoryLimit)
            }
            return signal == 0 ? .exited(status: status >> 8 & 0xFF) : .crashed(signal: signal)
        }
    }

    @discardableResult private func reap(_ end: inout End, waiting: Bool) -> Bool {
        guard end.status == nil else { return true }
        var status: Int32 = 0
        while true {
            let result = unsafe waitpid(process, &status, waiting ? 0 : WNOHANG)
            if result < 0, errno == EINTR { continue }
            if result == 0 { return false }
            end.status = result == process ? status : 0
            blame(&end)
            return true
        }
    }

    private func blame(_ end: inout End) {
        guard let tenants else { return }
        let culprit =
            unsafe end.culprit ?? board.word64(WorkerChannel.Layout.turn).latest
        end.culpritName = tenants.name(culprit)
        end.culprit = end.culpritName == nil ? nil : culprit
    }

    /// Why it is gone, for one who had a seat: of a shared one it may be another's fault. Memory is
    /// that of all of them.
    func ending(for tenancy: WorkerTenancy?) -> WorkerEnding {
        let ending = self.ending
        if case .memory = ending { return ending }
        let (culprit, name) = end.withLock { ($0.culprit, $0.culpritName) }
        guard let tenancy, let name, culprit != tenancy.number else { return ending }
        return .bySharer(name, ending)
    }

    /// The channel of whoever has his turn now; nil where that is not known.
    var busyChannel: WorkerChannel? {
        unsafe tenants?.channel(board.word64(WorkerChannel.Layout.turn).latest)
    }

    /// Processor time that it has used, in nanoseconds.
    var processorTime: Int64 {
        var time = timespec()
        // The clock of a process: its number, inverted and shifted, with the kind in the low bits.
        let clock = clockid_t((~process << 3) | 2)
        guard unsafe clock_gettime(clock, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Bytes of memory that it has now, which count for why it ends.
    func lookAtMemory() -> Int {
        let bytes = memory
        end.withLock { $0.mostMemory = max($0.mostMemory, bytes) }
        return bytes
    }

    private var memory: Int {
        var line = [UInt8](repeating: 0, count: 128)
        let count = unsafe pread(memoryFile, &line, line.count, 0)
        let fields = line.prefix(max(0, count)).split(separator: UInt8(ascii: " ")).map {
            Int(String(decoding: $0, as: UTF8.self))
        }
        // Pages that are in memory, without those that are shared: tapes and rings are the host's.
        guard fields.count > 2, let all = fields[1], let shared = fields[2] else { return 0 }
        return (all - shared) * 4096
    }
}

/// What a worker may use, beside what every worker has.
package struct WorkerLimits: Hashable, Sendable {
    /// Bytes.
    package var memory = 1 << 30
    /// Nanoseconds of processor time in one call.
    package var callTime: Int64 = 1_000_000_000
    package var mayHaveThreads = false
    /// One file that it may read.
    package var readableFile: String?
    /// Layers of the sandbox, as bits, without which it is not started.
    package var requiredLayers: UInt32 = 0

    package init() {}
}
