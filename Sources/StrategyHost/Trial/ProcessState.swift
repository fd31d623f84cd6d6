import CLinux
import Glibc

/// What the whole process shares and no plug-in may change: looked at before and after.
struct ProcessState: Hashable {
    var threads: Int
    var descriptors: [String]
    var handlers: [UInt]
    var signalMask: [UInt]
    var environment: [String]
    var locale: String
    var folder: String
    var mask: UInt32
    var limits: [UInt]
    /// How floating-point numbers are rounded, and what becomes of the smallest.
    var numbers: UInt32

    static var now: ProcessState {
        ProcessState(
            threads: ProcessThreads.count, descriptors: openDescriptors, handlers: signalHandlers,
            signalMask: blockedSignals, environment: variables,
            locale: unsafe setlocale(LC_ALL, nil).map { unsafe String(cString: $0) } ?? "",
            folder: unsafe getcwd(nil, 0).map { path in
                defer { unsafe free(path) }
                return unsafe String(cString: path)
            } ?? "",
            mask: creationMask, limits: resourceLimits, numbers: linux_float_modes())
    }

    /// Number and what it leads to.
    private static var openDescriptors: [String] {
        (0..<256 as Range<Int32>).filter { fcntl($0, F_GETFD) >= 0 }.map { number in
            var target = [CChar](repeating: 0, count: 256)
            let length = unsafe readlink("/proc/self/fd/\(number)", &target, 255)
            let name = target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
            return "\(number) (\(String(decoding: name, as: UTF8.self)))"
        }
    }

    private static var signalHandlers: [UInt] {
        (1...64 as ClosedRange<Int32>).map { signal in
            var action = Glibc.sigaction()
            guard unsafe sigaction(signal, nil, &action) == 0 else { return 0 }
            return unsafe unsafeBitCast(action.__sigaction_handler, to: UInt.self)
        }
    }

    private static var blockedSignals: [UInt] {
        var set = sigset_t()
        unsafe pthread_sigmask(SIG_SETMASK, nil, &set)
        return (1...64 as ClosedRange<Int32>).filter { unsafe sigismember(&set, $0) == 1 }.map {
            UInt($0)
        }
    }

    private static var variables: [String] {
        var list: [String] = []
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            unsafe list.append(String(cString: entry))
            unsafe next += 1
        }
        return list.sorted()
    }

    private static var creationMask: UInt32 {
        let mask = umask(0)
        _ = umask(mask)
        return UInt32(mask)
    }

    private static var resourceLimits: [UInt] {
        (0..<16 as Range<Int32>).map { resource in
            var limit = rlimit()
            return unsafe getrlimit(resource, &limit) == 0 ? UInt(limit.rlim_cur) : 0
        }
    }

    /// A part of it that a check looks at.
    enum Aspect: Hashable, CaseIterable {
        case threads, descriptors, handlers, environment, process, numbers
    }

    /// What of it is not as before, in words; empty when all is.
    func changes(since before: ProcessState) -> [(aspect: Aspect, words: String)] {
        var changes: [(Aspect, String)] = []
        if threads > before.threads {
            let more = threads - before.threads
            changes.append((.threads, "it left \(more) thread\(more == 1 ? "" : "s") running"))
        }
        let opened = descriptors.filter { !before.descriptors.contains($0) }
        if !opened.isEmpty {
            changes.append(
                (
                    .descriptors,
                    "it left \(opened.count) descriptors open: \(FileChecks.list(opened))"
                ))
        }
        let closed = before.descriptors.filter { !descriptors.contains($0) }
        if !closed.isEmpty {
            changes.append(
                (
                    .descriptors,
                    "it closed descriptors that are not its own: \(FileChecks.list(closed))"
                ))
        }
        let signals = handlers.indices.filter { handlers[$0] != before.handlers[$0] }.map {
            "\($0 + 1)"
        }
        if !signals.isEmpty {
            changes.append(
                (.handlers, "it changed what is done at signal \(FileChecks.list(signals))"))
        }
        if signalMask != before.signalMask {
            changes.append((.handlers, "it changed which signals are blocked"))
        }
        if environment != before.environment {
            changes.append((.environment, "it changed the environment"))
        }
        if locale != before.locale {
            changes.append(
                (.environment, "it changed the locale from \(before.locale) to \(locale)"))
        }
        if folder != before.folder { changes.append((.process, "it changed the working folder")) }
        if mask != before.mask { changes.append((.process, "it changed the umask")) }
        if limits != before.limits {
            changes.append((.process, "it changed the limits of the process"))
        }
        if numbers != before.numbers {
            changes.append((.numbers, "it changed how floating-point numbers are rounded"))
        }
        return changes
    }
}
