import Foundation
import Testing

@testable import StrategyHost

@Suite struct ProbeTests {
    static func probe(_ path: String, secondsAllowed: Double = 20) throws -> ProbeReport {
        let contents = try FileContents.read(path)
        let sealed = try SealedFile(bytes: contents.bytes, name: "tapedeck-test", file: path)
        var probe = Program.probe
        probe.secondsAllowed = secondsAllowed
        return try probe.run(sealed, file: path)
    }

    @Test func `a good module is made, destroyed and gone`() throws {
        #expect(
            try Self.probe(Fixture.module("refused.c"))
                == ProbeReport(creation: .made, reasonToStay: nil))
    }

    @Test(arguments: [
        (
            "CONSTRUCTOR_EXITS",
            "ended its process with status 0 while it was being opened: one of its constructors did that"
        ),
        (
            "CONSTRUCTOR_ABORTS",
            "crashed with signal 6 (Aborted) while it was being opened: one of its constructors did that"
        ),
        (
            "CONSTRUCTOR_CRASHES",
            "crashed with signal 11 (Segmentation fault) while it was being opened: one of its constructors did that"
        ),
        ("CREATE_CRASHES", "crashed with signal 11 (Segmentation fault) in create"),
    ]) func `a module that dies in its trial is refused, and the host lives`(
        define: String, text: String
    ) throws {
        let path = try Fixture.module("refused.c", [define])
        let error = #expect(throws: PluginRefusal.self) {
            try PluginStore(probe: Program.probe).open(path)
        }
        #expect(error?.cause == .died)
        #expect(
            error?.description
                == "\(path): \(text) - its code ran in a process of its own; the host is untouched")
    }

    @Test(arguments: [
        ("refused.c", "CONSTRUCTOR_LOOPS", "while it was being opened"),
        ("leaves.c", "SLOW", "in create"),
    ]) func `a module that never answers is ended and refused`(
        source: String, define: String, place: String
    ) throws {
        let path = try Fixture.module(source, [define])
        let error = #expect(throws: PluginRefusal.self) { try Self.probe(path, secondsAllowed: 1) }
        #expect(error?.cause == .tookTooLong)
        #expect(error?.what == "did not answer within 1.0 s, \(place)")
    }

    @Test(arguments: [
        ("CREATE_FAILS", "create failed with TD_E_INVALID: no model for this instrument"),
        ("CREATE_LEAVES_NULL", "create broke the contract: it returned OK but gave no instance"),
    ]) func `a create that fails says why`(define: String, text: String) throws {
        let report = try Self.probe(Fixture.module("refused.c", [define]))
        #expect(report.creation == .failed(text))
        #expect(report.reasonToStay == nil)
    }

    @Test(arguments: [
        ("THREAD", "it left 1 threads running"),
        ("HANDLER", "it left a handler for signal \(SIGURG)"),
        (
            "THREAD_KEY",
            "a trial crashed with signal 11 (Segmentation fault) after it had been closed, "
                + "when the thread that used it ended"
        ),
    ]) func `trap 42: what a trial leaves behind keeps the image in the host`(
        define: String, reason: String
    ) throws {
        let path = try Fixture.module("leaves.c", [define])
        #expect(try Self.probe(path).reasonToStay == reason)
        guard define == "THREAD_KEY" else { return }
        let store = PluginStore(probe: Program.probe)
        let image = try store.open(path)
        #expect(store.close(image).outcome == .pinned([reason]))
    }

    @Test func `what is wrong with a table is found in the trial`() throws {
        let path = try Fixture.module("refused.c", ["ENTRY_NULL"])
        let error = #expect(throws: PluginRefusal.self) {
            try PluginStore(probe: Program.probe).open(path)
        }
        #expect(error?.description == "\(path): tapedeck_plugin_v1 answers with null")
        #expect(error?.cause == .table)
    }

    @Test func `a program that cannot be started is told`() throws {
        let store = PluginStore(probe: ProbeProcess(executable: "/nowhere/tapedeck"))
        let error = #expect(throws: PluginRefusal.self) {
            try store.open(Fixture.module("refused.c"))
        }
        #expect(
            error?.what == "cannot start /nowhere/tapedeck to try it: No such file or directory")
        let other = PluginStore(probe: ProbeProcess(executable: "/bin/false"))
        let failure = #expect(throws: PluginRefusal.self) {
            try other.open(Fixture.module("refused.c"))
        }
        #expect(failure?.what == "could not be tried: /bin/false ended with status 1")
    }

    @Test(arguments: [
        ProbeLine.stage(.creating), .created, .createFailed("a\nb \\n c"), .notCreated(""),
        .refused(.table, "two words"), .stays("x; y"),
    ]) func `a report's lines are read as they were written`(line: ProbeLine) {
        #expect(ProbeLine(line.text[...]) == line)
        #expect(!line.text.contains("\n"))
    }

    @Test(arguments: ["", "stage", "stage nowhere", "refused", "refused oops x", "what ever"])
    func `what no probe writes is not read`(line: String) { #expect(ProbeLine(line[...]) == nil) }
}
