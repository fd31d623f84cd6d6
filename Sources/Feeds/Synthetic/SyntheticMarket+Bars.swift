import CTapedeck
import Market

extension SyntheticMarket {
    /// All symbols' bars of one session; the last may be short.
    mutating func playBars(_ session: Session, _ writer: TapeWriter) throws(FeedError) {
        let frame = settings.timeframe.nanoseconds
        let length = session.length
        var opens: Int64 = 0
        while opens < length {
            let closes = min(opens + frame, length)
            let share = Double(closes - opens) / Double(length)
            let busy = busyness((Double(opens) + Double(closes)) / 2 / Double(length))
            let isShort = closes - opens < frame && !settings.timeframe.isOfDates
            playBar(session.opens + closes, share, busy, isShort)
            if events.count >= Self.batchSize { try flush(writer) }
            opens = closes
        }
    }

    private mutating func playBar(
        _ time: Timestamp, _ share: Double, _ busy: Double, _ isShort: Bool
    ) {
        let (normal, jump) = weather.step(share)
        let drift = weather.regime.drift * yearShare * share
        for index in symbols.indices {
            let deviation = sessionDeviation(index) * openShare * (share * busy).squareRoot()
            let own = symbols[index].source.next()
            let change = drift + deviation * mixed(normal, own) + jump
            let volume = symbols[index].volume * share * busy
            let bar = bar(index, change, deviation, volume)
            add(
                .bar(
                    InstrumentID(index), settings.timeframe, closes: time, bar,
                    flags: isShort ? .shortBar : []))
        }
    }

    private mutating func bar(
        _ index: Int, _ change: Double, _ deviation: Double, _ volume: Double
    ) -> Bar {
        let level = symbols[index].level
        let (up, down) = symbols[index].extremes(change, deviation)
        // Busy bars move, and bars that move are busy.
        let noise = PortableMath.exponential(0.4 * symbols[index].source.next())
        let push = deviation > 0 ? 0.7 + 0.4 * abs(change) / deviation : 1
        symbols[index].move(by: change)
        let symbol = symbols[index]
        let open = symbol.price(level), close = symbol.price(level + change)
        return Bar(
            open: open, high: max(open, close, symbol.price(level + up)),
            low: min(open, close, symbol.price(level + down)), close: close,
            volume: symbol.quantity(volume * noise * min(push, 4)))
    }
}
