import CTapedeck
import Kernel
import Testing

@testable import StrategyHost

@Suite struct RunLengthTests {
    /// Most events in one call, and in one run of the lane.
    static let lengths = [(7, 1), (1, Int.max), (7, 64), (64, 7), (1024, 257), (1024, Int.max)]

    /// Everything that a strategy sees, asks and does.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func `results do not depend on how many events come at once`(
        seed: UInt64
    ) throws {
        let store = PluginStore(probe: nil)
        let image = try store.open(Fixture.module("trader.c"))
        let tape = try TestTape.random(600, seed: seed)
        var execution = ExecutionSettings()
        if seed % 2 == 1 { execution.fill = .instant }
        func outcome(slice: Int, run: Int) throws -> Outcome {
            let runner = try Stage.runner(
                image, ["seldom": seed < 2 ? "5" : "25"], instruments: [0, 2],
                timeFrames: [60, 300], seed: seed,
                execution: execution
            ) {
                $0.longestSlice = slice
                $0.warmUpBars = seed == 3 ? 30 : 0
            }
            return Stage.play(runner, tape, runLength: run)
        }
        let first = try outcome(slice: 1, run: 1)
        #expect(first.fault == nil, "seed \(seed)")
        #expect(!first.fills.isEmpty, "seed \(seed)")
        #expect(first.log.count == 1, "seed \(seed)")
        for (slice, run) in Self.lengths {
            #expect(
                try outcome(slice: slice, run: run) == first,
                "seed \(seed), slice \(slice), run \(run)")
        }
    }
}
