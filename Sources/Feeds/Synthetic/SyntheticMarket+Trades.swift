import CTapedeck
import Market

extension SyntheticMarket {
    private static let minute: Int64 = 60_000_000_000

    /// All symbols' trades of one session, minute by minute: within a minute the market moves
    /// evenly, each symbol adds its own walk from trade to trade.
    mutating func playTrades(_ session: Session, _ writer: TapeWriter) throws(FeedError) {
        let length = session.length
        var begins: Int64 = 0
        while begins < length {
            let ends = min(begins + Self.minute, length)
            let share = Double(ends - begins) / Double(length)
            let busy = busyness((Double(begins) + Double(ends)) / 2 / Double(length))
            let (normal, jump) = weather.step(share)
            let first = events.count
            for index in symbols.indices {
                playMinute(
                    index, session.opens + begins, ends - begins, share, busy, (normal, jump))
            }
            sortEvents(from: first)
            if events.count >= Self.batchSize { try flush(writer) }
            begins = ends
        }
    }

    private mutating func playMinute(
        _ index: Int, _ start: Timestamp, _ length: Int64, _ share: Double, _ busy: Double,
        _ market: (normal: Double, jump: Double)
    ) {
        let drift = weather.regime.drift * yearShare * share
        let deviation = sessionDeviation(index) * openShare * (share * busy).squareRoot()
        let common =
            drift + deviation * settings.correlation.squareRoot() * market.normal + market.jump
        let ownDeviation = deviation * (1 - settings.correlation).squareRoot()
        let rate = settings.tradesPerSession * share * busy
        // Times between trades are exponential; `place` is the part of the minute that is over.
        var place = symbols[index].source.exponential() / rate
        var last = 0.0
        while place < 1 {
            let passed = place - last
            let own = symbols[index].source.next()
            let change = common * passed + ownDeviation * passed.squareRoot() * own
            symbols[index].move(by: change)
            trade(index, start + Int64(place * Double(length)), change)
            last = place
            place += symbols[index].source.exponential() / rate
        }
        let rest = max(0, 1 - last)
        let own = symbols[index].source.next()
        symbols[index].move(by: common * rest + ownDeviation * rest.squareRoot() * own)
    }

    private mutating func trade(_ index: Int, _ time: Timestamp, _ change: Double) {
        let draw = symbols[index].source.random.unit()
        // Rising prices are bought, more often than not.
        let buys = draw < (change > 0 ? 0.65 : 0.35)
        let size = symbols[index].volume / settings.tradesPerSession
        let amount = size * symbols[index].source.exponential()
        let symbol = symbols[index]
        let middle = symbol.price(symbol.level)
        let half = (middle * settings.spread / 2 / symbol.tick).rounded() * symbol.tick
        let bid = symbol.nearest(max(symbol.tick, middle - half))
        let ask = symbol.nearest(max(middle + half, bid + symbol.tick))
        let quantity = max(symbol.leastQuantity, symbol.quantity(amount))
        if settings.hasQuotes {
            let depth = max(symbol.leastQuantity, symbol.quantity(size * 4))
            add(
                .quote(
                    InstrumentID(index), at: time, bid: bid, bidQuantity: depth, ask: ask,
                    askQuantity: depth))
        }
        tradeCount += 1
        add(
            .trade(
                InstrumentID(index), at: time, price: buys ? ask : bid, quantity: quantity,
                taker: buys ? .buy : .sell, id: tradeCount))
    }

    /// Puts the symbols' events of one minute in order.
    private mutating func sortEvents(from first: Int) {
        guard symbols.count > 1, events.count > first else { return }
        var minute = Array(events[first...])
        EventOrder.sort(&minute)
        for (place, event) in minute.enumerated() { events[first + place] = event }
    }
}
