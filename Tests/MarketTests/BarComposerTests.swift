import CTapedeck
import Testing
@testable import Market

private let start = Timestamp(CivilDate(2024, 6, 3))

private func composed(
    _ composer: inout BarComposer, _ events: [Event], block: Int, room: Int
) -> [Event] {
    var out: [Event] = []
    var at = 0
    while at < events.count {
        let end = min(events.count, at + block)
        out += [Event](capacity: room) {
            at = composer.compose(events.span.extracting(0..<end), from: at, into: &$0)
        }
    }
    out += [Event](capacity: composer.largestBurst) {
        composer.advance(to: .distantFuture, into: &$0)
    }
    return out
}

extension Bar {
    fileprivate init(_ open: Double, _ high: Double, _ low: Double, _ close: Double, volume: Double)
    {
        self.init(open: open, high: high, low: low, close: close, volume: volume)
    }
}

private func code(_ event: Event) -> [Int64] {
    let volume = event.kind == .bar ? Int64(event.bar.volume) : 0
    return [
        event.time - start.rawValue, Int64(event.type), Int64(event.instrument),
        Int64(event.timeframe), volume,
    ]
}

@Suite struct BarComposerTests {
    private func builder(
        _ id: InstrumentID, _ source: BarBuilder.Source, _ frames: [TimeFrame]
    ) throws -> BarBuilder {
        try BarBuilder(testInstrument(id), from: source, frames: frames)
    }

