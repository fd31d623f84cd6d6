import CLinux
import Glibc

/// Starts a program for a plug-in's code: with nothing of the host's but what it is given.
enum ChildProgram {
    /// Almost nothing: a plug-in has no business with the host's environment. A crash needs no
    /// backtrace; the search path of the Swift runtime is handed on where there is one.
    static var environment: [String] {
        let path = unsafe getenv("LD_LIBRARY_PATH").map {
            unsafe "LD_LIBRARY_PATH=" + String(cString: $0)
        }
        return ["SWIFT_BACKTRACE=enable=no"] + (path.map { [$0] } ?? [])
    }

    /// Starts the program that `arguments` begins with.
    /// - Parameter copies: its descriptors, made in this order; 0 to 2 are /dev/null.
    /// - Returns: the process, or nil and the system's error.
    static func spawn(
        _ arguments: [String], _ environment: [String], copies: [(from: Int32, to: Int32)]
    ) -> (process: pid_t?, error: Int32) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 0...2 as ClosedRange<Int32> {
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        for copy in copies { unsafe posix_spawn_file_actions_adddup2(&actions, copy.from, copy.to) }
        // Others in this process may open files that a program inherits.
        let kept = copies.map(\.to)
        let most = max(2, kept.max() ?? 2)
        for descriptor in 3..<most + 1 where !kept.contains(descriptor) {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        unsafe linux_add_close_from(&actions, most + 1)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that what it starts ends with it, and what a terminal sends to the
        // host's is not for it.
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        var process: pid_t = 0
        let result = unsafe withStrings(arguments) { list in
            unsafe withStrings(environment) { variables in
                unsafe posix_spawn(&process, arguments[0], &actions, &attributes, list, variables)
            }
        }
        return (result == 0 ? process : nil, result)
    }

    private static func withStrings<R>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        let copies = unsafe strings.map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        // A list that ends with null, as exec wants it.
        var list = unsafe copies + [nil]
        return unsafe list.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!) }
    }
}
