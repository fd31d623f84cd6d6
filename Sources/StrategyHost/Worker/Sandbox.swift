import CSandbox

/// The walls round a worker, layer by layer.
package enum SandboxLayer: String, Hashable, Sendable, CaseIterable, Codable {
    case limits, namespaces
    case noNewPrivileges = "no_new_privileges"
    case landlock
    case systemCalls = "system_calls"
    case noWritableCode = "no_writable_code"
    case notDumpable = "not_dumpable"

    /// Its bit in a report.
    package var bit: UInt32 {
        switch self {
        case .limits: UInt32(SANDBOX_RLIMITS)
        case .namespaces: UInt32(SANDBOX_NAMESPACES)
        case .noNewPrivileges: UInt32(SANDBOX_NO_NEW_PRIVILEGES)
        case .landlock: UInt32(SANDBOX_LANDLOCK)
        case .systemCalls: UInt32(SANDBOX_SECCOMP)
        case .noWritableCode: UInt32(SANDBOX_MEMORY_DENY_WRITE_EXECUTE)
        case .notDumpable: UInt32(SANDBOX_NOT_DUMPABLE)
        }
    }

    /// What it stops, for people.
    package var purpose: String {
        switch self {
        case .limits: "limits of memory, files, processes and locked memory"
        case .namespaces:
            "no network, no other processes' messages, no mounts: namespaces of its own"
        case .noNewPrivileges: "no program can give it more rights"
        case .landlock: "no file can be opened, but what it is granted"
        case .systemCalls: "only the system calls of a running strategy (a seccomp filter)"
        case .noWritableCode: "memory that was written is never run (MDWE)"
        case .notDumpable: "its memory is no other process's business; no core files"
        }
    }

    /// The layers among bits, in the order of their declaration.
    package static func layers(_ bits: UInt32) -> [SandboxLayer] {
        allCases.filter { bits & $0.bit != 0 }
    }
}

/// What the walls of this machine's workers are made of.
package struct SandboxReport: Hashable, Sendable {
    package struct Wall: Hashable, Sendable {
        package var layer: SandboxLayer
        package var isInForce: Bool
        /// Why it is not; nil where it is.
        package var reason: String?
    }
    package var walls: [Wall]
    /// Zero where the kernel has none.
    package var landlockABI: Int

    /// Finds out in a throw-away process.
    package static func probe() -> SandboxReport {
        var report = sandbox_report()
        unsafe sandbox_probe(&report)
        let errors = unsafe withUnsafeBytes(of: report.errors) {
            unsafe Array($0.bindMemory(to: Int32.self))
        }
        let walls = SandboxLayer.allCases.map { layer in
            let isInForce = report.in_force & layer.bit != 0
            let number = errors[layer.bit.trailingZeroBitCount]
            return Wall(
                layer: layer, isInForce: isInForce,
                reason: isInForce
                    ? nil : number == 0 ? "it could not be tried" : systemError(number))
        }
        return SandboxReport(walls: walls, landlockABI: Int(report.landlock_abi))
    }
}
