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
            let file = String(
                decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
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

    /// Starts a worker for a module. `descriptors` get the numbers from `WorkerPlan.descriptor` + 1
    /// on, in order, after the module's.
    static func start(
        _ plan: WorkerPlan, _ descriptors: [Int32], limits: WorkerLimits, channel: WorkerChannel,
        tenants: WorkerTenants?
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
            process: process, descriptor: descriptor, memoryLimit: limits.memory, channel: channel,
            tenants: tenants)
    }

    /// What a worker is told, for it to read.
    static func memory(of plan: some Encodable) throws(WorkerFailure) -> SharedMemory {
        let bytes: [UInt8]
        do {
            bytes = try PlainEncoding.bytes(plan)
        } catch {
            throw WorkerFailure("the plan cannot be written: \(error)")
        }
        let memory = try SharedMemory(
            size: bytes.count + 8, name: "tapedeck-plan", isClosedToWriters: true)
        unsafe memory.base.storeBytes(of: UInt64(bytes.count).littleEndian, as: UInt64.self)
        unsafe (memory.base + 8).copyMemory(from: bytes, byteCount: bytes.count)
        return memory
    }

    private static func spawn(_ path: String, _ descriptors: [Int32]) throws(WorkerFailure) -> pid_t
    {
        // First to numbers that no source has, so that no copy runs over another.
        let high = (descriptors.max() ?? 0) + 1 + WorkerPlan.descriptor + Int32(descriptors.count)
        let away = descriptors.enumerated().map { (from: $1, to: high + Int32($0)) }
        let back = descriptors.indices.map {
            (from: high + Int32($0), to: WorkerPlan.descriptor + Int32($0))
        }
        let started = LastingThread.perform {
            ChildProgram.spawn([path], ChildProgram.environment, copies: away + back)
        }
        guard let process = started.process else {
            throw WorkerFailure("cannot start \(path)", started.error)
        }
        return process
    }
}
