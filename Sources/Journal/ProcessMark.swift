import Glibc

/// Which process writes a run, so that a run whose process is gone is not taken for one that goes
/// on.
struct ProcessMark: Hashable {
    var number: Int64
    /// When the process began, in ticks since the machine did: numbers are used again.
    var began: Int64
    /// Of which start of which machine.
    var boot: String

    /// Of this process; nil where the system does not tell.
    static var own: ProcessMark? {
        guard let began = beginning(of: Int64(getpid())), let boot = Self.presentBoot else {
            return nil
        }
        return ProcessMark(number: Int64(getpid()), began: began, boot: boot)
    }

    /// False when it has ended for certain: a process of another machine may go on.
    var mayGoOn: Bool {
        guard Self.presentBoot == boot else { return true }
        return Self.beginning(of: number) == began
    }

    private static var presentBoot: String? {
        text(of: "/proc/sys/kernel/random/boot_id").map { $0.filter { !$0.isWhitespace } }
    }

    /// The twenty-second field of the process's state; its name, the second, may hold anything but
    /// stands in brackets.
    private static func beginning(of process: Int64) -> Int64? {
        guard let state = text(of: "/proc/\(process)/stat"), let end = state.lastIndex(of: ")")
        else { return nil }
        let fields = state[state.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? Int64(fields[19]) : nil
    }

    private static func text(of path: String) -> String? {
        // The path is lent for the call.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        // The buffer is the array's own for the call.
        let count = unsafe read(file, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
