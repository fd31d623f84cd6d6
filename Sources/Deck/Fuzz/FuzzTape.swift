package import CTapedeck
package import Feeds
package import Market

/// The tape of one case: small, sound by itself, and altered.
package struct FuzzTape: Sendable {
    package var contents: TapeContents
    package var events: [Event]
    /// What was done to it, in words.
    package var alterations: [String] = []
    /// Prices or quantities are so large or small that an overflow is no surprise.
    package var isExtreme = false

    package init(contents: TapeContents, events: [Event]) {
        self.contents = contents
        self.events = events
    }

    /// The most events of a case: what fails shows early.
    package static let length = 240

    package var instruments: [Instrument] { contents.instruments }

    /// Puts events in their order and numbers them; what no tape may hold is left out.
    mutating func settle() {
        let known = instruments
        events.removeAll { event in
            let isOfInstrument = !event.isOfSession && event.type != TD_EVENT_COMMAND
            if isOfInstrument, Int(event.instrument) >= known.count { return true }
            let mayBeNegative =
                isOfInstrument && known[Int(event.instrument)].allowsNonPositivePrices
            return event.refusal(allowsNonPositivePrices: mayBeNegative) != nil
        }
        EventOrder.sort(&events)
        for index in events.indices { events[index].sequence = UInt64(index) }
    }

    /// - Throws: what the writer says against it.
    package func write(_ destination: TapeWriter.Destination) throws(FeedError) -> TapeFile {
        let writer = try TapeWriter(destination, isDurable: false)
        try writer.append(events)
        return try writer.finish(contents)
    }

    /// The same with other events.
    package func with(_ events: [Event]) -> FuzzTape {
        var tape = self
        tape.events = events
        for index in tape.events.indices { tape.events[index].sequence = UInt64(index) }
        return tape
    }
}

extension FuzzTape {
    /// Days whose markets know two offsets from UTC, and some without surprises.
    private static let firstDays: [Int32] = [
        19_790,  // 2024-03-08, New York changes on the 10th
        19_810,  // 2024-03-28, Good Friday, London changes on the 31st
        20_020,  // 2024-10-24, London changes on the 27th
        20_027,  // 2024-10-31, New York changes on November 3rd
        20_053,  // 2024-11-26, Thanksgiving and a half day
        20_080,  // 2024-12-23, Christmas
        19_723,  // 2024-01-01
    ]

    /// A made-up market of its own for every seed.
    package static func made(seed: UInt64) throws(FeedError) -> FuzzTape {
        var random = Xoshiro256StarStar(seed: seed)
        func pick<Value>(_ values: [Value]) -> Value {
            values[Int(random.below(UInt64(values.count)))]
        }
        var settings = SyntheticSettings()
        settings.seed = random.next()
        settings.kind = random.below(5) == 0 ? .trades : .bars
        settings.hasQuotes = random.below(2) == 0
        settings.tradesPerSession = 60
        settings.calendar = pick(["24/7", "XNYS", "XNYS", "XLON"])
        settings.from = CivilDate(dayNumber: pick(firstDays))
        settings.timeframe = pick([.minutes(5), .minutes(15), .hours(1), .hours(1), .day])
        settings.sessions = settings.timeframe == .day ? 80 : 6
        settings.symbols = (0..<Int(1 + random.below(4))).map { place in
            SyntheticSettings.Symbol(
                "S\(place)", price: pick([0.5, 20, 100, 5_000]), volatility: pick([0.1, 0.5, 2]),
                volume: pick([500, 1_000_000]), priceExponent: pick([-2, -2, -4]),
                quantityExponent: pick([0, 0, -3]))
        }
        let made = try SyntheticMarket.write(settings, to: .memory("fuzz"), isDurable: false)
        var tape = cut(made, from: 0)
        tape.diversify(&random)
        return tape
    }

    /// A piece of another tape, drawn by the seed.
    package static func piece(of tape: TapeFile, seed: UInt64) -> FuzzTape {
        var random = Xoshiro256StarStar(seed: seed)
        let last = max(0, tape.count - length)
        return cut(tape, from: Int(random.below(UInt64(last) + 1)))
    }

    private static func cut(_ tape: TapeFile, from first: Int) -> FuzzTape {
        let end = min(tape.count, first + length)
        var contents = tape.contents
        contents.source = "fuzz"
        var cut = FuzzTape(contents: contents, events: unsafe Array(tape.events[first..<end]))
        cut.settle()
        return cut
    }
}
