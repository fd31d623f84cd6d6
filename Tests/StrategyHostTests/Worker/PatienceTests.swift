@testable import StrategyHost
import Testing

struct PatienceTests {
    @Test func `who looks in vain looks less, but never less than 8 times`() {
        var patience = Patience(most: 20_000)
        var looks: [Int] = []
        for _ in 0..<7 {
            looks.append(patience.begin())
            patience.gaveUp()
        }
        #expect(looks == [20_000, 5_000, 1_250, 312, 78, 19, 8])
    }

    @Test(arguments: [(1_000, 1_000), (20_000, 2_000)])
    func `one wait in 64 tries again with more looks, and what is found brings all back`(
        most: Int, trial: Int
    ) {
        var patience = Patience(most: most)
        for _ in 0..<10 { patience.gaveUp() }
        #expect((1...64).map { _ in patience.begin() } == Array(repeating: 8, count: 63) + [trial])
        patience.found(after: 0)
        #expect(patience.begin() == 8)
        patience.found(after: trial / 2)
        #expect(patience.begin() == trial)
        for _ in 0..<2 { patience.found(after: 5) }
        #expect(patience.begin() == most)
    }

    @Test func `who may not look at all sleeps at once`() {
        var patience = Patience(most: 0)
        patience.gaveUp()
        #expect(patience.begin() == 0)
    }
}
