import CTapedeck
import Kernel
import Market
import Testing

@testable import StrategyHost

@Suite struct StateTests {
    static func runner(_ how: String = "nothing") throws -> StrategyRunner {
        let image = try PluginStore(probe: nil).open(Fixture.module("breaches.c", flags: ["-pthread"]))
        return try Stage.runner(image, ["how": how])
    }

    static func started(_ how: String = "nothing") throws -> StrategyRunner {
        let runner = try runner(how)
        runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        return runner
    }

    @Test func `a state says whose it is, and comes back as it went`() throws {
        let runner = try Self.started()
        runner.play(try TestTape.rising(5).run(0..<5))
        let state = try runner.save()
        #expect(state == StrategyState(
            plugin: "org.tapedeck.test.breaches", pluginVersion: "1.0.0", stateVersion: 1, parameters: "how=nothing",
            sequence: 5, bytes: Array("abcdefghijklmnop".utf8)))
        #expect(try StrategyState(decoding: state.encoded) == state)
        let other = try Self.runner()
        try other.load(state)
        other.start(.restored, nextSequence: 6, time: Timestamp(nanoseconds: TestTape.start))
        #expect(other.isRunning)
    }

    @Test func `a strategy that goes on from a saved state does what one without a break does`() throws {
        let image = try PluginStore(probe: nil).open(Fixture.module("trader.c"))
        let tape = try TestTape.random(400, seed: 3)
        func runner() throws -> StrategyRunner {
            try Stage.runner(image, ["seldom": "1000000"], instruments: [0, 1], timeFrames: [60], seed: 4)
        }
        let first = try runner()
        let second = try runner()
        first.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        first.play(tape.run(0..<200))
        let encoded = try first.save().encoded
        #expect(try first.save().encoded == encoded, "save changes nothing")
        try second.load(StrategyState(decoding: encoded))
        #expect(try second.placement.manifest.state?.reads == [1])
        second.start(.restored, nextSequence: 201, time: tape.run(199..<200).time)
        // Its start is part of what it has seen; so it is given to both.
        #expect(second.isRunning)
        first.play(tape.run(200..<400))
        #expect(try first.save().bytes.count == 32)
    }

    @Test(arguments: [
        ("saves_too_much", "save broke the contract: save wrote more than max_bytes of the manifest"),
        ("save_fails", "save failed with TD_E_INTERNAL: no pen"),
    ]) func `a save that fails stops its strategy`(how: String, text: String) throws {
        let runner = try Self.started(how)
        let fault = #expect(throws: StrategyFault.self) { try runner.save() }
        #expect(fault?.description == text)
        #expect(runner.standing.fault == fault)
    }

    @Test func `only a state of this plug-in, of a version that it reads, before its start, is loaded`() throws {
        var state = try Self.started().save()
        let started = try Self.started()
        #expect(throws: StrategyFault.self) { try started.load(state) }
        #expect(started.isRunning)
        let runner = try Self.runner()
        state.stateVersion = 9
        let version = #expect(throws: StrategyFault.self) { try runner.load(state) }
        #expect(version?.text == "the state has version 9; it reads 1")
        state.plugin = "org.example.other"
        let owner = #expect(throws: StrategyFault.self) { try runner.load(state) }
        #expect(owner?.text == "the state belongs to org.example.other, not to org.tapedeck.test.breaches")
        #expect(runner.standing == .created)
        state = try Self.started().save()
        state.bytes[3] = 0
        let damage = #expect(throws: StrategyFault.self) { try runner.load(state) }
        #expect(damage?.description == "load failed with TD_E_FORMAT: these are not my letters")
        #expect(runner.standing.fault == damage)
    }

    @Test func `bytes that are cut, longer or changed anywhere are no state`() throws {
        let encoded = try Self.started().save().encoded
        for length in 0..<encoded.count {
            #expect(throws: StrategyState.Damage.self) { try StrategyState(decoding: Array(encoded[..<length])) }
        }
        #expect(throws: StrategyState.Damage.self) { try StrategyState(decoding: encoded + [0]) }
        for place in encoded.indices {
            var changed = encoded
            changed[place] ^= 1 << UInt8(place % 8)
            #expect(throws: StrategyState.Damage.self) { try StrategyState(decoding: changed) }
        }
        var random = SeededBytes(seed: 11)
        let noise = Array(encoded[..<8]) + (0..<5000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        #expect(throws: StrategyState.Damage.self) { try StrategyState(decoding: noise) }
    }
}

extension EventRun {
    /// Of its last event.
    fileprivate var time: Timestamp { Timestamp(nanoseconds: events[count - 1].time) }
}
