import CTapedeck
import Glibc
import Kernel
import Market
import Testing

@testable import StrategyHost

@Suite(.serialized) struct WorkerTests {
    @Test func `in a worker, sealed or not, a strategy comes to what it comes to in the host`()
        throws
    {
        let tape = try TestTape.random(4_000, seed: 11)
        let expected = try WorkerStage.hostDigest([:], tape)
        for length in [1, 64, 1_000] {
            let shared = try SharedTape(events: 16_384)
            let worker = try WorkerStage.runner(tape: shared)
            try WorkerStage.play(worker, shared, tape, block: length)
            #expect(worker.standing == .stopped)
            #expect(worker.portfolio.digest.text == expected, "blocks of \(length)")
        }
        let sealed = try WorkerStage.runner(isSealed: true)
        try WorkerStage.play(sealed, nil, tape)
        #expect(sealed.portfolio.digest.text == expected)
    }

    @Test(arguments: [
        ("segfault", "crash: its worker died of signal 11"),
        ("abort", "crash: its worker died of signal 6"),
        ("overflows", "crash: its worker died of signal 11"),
        ("exits", "exit: its worker ended its own process with"),
        ("loops", "hang: it used"), ("eats", "memory limit: its worker wanted more than 256 MiB"),
        ("socket", "refused system call: it called socket"),
        ("forks", "refused system call: it called clone"),
        ("traces", "refused system call: it called"), ("kills", "refused system call: it called"),
        ("executes", "refused system call: it called execve"),
        ("writes_event", "crash: its worker died of signal 11"),
        ("reopens", "refused system call: it called openat"),
    ])
    func `what a strategy must not do ends its worker, and has a name`(
        does: String, text: String
    ) throws {
        let tape = try TestTape.random(600, seed: 5)
        let shared = try SharedTape(events: 8_192)
        let worker = try WorkerStage.runner(["does": does], tape: shared) {
            $0.memory = 256 << 20
            if does == "eats" { $0.callTime = 20_000_000_000 }
        }
        try WorkerStage.play(worker, shared, tape)
        let fault = try #require(worker.standing.fault)
        #expect(fault.description.hasPrefix(text), "\(fault)")
        // The portfolio went on alone: what it holds is worth what the last bars say.
        #expect(worker.lastSequence == UInt64(tape.count))
        #expect(worker.portfolio.fault == nil)
        #expect(worker.portfolio.lastOrder > 0)
    }

    @Test(arguments: [
        // It has been shown a block of 64, or one event; its last order was at event 49.
        ("segfault", false, 50 as UInt64), ("segfault", true, 50),
        ("forges_far", false, 64), ("forges_far", true, 50),
        ("forges_near", false, 49), ("forges_near", true, 49),
    ])
    func
        `what a worker says of how far it came counts between its last order and what it was shown`(
            does: String, isSealed: Bool, event: UInt64
        ) throws
    {
        let tape = try TestTape.bars((0..<600).map { 100 + Double($0 % 7) })
        let shared = isSealed ? nil : try SharedTape(events: 8_192)
        let worker = try WorkerStage.runner(["does": does], isSealed: isSealed, tape: shared)
        try WorkerStage.play(worker, shared, tape)
        let fault = try #require(worker.standing.fault)
        #expect(fault.description.hasPrefix("crash: its worker died of signal 11"), "\(fault)")
        #expect(fault.sequence == event)
        // Its portfolio went on alone to the end.
        #expect(worker.lastSequence == UInt64(tape.count))
        #expect(worker.portfolio.fault == nil)
    }

    @Test(arguments: ["opens", "nothing"])
    func `what finds a closed door may go on`(does: String) throws {
        let tape = try TestTape.random(600, seed: 5)
        let shared = try SharedTape(events: 8_192)
        let worker = try WorkerStage.runner(["does": does], tape: shared)
        try WorkerStage.play(worker, shared, tape)
        #expect(worker.standing == .stopped)
        #expect(worker.portfolio.digest.text == (try WorkerStage.hostDigest([:], tape)))
    }

    @Test func `a strategy that dies in create is named, and nothing is left`() throws {
        let shared = try SharedTape(events: 8_192)
        #expect {
            _ = try WorkerStage.runner(["does": "create_segfault"], tape: shared)
        } throws: { "\($0)".hasPrefix("crash: its worker died of signal 11") }
        #expect {
            _ = try WorkerStage.runner(["does": "create_loops"], tape: shared)
        } throws: { "\($0)".hasPrefix("hang: it used") }
    }

    @Test func `reading ahead pays in a worker and not in a sealed one`() throws {
        var random = SeededBytes(seed: 3)
        var close = 1_000.0
        let tape = try TestTape.bars(
            (0..<6_000).map { _ in
                close = max(100, close + Double(Int(random.next() % 21)) - 10)
                return close
            })
        func profit(isSealed: Bool) throws -> Double {
            let shared = try SharedTape(events: 32_768)
            let worker = try WorkerStage.runner(
                ["does": "peeks"], isSealed: isSealed, tape: isSealed ? nil : shared)
            try WorkerStage.play(worker, isSealed ? nil : shared, tape, block: 2_000)
            #expect(worker.standing == .stopped, "\(worker.standing)")
            return Double(worker.portfolio.books.equity.rawValue - 1_000_000_000_000) / 1e6
        }
        let (open, sealed) = (try profit(isSealed: false), try profit(isSealed: true))
        print("reading ahead: \(open) in a worker, \(sealed) in a sealed one")
        #expect(open > 100_000)
        #expect(sealed == 0)
    }

    @Test
    func `a lost strategy is started again from its last state, and comes to the same orders`()
        throws
    {
        let tape = try TestTape.random(3_000, seed: 9)
        let shared = try SharedTape(events: 16_384)
        let worker = try WorkerStage.runner(
            ["does": "segfault", "at": "700"], tape: shared, isRemembered: true)
        var restarts = 0
        try WorkerStage.play(worker, shared, tape) { index in
            guard worker.standing.fault != nil else { return }
            restarts += 1
            try worker.restart(.restored, time: tape.run(index - 1..<index).events[0].timestamp)
        }
        #expect(restarts == 1)
        #expect(worker.standing == .stopped)
        #expect(worker.portfolio.lastOrder > 100)
    }
}

extension Event {
    var timestamp: Timestamp { Timestamp(nanoseconds: time) }
}
