import CTapedeck
import Market

/// A made-up market, so that anybody can start without a download. Its prices follow a log-normal
/// walk with regimes that switch, jumps, a busy open and close, nights, and a market that moves all
/// symbols.
package struct SyntheticMarket {
    let settings: SyntheticSettings
    let calendar: TradingCalendar
    var weather: MarketWeather
    var symbols: [SyntheticSymbol]
    /// One session's share of a year.
    let yearShare: Double
    var events: [Event] = []
    var tradeCount: UInt64 = 0

    /// Writes the tape. `step` is told how many of the sessions are done and may stop it by
    /// answering false.
    package static func write(
        _ settings: SyntheticSettings, to destination: TapeWriter.Destination,
        isDurable: Bool = true,
        step: (Int) -> Bool = { _ in true }
    ) throws(FeedError) -> TapeFile {
        var market = try SyntheticMarket(settings)
        let writer = try TapeWriter(destination, isDurable: isDurable)
        var date = settings.from
        var left = settings.sessions
        var isFirst = true
        while left > 0 {
            guard date - settings.from < settings.sessions * 4 + 100 else {
                throw FeedError(
                    .badSettings, "", "the calendar \(settings.calendar) has too few sessions")
            }
            defer { date = date + 1 }
            guard let session = market.calendar.session(on: date) else { continue }
            try market.play(session, isFirst: isFirst, writer)
            isFirst = false
            left -= 1
            guard step(settings.sessions - left) else {
                throw FeedError(
                    .cancelled, "", "the synthetic market was stopped; nothing was written")
            }
        }
        try market.flush(writer)
        return try writer.finish(market.contents)
    }

    init(_ settings: SyntheticSettings) throws(FeedError) {
        let problems = settings.problems()
        guard problems.isEmpty else {
            throw FeedError(
                .badSettings, "", "a synthetic market needs " + problems.joined(separator: "; "))
        }
        self.settings = settings
        do { calendar = try TradingCalendar.named(settings.calendar) } catch {
            throw FeedError(.badSettings, "", error.description)
        }
        // A seed for the market and one for each symbol, in order: one more symbol changes none
        // before it.
        var seeds = SplitMix64(seed: settings.seed)
        weather = MarketWeather(settings.regimes, seed: seeds.next())
        symbols = []
        for symbol in settings.symbols {
            symbols.append(SyntheticSymbol(symbol, seed: seeds.next()))
        }
        yearShare = 1 / calendar.sessionsPerYear
    }

    var contents: TapeContents {
        let instruments = settings.symbols.enumerated().map { index, symbol in
            Instrument(
                id: InstrumentID(index), symbol: symbol.name, venue: "SYNTHETIC",
                currency: settings.currency,
                calendar: calendar.name, priceExponent: symbol.priceExponent,
                quantityExponent: symbol.quantityExponent, priceStep: Price(1),
                quantityStep: Quantity(1),
                isSynthetic: true)
        }
        return TapeContents(
            instruments: instruments,
            stamps: instruments.map { _ in settings.timeframe.isOfDates ? .date : .open },
            source: settings.label, label: settings.label, hasSessions: hasSessions)
    }

    var hasSessions: Bool { calendar.name != "24/7" }

    /// One session's events.
    private mutating func play(
        _ session: Session, isFirst: Bool, _ writer: TapeWriter
    ) throws(FeedError) {
        if !isFirst { passNight() }
        if hasSessions {
            add(.session(.sessionOpen, session, calendar: 0))
            // Where sessions touch, this opening comes before what closed the last one.
            EventOrder.sort(&events)
        }
        if settings.kind == .bars {
            try playBars(session, writer)
        } else {
            try playTrades(session, writer)
        }
        if hasSessions { add(.session(.sessionClose, session, calendar: 0)) }
        try flush(writer, before: session.closes.rawValue)
    }

    /// Hands over the events made so far, which are in order, up to a time.
    mutating func flush(_ writer: TapeWriter, before time: Int64 = .max) throws(FeedError) {
        let kept = events.lastIndex { $0.time < time }.map { events[($0 + 1)...] } ?? events[...]
        try writer.append(Array(events.dropLast(kept.count)))
        events = Array(kept)
    }

    /// Events that are kept before they are handed over.
    static let batchSize = 16_384

    private mutating func passNight() {
        guard settings.overnight > 0, hasSessions else { return }
        let (normal, jump) = weather.step(0)
        for index in symbols.indices {
            let deviation = sessionDeviation(index) * settings.overnight.squareRoot()
            let own = symbols[index].source.next()
            symbols[index].move(by: deviation * mixed(normal, own) + jump)
        }
    }

    /// The market's normal number and a symbol's own, in their shares.
    func mixed(_ market: Double, _ own: Double) -> Double {
        settings.correlation.squareRoot() * market + (1 - settings.correlation).squareRoot() * own
    }

    /// The deviation of one session's logarithmic return, nights included.
    func sessionDeviation(_ index: Int) -> Double {
        symbols[index].volatility * weather.regime.volatility * yearShare.squareRoot()
    }

    /// The part of the deviation that falls into the hours of trading.
    var openShare: Double { hasSessions ? (1 - settings.overnight).squareRoot() : 1 }

    /// How busy the market is at a place of its session (0 to 1), 1 on average: most at its ends.
    func busyness(_ place: Double) -> Double {
        let distance = 2 * place - 1
        return (1 + settings.openingRush * distance * distance) / (1 + settings.openingRush / 3)
    }

    mutating func add(_ event: Event) {
        var event = event
        event.flags |= EventFlags.synthetic.rawValue
        events.append(event)
    }
}
