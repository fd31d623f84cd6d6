@testable import StrategyHost
import Testing

struct PatienceTests {
    @Test func `who looks in vain looks less, but never less than 64 times`() {
        var patience = Patience(most: 20_000)
        var looks: [Int] = []
        for _ in 0..<6 {
            looks.append(patience.begin())
            patience.gaveUp()
        }
        #expect(looks == [20_000, 5_000, 1_250, 312, 78, 64])
    }

    @Test func `one wait in 64 tries again with all looks, and what is found brings them back`() {
        var patience = Patience(most: 1_000)
        for _ in 0..<10 { patience.gaveUp() }
        #expect((1...64).map { _ in patience.begin() } == Array(repeating: 64, count: 63) + [1_000])
        patience.found(after: 0)
        #expect(patience.begin() == 64)
        for _ in 0..<3 { patience.found(after: 5) }
        #expect(patience.begin() == 1_000)
    }

    @Test func `who may not look at all sleeps at once`() {
        var patience = Patience(most: 0)
        patience.gaveUp()
        #expect(patience.begin() == 0)
    }
}
