import Kernel
import Market
import Testing

/// A portfolio that moves to another process goes on as if it had stayed.
@Suite struct ArchiveTests {
    @Test func `moved at any moment of a storm, it comes to the same digest`() {
        var moves = 0
        for seed in OrderStormTests.seeds {
            let storm = OrderStorm(seed: seed)
            let stayed = storm.playStepwise()
            for step in [1, 13, 150] {
                let (moved, count) = storm.playMoving(every: step)
                moves += count
                if let difference = moved.difference(from: stayed) {
                    Issue.record("seed \(seed), moved every \(step) events: \(difference)")
                    return
                }
            }
        }
        #expect(moves > 10_000)
        print("archives: \(moves) moves of \(OrderStormTests.seeds.count) storms")
    }

    @Test func `bytes of another portfolio, cut or long ones are refused`() {
        let storm = OrderStorm(seed: 3)
        var portfolio = Portfolio(settings: storm.settings, instruments: storm.instruments)
        let bytes = portfolio.archive()
        func isRestored(_ bytes: [UInt8]) -> Bool {
            var other = Portfolio(settings: storm.settings, instruments: storm.instruments)
            return other.restore(bytes)
        }
        #expect(isRestored(bytes))
        #expect(!isRestored(Array(bytes.dropLast())))
        #expect(!isRestored(bytes + [0]))
        #expect(!isRestored([]))
    }
}

extension OrderStorm {
    /// Stepwise, but every so many events the portfolio is put into bytes and made anew of them.
    func playMoving(every step: Int) -> (result: StormResult, moves: Int) {
        var portfolio = Portfolio(settings: settings, instruments: instruments)
        var result = StormResult()
        var records = Records()
        var moves = 0
        tape.withRun { run in
            for index in 0..<run.count {
                portfolio.advance(run, index)
                if let choice = acts[index] { act(choice, &portfolio) }
                result.take(&portfolio, &records)
                guard index % step == 0 else { continue }
                let bytes = portfolio.archive()
                portfolio = Portfolio(settings: settings, instruments: instruments)
                if portfolio.restore(bytes) { moves += 1 }
            }
        }
        return (result.ended(by: &portfolio, &records), moves)
    }
}
