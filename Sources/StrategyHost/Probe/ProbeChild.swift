import CLinux
import Glibc

/// A probing process that was started: read from until it ends, or ended.
struct ProbeChild {
    enum Ending: Hashable {
        case exited(Int32)
        case signalled(Int32)
        case tookTooLong

        /// `crashed with signal 11 (Segmentation fault)`.
        var words: String {
            switch self {
            case .exited(let status): "ended its process with status \(status)"
            case .signalled(let signal):
                "crashed with signal \(signal) (\(unsafe String(cString: strsignal(signal))))"
            case .tookTooLong: "took too long"
            }
        }
    }

    /// The most that a probe may report.
    static let longestReport = 1 << 20

    let process: pid_t

    /// Reads its report to the end and waits for it; ends it, and all that it started, at the
    /// deadline.
    func follow(report: Int32, seconds: Double) -> (text: String, ending: Ending) {
        let deadline = Self.now + seconds
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < Self.longestReport, Self.wait(for: report, until: deadline) {
            let count = unsafe read(report, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        let ending = reap(until: deadline)
        // Whatever it started is in its group.
        kill(-process, SIGKILL)
        return (String(decoding: bytes, as: UTF8.self), ending)
    }

    private func reap(until deadline: Double) -> Ending {
        // Most have ended with their report; one that lives on is waited for by its descriptor.
        let descriptor = linux_open_process(process)
        defer { if descriptor >= 0 { close(descriptor) } }
        let hasEnded = descriptor >= 0 && Self.wait(for: descriptor, until: deadline)
        if !hasEnded { kill(-process, SIGKILL) }
        var status: Int32 = 0
        while true {
            let result = unsafe waitpid(process, &status, 0)
            if result == process { return hasEnded ? Self.ending(status) : .tookTooLong }
            if errno != EINTR { return .exited(-1) }
        }
    }

    /// The kernel's encoding: the low seven bits are a signal, the next byte the exit status.
    static func ending(_ status: Int32) -> Ending {
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
    }

    private static func wait(for descriptor: Int32, until deadline: Double) -> Bool {
        while true {
            let left = deadline - now
            guard left > 0 else { return false }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let result = unsafe poll(&entry, 1, Int32(min(left * 1000 + 1, 60_000)))
            if result > 0 { return true }
            if result < 0, errno != EINTR { return false }
        }
    }

    private static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
