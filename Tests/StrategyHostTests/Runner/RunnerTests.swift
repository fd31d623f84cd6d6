import CTapedeck
import Kernel
import Market
import Testing

@testable import StrategyHost

@Suite struct RunnerTests {
    static func image() throws -> PluginImage {
        try PluginStore(probe: nil).open(Fixture.module("witness.c"))
    }

    static func bar(
        _ instrument: InstrumentID, _ seconds: UInt32, minute: Int, close: Double
    ) -> Event {
        .bar(
            instrument, TimeFrame(rawValue: seconds), closes: TestTape.time(minutes: minute),
            Bar(open: close, high: close, low: close, close: close, volume: 1000))
    }

    @Test func `what an order did comes before the next event, with the sequence of its own`()
        throws
    {
        let runner = try Stage.runner(Self.image(), ["does": "buys_always"])
        let outcome = Stage.play(runner, try TestTape.rising(3))
        let (bar, order, fill) = (
            Double(TD_EVENT_BAR), Double(TD_EVENT_ORDER), Double(TD_EVENT_FILL)
        )
        // Accepted at once; filled at the next bar, before that bar is shown.
        #expect(
            outcome.plotted("kind") == [
                bar, order, order, fill, bar, order, order, fill, bar, order,
            ]
                || outcome.plotted("kind") == [
                    bar, order, fill, order, bar, order, fill, order, bar, order,
                ])
        #expect(outcome.plotted("sequence") == [1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
        #expect(outcome.plotted("answer") == [0, 0, 0])
        let isPrivate = Double(TD_FLAG_PRIVATE)
        #expect(
            outcome.plotted("flags").map { $0 == isPrivate }
                == outcome.plotted("kind").map { $0 != bar })
    }

    @Test
    func `history holds closed bars before the present event, oldest first, as many as are kept`()
        throws
    {
        let runner = try Stage.runner(Self.image(), ["does": "looks_back"])
        let outcome = Stage.play(runner, try TestTape.rising(6), runLength: 4)
        #expect(outcome.plotted("kept") == [0, 1, 2, 2, 2, 2])
        #expect(outcome.plotted("close") == [100, 100, 101, 101, 102, 102, 103, 103, 104])
        #expect(outcome.plotted("deepest") == [0, 1, 2, 3, 3, 3])
        #expect(outcome.plotted("status") == [0, 0, 0, 0, 0, 0])
    }

    @Test func `a warm-up marks each instrument's first events, and refuses orders at them`() throws
    {
        var events: [Event] = []
        for minute in 1...6 {
            events.append(Self.bar(0, 60, minute: minute, close: 100))
            if minute > 2 { events.append(Self.bar(1, 60, minute: minute, close: 50)) }
        }
        let runner = try Stage.runner(Self.image(), ["does": "buys_always"], instruments: [0, 1]) {
            $0.warmUpBars = 2
        }
        let outcome = Stage.play(runner, try TestTape(events))
        // In the order of the tape: instrument 0 twice, then twice of 1 between those of 0.
        let (no, yes) = (Double(TD_E_REJECTED), 0.0)
        #expect(outcome.plotted("answer") == [no, no, yes, no, yes, no, yes, yes, yes, yes])
        let warm = outcome.plotted("flags").filter { Int($0) & 1 == 0 }.map {
            $0 == Double(TD_FLAG_WARM_UP)
        }
        #expect(warm == [true, true, false, true, false, true, false, false, false, false])
        #expect(
            outcome.plotted("reason").filter { $0 != 0 }
                == [Double](repeating: Double(TD_REASON_WARM_UP), count: 4))
    }

    @Test func `all time frames of an instrument must have had their bars`() throws {
        let events = [
            Self.bar(0, 60, minute: 1, close: 1), Self.bar(0, 60, minute: 2, close: 1),
            Self.bar(0, 120, minute: 2, close: 1), Self.bar(0, 60, minute: 3, close: 1),
        ]
        let runner = try Stage.runner(Self.image(), timeFrames: [60, 120]) { $0.warmUpBars = 1 }
        let outcome = Stage.play(runner, try TestTape(events))
        #expect(outcome.plotted("flags") == [4, 4, 4, 0])
    }

    @Test(arguments: [1, 1024])
    func `a filter hides events from the strategy and not from its portfolio`(
        slice: Int
    ) throws {
        var events: [Event] = []
        for minute in 1...40 {
            events.append(Self.bar(0, 60, minute: minute, close: 100 + Double(minute)))
            if minute % 5 == 0 {
                events.append(Self.bar(0, 300, minute: minute, close: 100 + Double(minute)))
            }
        }
        let runner = try Stage.runner(Self.image(), ["does": "buys_always"], timeFrames: [300]) {
            $0.filter = EventFilter([.bars], timeFrames: [300])
            $0.longestSlice = slice
        }
        let outcome = Stage.play(runner, try TestTape(events))
        let bars = zip(outcome.plotted("kind"), outcome.plotted("sequence")).filter { $0.0 == 1 }
            .map(\.1)
        #expect(bars == [6, 12, 18, 24, 30, 36, 42, 48])
        // Matched on the minute that follows, which the strategy never saw.
        #expect(outcome.fills.map(\.sequence) == [7, 13, 19, 25, 31, 37, 43])
        #expect(runner.portfolio.position(of: 0).mark == 140)
    }

    @Test func `timers of the start come at the first event at or after their time`() throws {
        let runner = try Stage.runner(Self.image(), ["does": "sets_timers"])
        let outcome = Stage.play(runner, try TestTape.rising(5))
        #expect(outcome.plotted("timer") == [5])
        #expect(outcome.plotted("due") == [Double(TestTape.start / 1_000_000_000 + 150)])
        #expect(outcome.plotted("kind") == [1, 1, Double(TD_EVENT_TIMER), 1, 1, 1])
    }

    @Test func `a live parameter changes between two events, and the strategy is told`() throws {
        let runner = try Stage.runner(Self.image())
        let tape = try TestTape.rising(4)
        runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        runner.play(tape.run(0..<2))
        try runner.setParameter("size", text: "2.5")
        runner.play(tape.run(2..<4))
        var output = StrategyOutput()
        runner.takeOutput(into: &output)
        func plotted(_ name: String) -> [Double] {
            output.points.filter { runner.plotNames[Int($0.name)] == name }.map(\.value)
        }
        #expect(plotted("kind") == [1, 1, Double(TD_EVENT_PARAMETER), 1, 1])
        #expect(plotted("sequence") == [1, 2, 2, 3, 4])
        #expect(plotted("parameter") == [7])
        #expect(plotted("value") == [2.5])
        #expect(plotted("size") == [2.5])
    }

    @Test(arguments: [
        (
            "size", "10",
            "10 is above the largest value, 9 - size is float from 0 to 9 shares, default 1: How many."
        ),
        (
            "does", "watch",
            "it cannot change while the strategy runs; restart it with the new value - does is "
                + "watch | buys_always | looks_back | sets_timers, default watch: What."
        ),
        ("sise", "1", #"no such parameter; did you mean "size"?"#),
    ]) func `a change that cannot be is refused, and nothing has happened`(
        name: String, text: String, message: String
    ) throws {
        let runner = try Stage.runner(Self.image())
        runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        let error = #expect(throws: ParameterProblem.self) {
            try runner.setParameter(name, text: text)
        }
        #expect(error?.message == message)
        #expect(runner.isRunning)
    }

    @Test func `a strategy that refuses a change of its parameter is stopped with its words`()
        throws
    {
        let runner = try Stage.runner(Self.image())
        runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        try runner.setParameter("size", text: "8")
        #expect(
            runner.standing.fault?.description
                == "set_parameter failed with TD_E_INVALID: eight is not my number")
    }

    @Test func `an instance keeps its image, and its end lets it go`() throws {
        let store = PluginStore(probe: nil)
        let image = try store.open(Fixture.module("witness.c"))
        let runner = try Stage.runner(image)
        let other = try Stage.runner(image)
        #expect(store.close(image).outcome == .inUse(2))
        runner.destroy()
        runner.destroy()
        #expect(image.instances == 1)
        other.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        other.destroy()
        #expect(other.standing == .stopped)
        #expect(store.close(image).isGone)
        // What it leaves can still be asked, and played.
        other.play(try TestTape.rising(3).run(0..<3))
        #expect(other.portfolio.fault == nil)
    }

    @Test func `instances of one image do not meet`() throws {
        let image = try PluginStore(probe: nil).open(Fixture.module("trader.c"))
        let tape = try TestTape.random(60, seed: 9)
        func runner(_ seed: UInt64) throws -> StrategyRunner {
            try Stage.runner(
                image, ["seldom": "5"], instruments: [0, 1, 2], timeFrames: [60, 300], seed: seed)
        }
        let alone = try (0..<3 as Range<UInt64>).map { Stage.play(try runner($0), tape) }
        let others = try (100..<400 as Range<UInt64>).map { try runner($0) }
        let together = try (0..<3 as Range<UInt64>).map { try runner($0) }
        for runner in others + together {
            runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        }
        for index in 0..<tape.count {
            for runner in others[..<20] { runner.play(tape.run(index..<index + 1)) }
            for runner in together { runner.play(tape.run(index..<index + 1)) }
        }
        for runner in together { runner.portfolio.finish() }
        #expect(together.map { $0.portfolio.digest.text } == alone.map(\.digest))
    }
}
