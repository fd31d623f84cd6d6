import Foundation
import TestGround
import Testing

@testable import TapedeckSDK

struct IndicatorTests {
    /// One for each test, as long as it runs.
    let workspace = Workspace()

    /// SplitMix64: the same sequence from the same seed.
    struct Generator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test func `averages of quarters are exact, so that equal averages compare equal`() {
        var generator = Generator(state: 7)
        print("seed 7")
        var pair = SMAPair(fast: 10, slow: 30, workspace)
        var fast = SMA(10, workspace)
        var slow = SMA(30, workspace)
        var quarters: [Int] = []
        var ties = 0
        for _ in 0..<20_000 {
            quarters.append(400 + Int(generator.next() % 3))
            let x = Double(quarters[quarters.count - 1]) / 4
            let lead = pair.update(x)
            fast.update(x)
            slow.update(x)
            guard quarters.count >= 30 else {
                #expect(lead.isNaN && slow.value.isNaN)
                continue
            }
            let truth = quarters.suffix(10).reduce(0, +) * 3 - quarters.suffix(30).reduce(0, +)
            if truth == 0 { ties += 1 }
            #expect(lead == Double(truth) * 10 / 4)
            #expect(fast.lead(over: slow) == lead)
            #expect((fast.value == slow.value) == (truth == 0))
            #expect(pair.fast == fast.value && pair.slow == slow.value)
        }
        #expect(ties > 100)
    }

    @Test func `a window forgets a spike entirely once it has left`() {
        var average = SMA(3, workspace)
        var deviation = RollingDeviation(3, workspace)
        for x in [1e15, 0.1, 0.2, 0.3] { average.update(x) }
        #expect(abs(average.value - 0.2) < 1e-15)
        // Squares keep twice the digits: a spike of ten million is forgotten to the last one.
        for x in [1e7, 0.1, 0.2, 0.3] { deviation.update(x) }
        #expect(abs(deviation.variance - 0.02 / 3) < 1e-15)
    }

    @Test(arguments: [(1, [5.0, 3, 4]), (2, [5, 5, 4]), (3, [5, 5, 5])])
    func `the highest of a window`(length: Int, expected: [Double]) {
        var highest = RollingExtreme.highest(length, workspace)
        var values: [Double] = []
        for x in [1.0, 2, 5, 3, 4] {
            highest.update(x)
            values.append(highest.value)
        }
        #expect(Array(values.suffix(3)) == expected)
    }

    @Test func `a crossing needs strictly below before and strictly above now`() {
        var crossing = Crossing()
        let leads = [Double.nan, -1, 0, 1, 2, -1, 1, 0, -1]
        let changes = leads.map { crossing.update(lead: $0) }
        #expect(changes == [.none, .none, .none, .none, .none, .under, .over, .none, .none])
    }

    @Test func `the session's volume-weighted price starts anew with each session`() {
        var vwap = SessionVWAP()
        #expect(vwap.value.isNaN)
        vwap.update(Bar(open: 0, high: 12, low: 9, close: 9, volume: 1))
        vwap.update(Bar(open: 0, high: 21, low: 18, close: 21, volume: 3))
        #expect(vwap.value == 17.5)
        vwap.update(Bar(open: 0, high: 99, low: 99, close: 99, volume: 0))
        #expect(vwap.value == 17.5)
        vwap.reset()
        vwap.update(Bar(open: 0, high: 6, low: 3, close: 3, volume: 2))
        #expect(vwap.value == 4)
    }

    @Test func `a z-score counts deviations from the mean and is 0 without any deviation`() {
        var score = ZScore(4, workspace)
        for x in [2.0, 4, 4, 6] { score.update(x) }
        #expect(abs(score.value - 1.4142135623730951) < 1e-15)
        for _ in 0..<4 { score.update(5) }
        #expect(score.value == 0)
    }

    @Test func `ten million values later every window is what a plain computation says`() throws {
        let scratch = ScratchFolder()
        let folder = scratch.path
        let sources = try FileManager.default.contentsOfDirectory(
            atPath: Checkout.path("sdk/swift/Sources")
        )
        .sorted().map { Checkout.path("sdk/swift/Sources/\($0)") }
        let built = try run(
            "/usr/bin/env",
            [
                "swiftc", "-O", "-wmo", "-parse-as-library", "-swift-version", "6", "-I",
                Checkout.path("sdk/include"),
            ]
                + ["-module-name", "Stability"]
                + sources + [
                    Checkout.path("Tests/Fixtures/stability.swift"), "-o", "\(folder)/stability",
                ])
        try #require(built.status == 0, "\(built.error)")
        let outcome = try run("\(folder)/stability", [])
        #expect(outcome.status == 0)
        let lines = outcome.output.split(separator: "\n")
        print("after ten million values, worst difference: \(lines.joined(separator: ", "))")
        #expect(lines.count == 9)
        for line in lines {
            let difference = Double(line.split(separator: " ")[1])
            #expect(try #require(difference) < 1e-9, "\(line)")
        }
    }
}
