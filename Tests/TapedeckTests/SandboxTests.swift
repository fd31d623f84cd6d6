import Foundation
import Testing

/// A machine that lacks a layer of the sandbox: in a user namespace that may have no further ones,
/// a worker really cannot have namespaces of its own.
@Suite(.serialized) struct SandboxTests {
    let workshop = Workshop()

    private static let poor = [
        "unshare", "--user", "--map-root-user", "sh", "-c",
        "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\"", "sh",
    ]

    /// Whether such a machine can be made here: a user namespace, and a rule for what is inside it.
    static let canBePoor: Bool = {
        let probe = Self.poor + ["sh", "-c", "! unshare --user true 2>/dev/null"]
        return
            (try? Program(folder: URL(filePath: "/")).start(probe, program: "/usr/bin/env").end()
            .status) == 0
    }()

    private func tapedeck(_ arguments: String...) throws -> Program.Ending {
        try workshop.program.start(Self.poor + [Program.path] + arguments, program: "/usr/bin/env")
            .end()
    }

    private static let hold = "  - { name: hold, plugin: org.tapedeck.buy-and-hold, timeframe: 1m }"

    @Test(.enabled(if: canBePoor))
    func `a layer that policy demands and the machine lacks is refused at the start, and named`()
        throws
    {
        try workshop.configuration(Self.hold, top: "sandbox: { require: [landlock, namespaces] }")
        let ending = try tapedeck("backtest", "--no-journal")
        #expect(ending.status == 1 && ending.output == "", "\(ending)")
        #expect(
            ending.errors.contains(
                "strategy \"hold\": this machine lacks what sandbox.require demands of a worker: namespaces (No space left on device)"
            ),
            "\(ending)")
        let rich = try workshop.tapedeck("backtest", "--no-journal", "--quiet")
        #expect(rich.status == 0, "\(rich)")
    }

    @Test(.enabled(if: canBePoor))
    func `a layer that is missing is said in the report where nobody demands it`() throws {
        try workshop.configuration(Self.hold, top: "sandbox: { require: [landlock, system_calls] }")
        let ending = try tapedeck("backtest", "--no-journal")
        #expect(ending.status == 0, "\(ending)")
        #expect(
            ending.lines.contains(
                "walls    worker: all layers but namespaces (No space left on device)"), "\(ending)"
        )
        let doctor = try tapedeck("doctor")
        #expect(doctor.status == 2 && doctor.output.contains("no   namespaces"), "\(doctor)")
    }

    @Test func `what runs inside the host although nobody pinned it is said in the report`() throws
    {
        try workshop.configuration(Self.hold, top: "defaults: { isolation: host }")
        let ending = try workshop.tapedeck("backtest", "--no-journal")
        #expect(
            ending.lines.contains(
                "walls    host: none, the configuration says so; its hash is not pinned"),
            "\(ending)")
    }
}
