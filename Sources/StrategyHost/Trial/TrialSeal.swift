import CTrial
import Glibc

/// The kernel's watch over this process while it tries a plug-in.
enum TrialSeal {
    enum Mode: Int32 {
        /// Our own code: what is watched is done and not noted.
        case host
        /// The loader opens the module; what is no library its constructors open.
        case opening
        case plugin

        fileprivate var code: Int32 {
            switch self {
            case .host: Int32(TRIAL_HOST)
            case .opening: Int32(TRIAL_OPENING)
            case .plugin: Int32(TRIAL_PLUGIN)
            }
        }
    }

    /// Ends what this process can do to others. For the rest of its life.
    /// - Returns: whether the system has such a watch.
    static func begin(report: Int32, key: UInt64) -> Bool {
        let size = 128 * 1024
        // Lives as long as the process.
        let stack = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        _ = unsafe trial_watch_faults(report, stack, size)
        return trial_seal(key) == 0
    }

    static func enter(_ mode: Mode) { trial_enter(mode.code) }

    /// A line, written when somebody touches these addresses from now on.
    static func region(_ addresses: Range<UInt>, _ outcome: CheckOutcome) {
        let line = CheckLine.outcome(outcome).text + "\n"
        // Never freed: the handler may need it at any time.
        guard let text = unsafe strdup(line) else { return }
        _ = unsafe trial_region(addresses.lowerBound, addresses.upperBound, text, strlen(text))
    }

    static func forgetRegions() { trial_forget_regions() }

    /// What was asked for where it must not be, by name, since the last time.
    static func takeAsked() -> [String] {
        defer { trial_forget_asked() }
        return (0..<512).filter { trial_asked(Int32($0 / 64)) >> UInt64($0 % 64) & 1 == 1 }
            .map { SystemCallName.of($0) }
    }
}
