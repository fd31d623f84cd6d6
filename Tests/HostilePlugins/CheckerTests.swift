import Foundation
import StrategyHost
import TestGround
import Testing

/// Every misdeed is found, and called by its name.
@Suite(.serialized) struct CheckerTests {
    /// `tapedeck`, in the folder of the tests' own program.
    static let program: String = {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: own).deletingLastPathComponent().appending(path: "tapedeck").path
    }()

    static func check(_ path: String, only: [String]? = nil) throws -> CheckReport {
        var check = PluginCheck()
        check.executable = program
        if let only { check.wanted = { only.contains($0.id) } }
        return try check.run(path)
    }

    @Test func `there are enough of them, each once`() {
        #expect(Misdeed.all.count >= 60)
        #expect(Set(Misdeed.all.map(\.name)).count == Misdeed.all.count)
    }

    @Test func `an honest strategy of the same source passes every check`() throws {
        let report = try Self.check(HostileModule.path("honest"))
        #expect(
            report.hasPassed, "\(report.failures.map { "\($0.check.id): \($0.outcome.words)" })")
        #expect(
            report.remarks.map(\.check.id).allSatisfy { $0 == "state.flipped" },
            "\(report.remarks.map(\.check.id))")
        #expect(
            report.unload == "clean" && report.deterministic == "yes" && report.needs == "nothing")
    }

    @Test(arguments: Misdeed.all.filter { !$0.check.isEmpty })
    func `the checker names it`(misdeed: Misdeed) throws {
        let report = try Self.check(HostileModule.path(misdeed.name), only: [misdeed.check])
        let outcome = try #require(report[misdeed.check])
        let found = report.results.map {
            "\($0.check.id) \($0.outcome.verdict): \($0.outcome.words)"
        }
        #expect(outcome.verdict == .fail, "\(found)")
        #expect(outcome.words.contains(misdeed.words), "\(found)")
        #expect(!report.hasPassed)
    }

    @Test func `who reads ahead gains by it in a worker, and not in a sealed one`() throws {
        let report = try Self.check(
            HostileModule.path("looks_ahead"),
            only: ["determinism.kernel", "determinism.worker", "determinism.sealed"])
        // The kernel's is what comes of one event at a time.
        #expect(report["determinism.worker"]?.words.contains("and determinism.kernel to") == true)
        #expect(report["determinism.sealed"]?.verdict == .pass)
    }

    @Test func `who forgets that a split changes prices is told so, and not refused`() throws {
        let scratch = ScratchFolder()
        let library = scratch.file("sma.so")
        let built = try run(
            Checkout.path("sdk/build"),
            [Checkout.path("Tests/Fixtures/plugins/sma.c"), "-o", library])
        try #require(built.status == 0, "\(built.error)")
        let report = try Self.check(library, only: ["contract.split"])
        let outcome = try #require(report["contract.split"])
        #expect(outcome.verdict == .remark, "\(outcome)")
        #expect(outcome.words.contains("over raw prices a"), "\(outcome)")
        #expect(report.hasPassed)
    }

    /// They only forge what a worker shares with its host, and find nothing of that here.
    @Test(arguments: Misdeed.all.filter(\.check.isEmpty))
    func `a forger of rings is honest where there is no ring`(misdeed: Misdeed) throws {
        let report = try Self.check(
            HostileModule.path(misdeed.name),
            only: ["contract.life", "contract.borrowed", "determinism.twice"])
        #expect(report.hasPassed)
    }
}
