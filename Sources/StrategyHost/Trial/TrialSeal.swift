import CLinux
import Glibc

/// The kernel's watch over this process while it tries a plug-in. Everything that touches the state behind it stands
/// in this file: the C functions have one state for each file that calls them.
enum TrialSeal {
    enum Mode: Int32 {
        /// Our own code: what is watched is done and not noted.
        case host
        /// The loader opens the module; what is no library its constructors open.
        case opening
        case plugin

        fileprivate var code: Int32 {
            switch self {
            case .host: Int32(LINUX_TRIAL_HOST)
            case .opening: Int32(LINUX_TRIAL_OPENING)
            case .plugin: Int32(LINUX_TRIAL_PLUGIN)
            }
        }
    }

    /// Ends what this process can do to others. For the rest of its life.
    /// - Returns: whether the system has such a watch.
    @inline(never) static func begin(report: Int32, key: UInt64) -> Bool {
        let size = 128 * 1024
        // Lives as long as the process.
        let stack = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        _ = unsafe linux_trial_watch_faults(report, stack, size)
        return linux_trial_seal(key) == 0
    }

    @inline(never) static func enter(_ mode: Mode) { linux_trial_enter(mode.code) }

    /// A line, written when somebody touches these addresses from now on.
    @inline(never) static func region(_ addresses: Range<UInt>, _ outcome: CheckOutcome) {
        let line = CheckLine.outcome(outcome).text + "\n"
        // Never freed: the handler may need it at any time.
        guard let text = unsafe strdup(line) else { return }
        _ = unsafe linux_trial_region_add(addresses.lowerBound, addresses.upperBound, text, strlen(text))
    }

    @inline(never) static func forgetRegions() { unsafe linux_trial_state().pointee.region_count = 0 }

    /// What was asked for where it must not be, by name, since the last time.
    @inline(never) static func takeAsked() -> [String] {
        defer { linux_trial_forget() }
        return (0..<512).filter { linux_trial_asked_word(Int32($0 / 64)) >> UInt64($0 % 64) & 1 == 1 }
            .map { SystemCallName.of($0) }
    }
}
