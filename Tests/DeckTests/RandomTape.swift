import CTapedeck
import Feeds
import Market

/// A tape of random bars of several instruments, with splits, dividends and pauses; the same for
/// the same seed.
enum RandomTape {
    static func events(seed: UInt64, instruments: Int, bars: Int) -> [Event] {
        var random = SplitMix64(seed: seed)
        func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
        var events: [Event] = []
        var prices = (0..<instruments).map { _ in 5_000 + below(10_000) }
        var minute: Int64 = 28_333_334
        for _ in 0..<bars {
            // Now and then a night, or a weekend.
            minute += below(100) == 0 ? Int64(1 + below(3_000)) : 1
            let time = Timestamp(seconds: minute * 60)
            for id in 0..<instruments where below(10) > 0 {
                let instrument = InstrumentID(id)
                if below(700) == 0 {
                    events.append(.split(instrument, at: time - 1, numerator: 2, denominator: 1))
                    prices[id] = max(200, prices[id] / 2)
                }
                if below(500) == 0 {
                    events.append(.dividend(instrument, at: time - 1, amount: 0.25))
                }
                let open = prices[id]
                let close = max(100, open + below(161) - 80)
                let high = max(open, close) + below(40)
                let low = max(50, min(open, close) - below(40))
                events.append(
                    .bar(
                        instrument, .minutes(1), closes: time,
                        Bar(
                            open: Double(open) / 100, high: Double(high) / 100,
                            low: Double(low) / 100,
                            close: Double(close) / 100, volume: Double(1_000 + below(9_000)))))
                prices[id] = close
            }
        }
        EventOrder.sort(&events)
        return events
    }

    static func write(
        _ path: String, seed: UInt64, instruments: Int, bars: Int, calendar: String = "24/7"
    ) throws {
        let writer = try TapeWriter(.file(path), isDurable: false)
        try writer.append(events(seed: seed, instruments: instruments, bars: bars))
        let named = (0..<instruments).map {
            DeckFolder.instrument(UInt16($0), "S\($0)", calendar: calendar)
        }
        _ = try writer.finish(
            TapeContents(
                instruments: named, stamps: named.map { _ in .open }, source: "random, seed \(seed)"
            ))
    }
}
