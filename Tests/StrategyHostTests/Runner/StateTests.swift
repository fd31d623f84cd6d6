import CTapedeck
import Glibc
import Kernel
import Market
import Testing

@testable import StrategyHost

@Suite struct StateTests {
    static func runner(_ how: String = "nothing") throws -> StrategyRunner {
        let image = try PluginStore(probe: nil).open(
            Fixture.module("breaches.c", flags: ["-pthread"]))
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
        #expect(
            state
                == StrategyState(
                    plugin: "org.tapedeck.test.breaches", pluginVersion: "1.0.0", stateVersion: 1,
                    parameters: "how=nothing",
                    sequence: 5, bytes: Array("abcdefghijklmnop".utf8)))
        #expect(try StrategyState(decoding: state.encoded) == state)
        let other = try Self.runner()
        try other.load(state)
        other.start(.restored, nextSequence: 6, time: Timestamp(nanoseconds: TestTape.start))
        #expect(other.isRunning)
    }

    @Test func `a strategy that goes on from a saved state orders what one without a break orders`()
        throws
    {
        let image = try PluginStore(probe: nil).open(Fixture.module("sma.c"))
        let tape = try TestTape.bars(
            (0..<400).map { (100 * (100 + 5 * sin(Double($0) / 7))).rounded() / 100 })
        func runner() throws -> StrategyRunner {
            try Stage.runner(image, ["fast": "3", "slow": "9"])
        }
        let first = try runner()
        first.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        // Up to a moment at which it holds nothing: its portfolio is not part of its state.
        var cut = 0
        while cut < 100 || first.portfolio.position(of: 0).quantity != 0 {
            first.play(tape.run(cut..<cut + 1))
            cut += 1
        }
        let encoded = try first.save().encoded
        #expect(try first.save().encoded == encoded, "save changes nothing")
        let second = try runner()
        try second.load(StrategyState(decoding: encoded))
        second.start(.restored, nextSequence: UInt64(cut) + 1, time: TestTape.time(minutes: cut))
        var records = Records()
        first.portfolio.takeRecords(into: &records)
        func orders(_ runner: StrategyRunner) -> [[Int64]] {
            runner.play(tape.run(cut..<400))
            runner.portfolio.takeRecords(into: &records)
            return records.fills.map {
                [Int64($0.sequence), $0.quantity.rawValue, $0.price.rawValue]
            }
        }
        let expected = orders(first)
        #expect(expected.count > 5)
        #expect(orders(second) == expected)
    }

    @Test(arguments: [
        (
            "saves_too_much",
            "save broke the contract: save wrote more than max_bytes of the manifest"
        ),
        ("save_fails", "save failed with TD_E_INTERNAL: no pen"),
    ]) func `a save that fails stops its strategy`(how: String, text: String) throws {
        let runner = try Self.started(how)
        let fault = #expect(throws: StrategyFault.self) { try runner.save() }
        #expect(fault?.description == text)
        #expect(runner.standing.fault == fault)
    }

    @Test
    func `only a state of this plug-in, of a version that it reads, before its start, is loaded`()
        throws
    {
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
        #expect(
            owner?.text
                == "the state belongs to org.example.other, not to org.tapedeck.test.breaches")
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
            #expect(throws: StrategyState.Damage.self) {
                try StrategyState(decoding: Array(encoded[..<length]))
            }
        }
        #expect(throws: StrategyState.Damage.self) { try StrategyState(decoding: encoded + [0]) }
        for place in encoded.indices {
            var changed = encoded
            changed[place] ^= 1 << UInt8(place % 8)
            #expect(throws: StrategyState.Damage.self) { try StrategyState(decoding: changed) }
        }
        var random = SeededBytes(seed: 11)
        let noise =
            Array(encoded[..<8]) + (0..<5000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        #expect(throws: StrategyState.Damage.self) { try StrategyState(decoding: noise) }
    }
}
