import CTapedeck
import Feeds
import Market

enum TapeSamples {
    static func instrument(_ id: UInt16, _ symbol: String, calendar: String = "24/7") -> Instrument
    {
        Instrument(
            id: id, symbol: symbol, venue: "TEST", currency: Currency(code: "USD", exponent: 6),
            calendar: calendar, priceExponent: -2, quantityExponent: 0, priceStep: Price(1),
            quantityStep: Quantity(1))
    }

    static func bar(
        _ minute: Int, instrument: UInt16 = 0, close: Double = 100, timeframe: UInt32 = 60
    ) -> Event {
        var event = Event()
        event.type = UInt8(TD_EVENT_BAR)
        event.instrument = instrument
        event.timeframe = timeframe
        event.time = Int64(minute) * 60_000_000_000
        event.bar = Bar(open: close, high: close + 1, low: close - 1, close: close, volume: 5)
        return event
    }

    static func contents(_ symbols: [String] = ["AAA"]) -> TapeContents {
        let instruments = symbols.enumerated().map { instrument(UInt16($0), $1) }
        return TapeContents(
            instruments: instruments, stamps: symbols.map { _ in .open }, source: "a test")
    }

    /// One bar a minute from minute 1 on.
    static func write(_ path: String, bars count: Int) throws -> TapeFile {
        let writer = try TapeWriter(.file(path), isDurable: false)
        var minute = 1
        // Runs of odd lengths, so that they straddle the index's blocks.
        while minute <= count {
            let end = min(count, minute + 776)
            try writer.append((minute...end).map { bar($0, close: 100 + Double($0 % 50)) })
            minute = end + 1
        }
        return try writer.finish(contents())
    }
}
