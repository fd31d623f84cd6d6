import CLinux
import Glibc
import Market

/// One process that tries one check, as the process that started it sees it.
struct CheckProcess {
    /// What the first arguments of such a process are.
    static let command = ["plugin", "trial"]

    let check: Check
    /// Which of the check's processes.
    let number: Int
    let identity: pid_t
    /// Where it reports to; closed when it has ended.
    let report: Int32
    let deadline: Double
    private(set) var bytes: [UInt8] = []
    private var status: Int32?

    /// The most that it may report.
    private static let longest = 1 << 18

    /// - Throws: why it could not be started, as an outcome.
    init(
        _ check: Check, number: Int, executable: String, descriptor: Int32, digest: SHA256.Digest,
        seed: UInt64,
        seconds: Double
    ) throws(CheckOutcome) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else {
            throw .skip("no pipe: \(systemError(errno))")
        }
        defer { close(ends[1]) }
        let base = max(ends[1], descriptor, 9) + 1
        let arguments =
            [executable] + Self.command + [
                "/proc/self/fd/\(base)", "\(base + 1)", check.id, "\(seed)", "\(number)",
                "\(digest)",
            ]
        let spawned = ChildProgram.spawn(
            arguments, Self.environment(number), copies: [(descriptor, base), (ends[1], base + 1)])
        guard let process = spawned.process else {
            close(ends[0])
            throw .skip("cannot start \(executable): \(systemError(spawned.error))")
        }
        self.check = check
        self.number = number
        identity = process
        report = ends[0]
        deadline = Self.now + seconds
        _ = fcntl(report, F_SETFL, O_NONBLOCK)
    }

    /// Each process of a check has another one: what depends on it shows.
    private static func environment(_ number: Int) -> [String] {
        let kinds = [
            ["TZ=UTC"], ["TZ=America/New_York", "LANG=C.UTF-8", "HOME=/", "USER=somebody"],
            [
                "TZ=Asia/Kolkata", "LC_ALL=POSIX", "PATH=/usr/bin",
                "A_LONG_ONE=" + String(repeating: "x", count: 3000),
            ],
        ]
        // Without its caches the allocator knows exactly what is in use.
        return ChildProgram.environment + ["GLIBC_TUNABLES=glibc.malloc.tcache_count=0"]
            + kinds[number % kinds.count]
    }

    static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Takes what it has written; true when it will write no more, or has had its time.
    mutating func advance() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < Self.longest {
            let count = unsafe read(report, &chunk, chunk.count)
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 {
                return true
            } else if errno != EINTR {
                break
            }
        }
        return bytes.count >= Self.longest || Self.now >= deadline
    }

    /// Ends it, with all that it started, and says what became of it.
    mutating func finish() -> (outcome: CheckOutcome, value: String?) {
        defer { close(report) }
        var status: Int32 = 0
        // It has closed its report, so it ends by itself; unless a thread of the module keeps it.
        let end = min(deadline, Self.now + 1)
        var result: pid_t = 0
        repeat {
            result = unsafe waitpid(identity, &status, WNOHANG)
            if result == 0 { Self.pause(milliseconds: 1) }
        } while (result == 0 && Self.now < end) || (result < 0 && errno == EINTR)
        let wasEnded = result == 0
        kill(-identity, SIGKILL)
        var used = rusage()
        if wasEnded { while unsafe wait4(identity, &status, 0, &used) < 0, errno == EINTR {} }
        let processor = Double(used.ru_utime.tv_sec) + Double(used.ru_utime.tv_usec) / 1e6
        return judge(wasEnded ? nil : status, isBusy: processor > Self.idleSeconds)
    }

    /// Waits for something to happen, with nothing to wait for.
    private static func pause(milliseconds: Int32) { _ = poll(nil, 0, milliseconds) }

    /// On a crowded machine the time runs out before the processor time that a check is allowed;
    /// who has used more than this has not slept.
    private static let idleSeconds = 0.5

    private func judge(_ status: Int32?, isBusy: Bool) -> (outcome: CheckOutcome, value: String?) {
        var place = "before it was opened"
        var overflowed = false
        var outcome: CheckOutcome?
        var value: String?
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap(
            CheckLine.init)
        {
            switch line {
            case .place(CheckLine.stack): overflowed = true
            case .place(let words): place = words
            case .value(let words): value = words
            case .outcome(let found): outcome = outcome ?? found
            }
        }
        let ending = status.map(ProbeChild.ending) ?? .tookTooLong
        if let outcome {
            // Whoever crashes after the last word has not passed.
            if outcome.verdict == .fail || ending == .exited(0) {
                return (placed(outcome, place), value)
            }
            return (.fail("it \(ending.words) \(place)"), value)
        }
        switch ending {
        case .tookTooLong where isBusy:
            return (.fail("it went on using processor time \(place) until it was ended"), value)
        case .tookTooLong: return (.fail("it took too long \(place)"), value)
        case .signalled(SIGXCPU), .signalled(SIGKILL):
            return (
                .fail(
                    "it used more than \(CheckAnswer.processorSeconds) s of processor time \(place)"
                ), value
            )
        case .signalled where overflowed: return (.fail("it overflowed its stack \(place)"), value)
        default: return (.fail("it \(ending.words) \(place)"), value)
        }
    }

    /// A fault in known memory says what was touched; here it is said where.
    private func placed(_ outcome: CheckOutcome, _ place: String) -> CheckOutcome {
        outcome.verdict == .fail
            && (outcome.words.hasPrefix("it wrote to") || outcome.words.hasPrefix("it went past"))
            ? .fail("\(outcome.words), \(place)") : outcome
    }
}
