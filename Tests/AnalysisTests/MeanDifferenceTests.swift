import Analysis
import Testing

/// A difference of means and what chance has to do with it; expected values are worked out by hand.
struct MeanDifferenceTests {
    /// SplitMix64, for draws.
    private static func dice(_ seed: UInt64) -> (Int) -> Int {
        var state = seed
        return { bound in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((mixed ^ (mixed >> 31)).multipliedFullWidth(by: UInt64(bound)).high)
        }
    }

    @Test func `the standard error counts covariances of neighbours`() throws {
        // Deviations -1.5 -0.5 0.5 1.5: g(0) = 5/4, g(1) = (0.75 - 0.25 + 0.75)/4 = 0.3125;
        // S = 1.25 + 2 (1/2) 0.3125 = 1.5625; sqrt(S / 4) = 0.625.
        #expect(MeanDifference.standardError([-1.5, -0.5, 0.5, 1.5], lag: 1) == 0.625)
        // Without neighbours: sqrt(1.25 / 4).
        #expect(MeanDifference.standardError([-1.5, -0.5, 0.5, 1.5], lag: 0) == 0.5590169943749475)
        let found = MeanDifference([1, 2, 3, 4], draw: { _ in 0 })
        #expect(found.lag == 1)
        #expect(found.tStatistic == 4)
        #expect(found.deviation == 1.2909944487358056)
    }

    @Test(arguments: [
        (4, 1, 2), (30, 3, 3), (100, 4, 5), (118, 4, 5), (252, 4, 6), (1_000, 6, 10), (1, 0, 1),
        (0, 0, 1),
    ])
    func `lag and block grow with the periods`(_ count: Int, _ lag: Int, _ block: Int) {
        #expect(MeanDifference.lag(count) == lag)
        #expect(MeanDifference.blockLength(count) == block)
    }

    @Test func `a draw is made of blocks of neighbours, round the end`() {
        var starts = [3, 0, 1, 1].makeIterator()
        // -1.5 -0.5 0.5 1.5, blocks of two: (1.5 -1.5) (-1.5 -0.5) has the mean -0.5; twice (-0.5
        // 0.5) has 0.
        let found = MeanDifference.distances(
            [-1.5, -0.5, 0.5, 1.5], blockLength: 2, draws: 2, draw: { _ in starts.next() ?? 0 })
        #expect(found == [0.5, 0])
    }

    @Test func `a last block is cut where the periods end`() {
        var starts = [0, 2].makeIterator()
        // -1 0 1 in blocks of two: (-1 0) and of (1 -1) only the 1.
        let found = MeanDifference.distances(
            [-1, 0, 1], blockLength: 2, draws: 1, draw: { _ in starts.next() ?? 0 })
        #expect(found == [0])
    }

    @Test func `few periods say nothing about chance`() {
        let found = MeanDifference(
            Array(repeating: [0.01, -0.005], count: 14).flatMap { $0 } + [0.01], draw: Self.dice(1))
        #expect(found.periods == 29)
        #expect(found.chance == nil && found.interval == nil)
        #expect(found.standardError != nil)
    }

    @Test func `a difference in every period is no chance, noise around nothing is`() throws {
        let dice = Self.dice(7)
        print("seed 7")
        let noise = (0..<240).map { _ in Double(dice(2_001) - 1_000) / 100_000 }
        let none = MeanDifference(noise.map { $0 - noise.reduce(0, +) / 240 + 0.0001 }, draw: dice)
        #expect(try #require(none.chance) > 0.5)
        #expect(try #require(none.interval).contains(0))
        let clear = MeanDifference(noise.map { $0 + 0.004 }, draw: dice)
        #expect(clear.chance == 0.0001, "not one of 9,999 draws")
        #expect(try #require(clear.interval).lowerBound > 0)
    }

    @Test func `periods that follow each other are worth less than as many that do not`() throws {
        print("seed 3")
        let dice = Self.dice(3)
        // Every value five times: the same values, a fifth of the knowledge.
        let values = (0..<60).map { _ in Double(dice(2_001) - 1_000) / 100_000 + 0.001 }
        let repeated = values.flatMap { Array(repeating: $0, count: 5) }
        let shuffled = (0..<300).map { repeated[$0 * 7 % 300] }
        let dependent = MeanDifference(repeated, draw: dice)
        let independent = MeanDifference(shuffled, draw: dice)
        #expect((dependent.mean - independent.mean).magnitude < 1e-12)
        #expect(
            try #require(dependent.standardError) > 1.5 * (try #require(independent.standardError)))
        #expect(try #require(dependent.chance) > (try #require(independent.chance)))
    }

    @Test func `the share of false alarms is what the level says`() {
        print("seed 11")
        let dice = Self.dice(11)
        // Series of first-order autoregression 0.3 with mean zero: at 10 %, about 10 of 100 should
        // be called real.
        var alarms = 0
        for _ in 0..<200 {
            var last = 0.0
            let series = (0..<120).map { _ -> Double in
                last = 0.3 * last + Double(dice(2_001) - 1_000) / 1_000
                return last
            }
            let found = MeanDifference(series, MeanDifference.Resampling(draws: 399), draw: dice)
            if let chance = found.chance, chance < 0.1 { alarms += 1 }
        }
        // Expected 20 to 30 (blocks of five do not hold all of the dependence); independent draws
        // would give about 40.
        #expect((8...36).contains(alarms), "\(alarms) of 200")
    }
}