    @Test(arguments: [1, 2, 100])
    func `a bar that a split falls into is of the prices after it`(block: Int) throws {
        let minute: Int64 = 60_000_000_000
        let events: [Event] = [
            .bar(0, .minutes(1), closes: start + minute, Bar(700, 777.77, 693, 707, volume: 10)),
            .trade(1, at: start + minute, price: 4, quantity: 30),
            // What closes here has closed before.
            .bar(0, .minutes(1), closes: start + 2 * minute, Bar(707, 714, 700, 714, volume: 1)),
            .bar(0, .minutes(1), closes: start + 3 * minute, Bar(714, 721, 714, 721, volume: 2)),
            .split(0, at: start + 3 * minute + 1, numerator: 7, denominator: 1),
            .split(1, at: start + 3 * minute + 1, numerator: 1, denominator: 10),
            .trade(1, at: start + 3 * minute + 2, price: 39, quantity: 2),
            .bar(0, .minutes(1), closes: start + 4 * minute, Bar(103, 104, 102, 104, volume: 7)),
        ]
        var composer = try BarComposer([
            builder(0, .bars(.minutes(1)), [.minutes(2), .minutes(4)]),
            builder(1, .trades, [.minutes(4)]),
        ])
        let bars = composed(&composer, events, block: block, room: 100).filter {
            $0.kind == .bar && $0.timeframe > 60
        }
        #expect(
            bars.map { [$0.bar.open, $0.bar.high, $0.bar.low, $0.bar.close, $0.bar.volume] } == [
                [700, 777.77, 693, 714, 11], [102, 104, 102, 104, 21], [100, 111.11, 99, 104, 98],
                [40, 40, 39, 39, 5],
            ])
    }

    @Test(arguments: [
        // Cents of which a unit is left, and prices that nobody could count.
        (Int64(1_000), Int64(1), [0.01, 5, 0.01, 5, 7_003]),
        (1, 1_000_000_000_000_000, [5, 5, 5, 5, 3]),
    ])
    func `a bar over an extreme split still has prices`(
        numerator: Int64, denominator: Int64, expected: [Double]
    ) throws {
        let minute: Int64 = 60_000_000_000
        var composer = try BarComposer([builder(0, .bars(.minutes(1)), [.minutes(2)])])
        let bars = composed(
            &composer,
            [
                .bar(0, .minutes(1), closes: start + minute, Bar(2, 3, 1, 2, volume: 7)),
                .split(0, at: start + minute, numerator: numerator, denominator: denominator),
                .bar(0, .minutes(1), closes: start + 2 * minute, Bar(5, 5, 5, 5, volume: 3)),
            ], block: 10, room: 10
        ).filter { $0.kind == .bar && $0.timeframe > 60 }
        #expect(
            bars.map { [$0.bar.open, $0.bar.high, $0.bar.low, $0.bar.close, $0.bar.volume] }
                == [expected])
    }

    @Test func `bars stand where their close belongs among the events of all instruments`() throws {
        let minute: Int64 = 60_000_000_000
        let one = Bar(open: 1, high: 1, low: 1, close: 1, volume: 1)
        let events: [Event] = [
            .trade(2, at: start + 1, price: 1, quantity: 1),
            .bar(1, .minutes(1), closes: start + 4 * minute, one),
            .command(1, at: start + 5 * minute),
            .trade(0, at: start + 5 * minute, price: 1, quantity: 1),
            .bar(1, .minutes(1), closes: start + 5 * minute, one),
            .trade(2, at: start + 5 * minute, price: 1, quantity: 1),
            Event(.timer, 0, at: start + 5 * minute),
        ]
        var composer = try BarComposer([
            builder(2, .trades, [.minutes(5)]), builder(1, .bars(.minutes(1)), [.minutes(5)]),
        ])
        let made = composed(&composer, events, block: 100, room: 100)
        #expect(
            made.map { [Int64($0.type), Int64($0.instrument), Int64($0.timeframe)] } == [
                [2, 2, 0], [1, 1, 60], [14, 0, 0], [2, 0, 0], [1, 1, 60], [1, 1, 300], [1, 2, 300],
                [2, 2, 0], [9, 0, 0],
                [1, 2, 300],
            ])
        #expect(EventOrder.firstMisplaced(made.span) == nil)
    }

    @Test func `two builders of one instrument are refused`() throws {
        let twice = try [builder(4, .trades, [.day]), builder(4, .trades, [.week])]
        #expect(throws: BarComposer.Repeated(instrument: 4)) { try BarComposer(twice) }
    }

    @Test(arguments: [(1, 200), (7, 31), (64, 200), (100_000, 33)])
    func `whatever the blocks, the tape is in order and its bars are those of the builders`(
        block: Int, room: Int
    ) throws {
        let seed: UInt64 = 8
        print("seed \(seed)")
        var random = TestRandom(seed: seed)
        var events: [Event] = []
        var at = start
        for _ in 0..<4000 {
            // Often at whole minutes, so that many things meet.
            let step = Int64.random(in: 0...40, using: &random) * 1_000_000_000
            at =
                Bool.random(using: &random)
                ? at + step
                : Timestamp(nanoseconds: (at.rawValue / 60_000_000_000 + 1) * 60_000_000_000)
            let id = InstrumentID.random(in: 0...3, using: &random)
            let price = Double.random(in: 1...2, using: &random)
            switch id {
            case 0, 2: events.append(.trade(id, at: at, price: price, quantity: 1))
            case 1 where at.rawValue % 60_000_000_000 == 0:
                events.append(
                    .bar(
                        1, .minutes(1), closes: at,
                        Bar(open: price, high: price, low: price, close: price, volume: 1)))
            default: events.append(Event(.timer, id, at: at))
            }
        }
        EventOrder.sort(&events)
        let builders = try [
            builder(0, .trades, [.minutes(1), .minutes(5), .hours(1)]),
            builder(1, .bars(.minutes(1)), [.minutes(5), .day]),
            builder(2, .trades, [.minutes(2), .minutes(3)]),
        ]
        var composer = try BarComposer(builders)
        let made = composed(&composer, events, block: block, room: room)
        #expect(EventOrder.firstMisplaced(made.span) == nil)
        for builder in builders {
            var alone = builder
            let expected = bars(&alone, events).map(code)
            let frames = Set(builder.frames.map(\.frame.seconds))
            #expect(
                made.filter { $0.instrument == builder.instrument && frames.contains($0.timeframe) }
                    .map(code) == expected)
            #expect(!expected.isEmpty)
        }
        let derived = Set([300, 86_400, 120, 180, 3600] as [UInt32])
        let passed = made.filter {
            !($0.type == 1 && (derived.contains($0.timeframe) || $0.instrument == 0))
        }
        #expect(passed.map(code) == events.map(code))
    }
}
