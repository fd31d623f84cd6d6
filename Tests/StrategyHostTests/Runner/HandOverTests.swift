import CTapedeck
import Kernel
import Market
import Testing

@testable import StrategyHost

/// A strategy is replaced between two events: nothing is lost, repeated or reordered, and what
/// fails changes nothing.
@Suite struct HandOverTests {
    static let length = 2_000

    /// From a store of its own: what other tests do with the same file is not seen.
    static func image(_ defines: String...) throws -> PluginImage {
        try PluginStore(probe: nil).open(Fixture.module("recorder.c", defines))
    }

    static func runner(
        _ image: PluginImage, _ parameters: [String: String] = [:]
    ) throws -> StrategyRunner {
        let runner = try Stage.runner(image, parameters)
        runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        return runner
    }

    /// What a run came to: its portfolio's digest, and the words that the strategy said last.
    struct Ending: Equatable {
        var digest: String
        var words: String
        var fault: String?
    }

    static func end(_ runner: StrategyRunner) -> Ending {
        runner.portfolio.finish()
        runner.stop(.end)
        var output = StrategyOutput()
        runner.takeOutput(into: &output)
        return Ending(
            digest: runner.portfolio.digest.text, words: output.log.lines.last?.text ?? "",
            fault: runner.standing.fault?.description)
    }

    static func successor(
        _ image: PluginImage, _ runner: StrategyRunner, probation: Int = 100, past: [Event] = []
    ) -> Successor {
        var settings = runner.settings
        settings.warmUpBars = image.manifest.warmUpBars(settings.setup.parameters)
        settings.historyBars = image.manifest.historyBars(settings.setup.parameters)
        return Successor(
            placement: .host(image), settings: settings, past: past, probationEvents: probation)
    }

    /// Plays in runs of `runLength`, and does `act` before each of them.
    static func play(
        _ runner: StrategyRunner, _ tape: TestTape, runLength: Int = 50, act: (Int) throws -> Void
    ) rethrows -> Ending {
        var output = StrategyOutput()
        for index in stride(from: 0, to: tape.count, by: runLength) {
            try act(index)
            runner.takeOutput(into: &output)
            runner.play(tape.run(index..<min(tape.count, index + runLength)))
        }
        return end(runner)
    }

    @Test(arguments: [1, 7, 50])
    func `many hand-overs leave orders, fills and every event as they are without`(
        _ runLength: Int
    ) throws {
        let tape = try TestTape.rising(Self.length)
        let (old, new) = (try Self.image(), try Self.image("VERSION=\"2.0.0\""))
        let first = try Self.runner(old)
        let expected = Self.play(first, tape) { _ in }
        #expect(expected.words.hasPrefix("stopped count 2000 last 2000 hash "))
        let runner = try Self.runner(old)
        var swaps = 0
        let ending = try Self.play(runner, tape, runLength: runLength) { index in
            guard index > 0 else { return }
            runner.endProbation()
            let next = runner.placement.digest == old.digest ? new : old
            let inheritance = try runner.handOver(
                to: Self.successor(next, runner), time: TestTape.time(minutes: index))
            #expect(inheritance == .state(bytes: 24))
            swaps += 1
        }
        #expect(ending == expected)
        #expect(swaps == (Self.length - 1) / runLength)
        first.destroy()
        runner.destroy()
        #expect(old.instances == 0 && new.instances == 0, "nothing is left of any generation")
    }

