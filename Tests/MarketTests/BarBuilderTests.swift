import CTapedeck
import Testing
@testable import Market

private let start = Timestamp(CivilDate(2024, 6, 3))  // a Monday
private let minute: Int64 = 60_000_000_000

func testInstrument(_ id: InstrumentID = 0, quantityExponent: Int = -8) -> Instrument {
    Instrument(
        id: id, symbol: "T\(id)", currency: Currency(code: "USD", exponent: 6), priceExponent: -2,
        quantityExponent: quantityExponent, priceStep: Price(1), quantityStep: Quantity(1))
}

private func trade(
    _ seconds: Double, _ price: Double, _ quantity: Double = 1, _ id: InstrumentID = 0
) -> Event {
    .trade(id, at: start + Int64(seconds * 1e9), price: price, quantity: quantity)
}

/// All bars that a builder makes of events, given in blocks of a size.
func bars(
    _ builder: inout BarBuilder, _ events: [Event], block: Int = .max,
    through: Timestamp? = .distantFuture
) -> [Event] {
    var out: [Event] = []
    var at = 0
    while at < events.count {
        let end = block == .max ? events.count : min(events.count, at + block)
        out += [Event](capacity: builder.largestBurst) {
            at = builder.add(events.span.extracting(0..<end), from: at, into: &$0)
        }
    }
    guard let through else { return out }
    var isDone = false
    while !isDone {
        out += [Event](capacity: builder.largestBurst) {
            isDone = builder.advance(to: through, into: &$0)
        }
    }
    return out
}

/// Length, closing second, then open, high, low, close, volume.
private func summary(_ event: Event) -> [Double] {
    let bar = event.bar
    return [
        Double(event.timeframe), Double(event.time - start.rawValue) / 1e9, bar.open, bar.high,
        bar.low, bar.close, bar.volume,
    ]
}

private func same(_ a: [Event], _ b: [Event]) -> Bool {
    a.count == b.count
        && zip(a, b).allSatisfy { x, y in
            x.time == y.time && x.timeframe == y.timeframe && x.flags == y.flags
                && x.instrument == y.instrument
                && x.bar.open == y.bar.open && x.bar.high == y.bar.high && x.bar.low == y.bar.low
                && x.bar.close == y.bar.close && x.bar.volume == y.bar.volume
        }
}

private func randomTrades(_ count: Int, _ random: inout TestRandom, meanGap: Int64) -> [Event] {
    var at = start
    var price: Int64 = 10_000
    return (0..<count).map { _ in
        at = at + Int64.random(in: 0...2 * meanGap, using: &random)
        price = max(1, price + Int64.random(in: -3...3, using: &random))
        let quantity = Double(Int64.random(in: 1...9_999_999_999, using: &random)) / 1e8
        return .trade(0, at: at, price: Double(price) / 100, quantity: quantity)
    }
}

@Suite struct BarBuilderTests {
    @Test func `trap 5: a trade at the boundary belongs to the bar that begins there`() throws {
        var builder = try BarBuilder(testInstrument(), from: .trades, frames: [.minutes(1)])
        let made = bars(
            &builder, [trade(0, 10, 2), trade(59.999999999, 12), trade(60, 9, 4), trade(61, 11)])
        #expect(made.map(summary) == [[60, 60, 10, 12, 10, 12, 3], [60, 120, 9, 11, 9, 11, 5]])
    }

