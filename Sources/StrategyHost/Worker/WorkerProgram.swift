import CLinux
import CSandbox
import Glibc
import Market

/// The program that workers are: found beside this one.
package enum WorkerProgram {
    package static let name = "tapedeck-worker"

    /// Where it is; nil when it is not there.
    package static let path: String? = {
        candidates.first { unsafe access($0, X_OK) == 0 }
    }()

    private static var candidates: [String] {
        var folders: [String] = []
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
        if length > 0 {
            let file = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            folders.append(folder(of: file))
        }
        // Where this code is a library of another program, as in tests.
        let here: @convention(c) () -> Void = {}
        var found = unsafe linux_symbol()
        if unsafe linux_find_symbol(unsafeBitCast(here, to: UnsafeRawPointer.self), &found) != 0,
            let file = unsafe found.file
        {
            folders.append(folder(of: unsafe String(cString: file)))
        }
        return folders.map { "\($0)/\(name)" }
    }

    private static func folder(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return String(file[..<slash])
    }

    /// Starts a worker for a module. `descriptors` get the numbers from `WorkerPlan.descriptor` + 1 on, in order,
    /// after the module's.
    static func start(
        _ plan: WorkerPlan, _ descriptors: [Int32], limits: WorkerLimits, channel: WorkerChannel
    ) throws(WorkerFailure) -> WorkerChild {
        guard let path else { throw WorkerFailure("there is no \(name) beside this program") }
        let memory = try memory(of: plan)
        let process = try spawn(path, [memory.descriptor] + descriptors)
        let descriptor = sandbox_pidfd(process)
        guard descriptor >= 0 else {
            let number = errno
            kill(process, SIGKILL)
            _ = waitpid(process, nil, 0)
            throw WorkerFailure("cannot watch a worker", number)
        }
        return WorkerChild(
            process: process, descriptor: descriptor, memoryLimit: limits.memory, channel: channel)
    }

    private static func memory(of plan: WorkerPlan) throws(WorkerFailure) -> SharedMemory {
        let bytes: [UInt8]
        do {
            bytes = try PlainEncoding.bytes(plan)
        } catch {
            throw WorkerFailure("the plan cannot be written: \(error)")
        }
        let memory = try SharedMemory(size: bytes.count + 8, name: "tapedeck-plan", isClosedToWriters: true)
        unsafe memory.base.storeBytes(of: UInt64(bytes.count).littleEndian, as: UInt64.self)
        unsafe (memory.base + 8).copyMemory(from: bytes, byteCount: bytes.count)
        return memory
    }

    private static func spawn(_ path: String, _ descriptors: [Int32]) throws(WorkerFailure) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 0...2 as ClosedRange<Int32> {
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        // First to numbers that no source has, so that no copy runs over another.
        let high = (descriptors.max() ?? 0) + 1 + WorkerPlan.descriptor + Int32(descriptors.count)
        for (place, descriptor) in descriptors.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, high + Int32(place))
        }
        for place in descriptors.indices {
            unsafe posix_spawn_file_actions_adddup2(
                &actions, high + Int32(place), WorkerPlan.descriptor + Int32(place))
        }
        // In a group of its own: what a terminal sends to this program's group is not for its workers.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        var process: pid_t = 0
        // No environment at all, the search path of the Swift runtime excepted where there is one.
        let search = unsafe getenv("LD_LIBRARY_PATH").map { unsafe "LD_LIBRARY_PATH=" + String(cString: $0) }
        let result = unsafe withStrings([path]) { arguments in
            unsafe withStrings(["SWIFT_BACKTRACE=enable=no"] + (search.map { [$0] } ?? [])) { environment in
                unsafe posix_spawn(&process, path, &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else { throw WorkerFailure("cannot start \(path)", result) }
        return process
    }

    private static func withStrings<R>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        let copies = unsafe strings.map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        var list = unsafe copies + [nil]
        return unsafe list.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!) }
    }
}