    @Test(arguments: [
        ("FAILS=1", HandOverFailure.Stage.create, "create failed with TD_E_INTERNAL: no hands"),
        ("FAILS=2", .load, "load failed with TD_E_FORMAT: no eyes"),
        ("FAILS=3", .start, "start failed with TD_E_INTERNAL: no legs"),
    ]) func `a successor that fails leaves no trace`(
        _ how: String, _ stage: HandOverFailure.Stage, _ words: String
    ) throws {
        let tape = try TestTape.rising(Self.length)
        let (old, bad) = (try Self.image(), try Self.image("VERSION=\"3.0.0\"", how))
        let first = try Self.runner(old)
        let expected = Self.play(first, tape) { _ in }
        let runner = try Self.runner(old)
        let ending = Self.play(runner, tape) { index in
            let failure = #expect(throws: HandOverFailure.self) {
                try runner.handOver(
                    to: Self.successor(bad, runner), time: TestTape.time(minutes: index))
            }
            #expect(failure == HandOverFailure(stage: stage, reason: words))
            #expect(
                runner.placement.digest == old.digest && runner.isRunning && runner.probation == nil
            )
        }
        #expect(ending == expected)
        #expect(bad.instances == 0)
    }

    @Test func `a strategy that cannot save goes on`() throws {
        let tape = try TestTape.rising(200)
        let old = try Self.image("FAILS=5")
        let runner = try Self.runner(old)
        let new = try Self.image()
        runner.play(tape.run(0..<100))
        let failure = #expect(throws: HandOverFailure.self) {
            try runner.handOver(to: Self.successor(new, runner), time: TestTape.time(minutes: 100))
        }
        #expect(
            failure
                == HandOverFailure(stage: .save, reason: "save failed with TD_E_INTERNAL: no pen"))
        runner.play(tape.run(100..<200))
        #expect(Self.end(runner).words.hasPrefix("stopped count 200 last 200 "))
    }

    @Test(arguments: [1, 13, 100])
    func `a fault within the probation brings the one before back, which misses nothing`(
        _ runLength: Int
    ) throws {
        let tape = try TestTape.rising(400)
        let (old, bad) = (
            try Self.image(), try Self.image("VERSION=\"3.0.0\"", "FAILS=4", "AFTER=73")
        )
        let runner = try Self.runner(old)
        runner.play(tape.run(0..<100))
        _ = try runner.handOver(to: Self.successor(bad, runner), time: TestTape.time(minutes: 100))
        #expect(runner.probation?.since == 100)
        var index = 100
        while index < 400 {
            runner.play(tape.run(index..<min(400, index + runLength)))
            index += runLength
        }
        let rollBack = try #require(runner.takeRollBack())
        #expect(
            rollBack.fault?.description
                == "on_events failed at event 173 with TD_E_INTERNAL: no luck")
        #expect(rollBack.events == 73 && rollBack.sequence == 173)
        #expect(runner.probation == nil && runner.placement.digest == old.digest)
        let ending = Self.end(runner)
        #expect(
            ending.words.hasPrefix("stopped count 400 last 400 ")
                && ending.words.hasSuffix(" muted 73"))
        #expect(ending.fault == nil)
        #expect(bad.instances == 0)
    }

    @Test func `a fault after the probation stops the strategy, as ever`() throws {
        let tape = try TestTape.rising(400)
        let (old, bad) = (
            try Self.image(), try Self.image("VERSION=\"3.0.0\"", "FAILS=4", "AFTER=73")
        )
        let runner = try Self.runner(old)
        runner.play(tape.run(0..<100))
        _ = try runner.handOver(
            to: Self.successor(bad, runner, probation: 73), time: TestTape.time(minutes: 100))
        runner.play(tape.run(100..<400))
        #expect(runner.takeRollBack() == nil)
        #expect(runner.standing.fault?.text == "no luck")
        #expect(throws: HandOverFailure.self) { try runner.rollBack() }
    }

    @Test func `an operator takes a successor back`() throws {
        let tape = try TestTape.rising(300)
        let (old, new) = (try Self.image(), try Self.image("VERSION=\"2.0.0\""))
        let runner = try Self.runner(old)
        runner.play(tape.run(0..<100))
        _ = try runner.handOver(
            to: Self.successor(new, runner, probation: 1_000), time: TestTape.time(minutes: 100))
        runner.play(tape.run(100..<200))
        let done = try runner.rollBack()
        #expect(done.fault == nil && done.events == 100 && done.sequence == 200)
        runner.play(tape.run(200..<300))
        #expect(Self.end(runner).words.hasPrefix("stopped count 300 last 300 "))
    }

    @Test func `one without state is shown the past, at which it cannot trade`() throws {
        let tape = try TestTape.rising(300)
        let old = try Self.image("STATELESS")
        let new = try Self.image("STATELESS", "VERSION=\"2.0.0\"")
        let runner = try Self.runner(old, ["every": "7"])
        runner.play(tape.run(0..<100))
        var records = Records()
        runner.portfolio.takeRecords(into: &records)
        let past = (60..<100).map { tape.events[$0] }
        let inheritance = try runner.handOver(
            to: Self.successor(new, runner, past: past), time: TestTape.time(minutes: 100))
        #expect(inheritance == .past(events: 40))
        runner.portfolio.takeRecords(into: &records)
        #expect(records.orders.isEmpty, "nothing of it comes into the portfolio")
        runner.play(tape.run(100..<300))
        runner.portfolio.takeRecords(into: &records)
        // Its count began with the past: 42, 49 ... of it are events 102, 109 ...
        #expect(records.orders.first?.sequence == 102)
        #expect(Self.end(runner).words.hasPrefix("stopped count 240 last 300 "))
    }

    @Test func `a stopped strategy is revived by a better one`() throws {
        let tape = try TestTape.rising(300)
        let runner = try Self.runner(try Self.image("FAILS=4"))
        runner.play(tape.run(0..<100))
        #expect(runner.standing.fault != nil)
        let inheritance = try runner.handOver(
            to: Self.successor(try Self.image(), runner), time: TestTape.time(minutes: 100))
        #expect(inheritance == .nothing)
        #expect(runner.probation == nil, "there is nobody to go back to")
        runner.play(tape.run(100..<300))
        #expect(Self.end(runner).words.hasPrefix("stopped count 200 last 300 "))
    }

    @Test func `parameters that were changed live are those of the successor`() throws {
        let tape = try TestTape.rising(200)
        let (old, new) = (try Self.image(), try Self.image("VERSION=\"2.0.0\""))
        let runner = try Self.runner(old)
        runner.play(tape.run(0..<99))
        try runner.setParameter("every", text: "10")
        _ = try runner.handOver(to: Self.successor(new, runner), time: TestTape.time(minutes: 99))
        var records = Records()
        runner.portfolio.takeRecords(into: &records)
        runner.play(tape.run(99..<200))
        runner.portfolio.takeRecords(into: &records)
        #expect(records.fills.map(\.sequence).prefix(3) == [101, 111, 121])
    }
}