    @Test
    func
        `trap 4: bars that close together come shortest first, whatever order they were asked for in`()
        throws
    {
        var builder = try BarBuilder(
            testInstrument(), from: .trades,
            frames: [.hours(1), .minutes(1), .minutes(5), .minutes(1)])
        let made = bars(&builder, [trade(3540, 10), trade(3600, 11)], through: nil)
        #expect(
            made.map { [Double($0.timeframe), summary($0)[1]] } == [
                [60, 3600], [300, 3600], [3600, 3600],
            ])
    }

    @Test func `lengths of which none divides the other are ordered by their close`() throws {
        var builder = try BarBuilder(
            testInstrument(), from: .trades, frames: [.minutes(2), .minutes(3)])
        let made = bars(&builder, [trade(130, 10), trade(185, 11), trade(400, 12)], through: nil)
        // [2:00, 4:00) and [0:00, 3:00) and [3:00, 6:00).
        #expect(
            made.map(summary) == [
                [180, 180, 10, 10, 10, 10, 1], [120, 240, 10, 11, 10, 11, 2],
                [180, 360, 11, 11, 11, 11, 1],
            ])
    }

    @Test func `a span without trades has no bar`() throws {
        var builder = try BarBuilder(
            testInstrument(), from: .trades, frames: [.minutes(1), .minutes(5)])
        let made = bars(&builder, [trade(5, 10), trade(725, 20)])
        #expect(
            made.map { [Double($0.timeframe), summary($0)[1]] } == [
                [60, 60], [300, 300], [60, 780], [300, 900],
            ])
    }

    @Test func `trap 3: a bar is stamped with its close, and comes then and not before`() throws {
        var builder = try BarBuilder(
            testInstrument(), from: .trades, frames: [.minutes(1), .minutes(5)])
        var made = bars(&builder, [trade(5, 10)], through: start + minute - 1)
        #expect(made.isEmpty && builder.nextClose == start + minute)
        made = bars(&builder, [], through: start + minute)
        #expect(made.map(summary) == [[60, 60, 10, 10, 10, 10, 1]])
        #expect(builder.nextClose == start + 5 * minute)
        made = bars(&builder, [trade(70, 11), trade(301, 12)], through: nil)
        #expect(
            made.map(summary) == [[60, 120, 11, 11, 11, 11, 1], [300, 300, 10, 11, 10, 11, 2]])
    }

    @Test func `trap 39: a bar that has not ended is no event, however much has traded in it`()
        throws
    {
        var builder = try BarBuilder(
            testInstrument(), from: .trades, frames: [.minutes(1), .minutes(5)])
        let made = bars(&builder, (0..<60).map { trade(Double($0), 10) }, block: 7, through: nil)
        #expect(made.isEmpty && builder.nextClose == start + minute)
    }

    @Test func `a trade that comes after its bar was written is counted and not taken`() throws {
        var builder = try BarBuilder(testInstrument(), from: .trades, frames: [.minutes(1)])
        let made = bars(&builder, [trade(5, 10), trade(65, 11), trade(59, 99), trade(66, 12)])
        #expect(made.map { $0.bar.high } == [10, 12] && builder.lateCount == 1)
        _ = bars(&builder, [trade(70, 50)])
        #expect(builder.lateCount == 2)
    }

    @Test func `other instruments and kinds are passed over`() throws {
        var builder = try BarBuilder(testInstrument(3), from: .trades, frames: [.minutes(1)])
        let quote = Event.quote(3, at: start, bid: 1, bidQuantity: 1, ask: 2, askQuantity: 1)
        #expect(
            bars(&builder, [trade(1, 5, 1, 2), quote, trade(2, 6, 1, 3)]).map(\.bar.open) == [6])
    }

    @Test func `flags of the source are kept: synthetic from any, warm-up from the newest`() throws
    {
        var builder = try BarBuilder(testInstrument(), from: .trades, frames: [.minutes(1)])
        var events = [trade(1, 1), trade(2, 1), trade(61, 1)]
        events[0].marks = [.synthetic, .warmUp]
        events[2].marks = [.warmUp]
        let made = bars(&builder, events)
        #expect(made.map(\.marks) == [.synthetic, .warmUp])
    }

    @Test func `a quote without the side asked for makes no bar`() throws {
        let events: [Event] = [
            .quote(0, at: start, bid: 0, bidQuantity: 0, ask: 2, askQuantity: 1),
            .quote(0, at: start + 1, bid: 1.01, bidQuantity: 1, ask: 1.02, askQuantity: 1),
        ]
        for (side, open) in [(BarBuilder.QuotePrice.bid, 1.01), (.ask, 2), (.mid, 1.015)] {
            var builder = try BarBuilder(
                testInstrument(), from: .quotes(side), frames: [.minutes(1)])
            let made = bars(&builder, events)
            #expect(made.map(\.bar.open) == [open] && made.map(\.bar.volume) == [0])
        }
    }

    @Test func `what cannot be built is refused`() throws {
        typealias Problem = BarBuilder.Problem
        let instrument = testInstrument()
        #expect(throws: Problem.noTimeFrames) {
            try BarBuilder(instrument, from: .trades, frames: [])
        }
        #expect(throws: Problem.cannotBeBuilt(.seconds(172_800))) {
            try BarBuilder(instrument, from: .trades, frames: [.seconds(172_800)])
        }
        for (frame, source) in [
            (TimeFrame.minutes(5), TimeFrame.minutes(2)), (.minutes(5), .minutes(5)),
            (.month, .week),
        ] {
            #expect(throws: Problem.notMultiple(frame, of: source)) {
                try BarBuilder(instrument, from: .bars(source), frames: [frame])
            }
        }
    }

    @Test func `without room it stops before the event and goes on after`() throws {
        var builder = try BarBuilder(
            testInstrument(), from: .trades, frames: [.minutes(1), .minutes(5)])
        let events = [trade(5, 10), trade(61, 11), trade(301, 12)]
        var stopped = -1
        // The second trade writes one bar; for the third one place is left, and it may need two.
        let first = [Event](capacity: 2) { stopped = builder.add(events.span, into: &$0) }
        #expect(stopped == 2 && first.map(\.timeframe) == [60])
        let rest = [Event](capacity: 2) { stopped = builder.add(events.span, from: 2, into: &$0) }
        #expect(
            stopped == 3
                && rest.map(summary) == [
                    [60, 120, 11, 11, 11, 11, 1], [300, 300, 10, 11, 10, 11, 2],
                ])
    }

    @Test(arguments: [1, 7, 64])
    func `blocks of any size make the same bars`(block: Int) throws {
        let seed: UInt64 = 11
        print("seed \(seed)")
        var random = TestRandom(seed: seed)
        let trades = randomTrades(5000, &random, meanGap: 20_000_000_000)
        let frames: [TimeFrame] = [.seconds(15), .minutes(1), .hours(4), .day, .week, .month]
        var whole = try BarBuilder(testInstrument(), from: .trades, frames: frames)
        var pieces = whole
        let expected = bars(&whole, trades)
        #expect(expected.count > 3000)
        #expect(same(bars(&pieces, trades, block: block), expected))
    }

    @Test(arguments: [1, 2, 3])
    func `longer bars are the same from trades and from the shorter bars`(seed: UInt64) throws {
        print("seed \(seed)")
        var random = TestRandom(seed: seed)
        let trades = randomTrades(
            3000, &random, meanGap: Int64.random(in: 1...200, using: &random) * 1_000_000_000)
        let calendar = try TradingCalendar.named("XNYS")
        let alignments: [BarGrid.Alignment] = [.epoch, .sessions(calendar), .extended(calendar)]
        let longer: [TimeFrame] = [.minutes(5), .minutes(15), .hours(1), .day, .week, .month]
        for alignment in alignments {
            var direct = try BarBuilder(
                testInstrument(), from: .trades, frames: [.minutes(1)] + longer, aligned: alignment)
            let made = bars(&direct, trades)
            let minutes = made.filter { $0.timeframe == 60 }
            var indirect = try BarBuilder(
                testInstrument(), from: .bars(.minutes(1)), frames: longer, aligned: alignment)
            #expect(same(bars(&indirect, minutes), made.filter { $0.timeframe > 60 }))
            #expect(EventOrder.firstMisplaced(made.span) == nil)
            #expect(made.allSatisfy { $0.refusal() == nil })
            // Each bar alone, from a builder of its own: the others change nothing.
            for frame in longer {
                var alone = try BarBuilder(
                    testInstrument(), from: .trades, frames: [frame], aligned: alignment)
                #expect(
                    same(bars(&alone, trades), made.filter { $0.timeframe == frame.seconds }),
                    "\(frame)")
            }
        }
    }

    @Test func `nothing traded is lost or counted twice`() throws {
        let seed: UInt64 = 21
        print("seed \(seed)")
        var random = TestRandom(seed: seed)
        let trades = randomTrades(6000, &random, meanGap: 30_000_000_000)
        var total: Int64 = 0
        for each in trades {
            total += try DecimalScale(exponent: -8).count(of: each.trade.quantity)
        }
        var builder = try BarBuilder(
            testInstrument(), from: .trades, frames: [.minutes(1), .minutes(7), .day])
        let made = bars(&builder, trades)
        for frame: UInt32 in [60, 420, 86_400] {
            let sum = try made.filter { $0.timeframe == frame }
                .reduce(Int64(0)) { try $0 + DecimalScale(exponent: -8).count(of: $1.bar.volume) }
            #expect(sum == total)
        }
    }

    @Test func `volumes beyond the exact count are still summed`() throws {
        var builder = try BarBuilder(
            testInstrument(quantityExponent: -8), from: .trades, frames: [.minutes(1)],
            keepsDetails: true)
        let events = [
            trade(1, 1, 1e300), trade(2, 1, 1e300), trade(3, 1, 3e10), trade(61, 1, 0.123456789123),
            trade(62, 1, 1),
        ]
        let made = bars(&builder, events)
        #expect(made.map(\.bar.volume) == [2e300, 1.123456789123])
        #expect(
            builder.details.map(\.averagePrice) == [nil, nil]
                && builder.details.map(\.turnover) == [nil, nil])
        builder.removeDetails()
        #expect(builder.details.isEmpty)
    }
}
