import CTapedeck
import Market

/// Orders against trades; what triggers stops between bars; the auctions of instruments that trade
/// in ticks.
extension Portfolio {
    /// Lets an instrument's resting orders meet a quote or a trade.
    mutating func meetTick(_ event: Event, _ prices: ExactPrices) {
        let instrument = event.instrument
        let isQuote = event.type == TD_EVENT_QUOTE
        if isQuote { showQuote(event, prices) }
        if orders.first(of: instrument) >= 0, isInSession(instrument) {
            if isQuote {
                if markets[Int(instrument)].source == .quotes { meetBook(instrument) }
            } else {
                meetTrade(event, prices.close)
            }
        }
        if !isQuote { markets[Int(instrument)].noteTrade(prices.close) }
        noteTick(event)
    }

    private mutating func meetTrade(_ event: Event, _ price: Int64) {
        let instrument = event.instrument
        let traded = listings[Int(instrument)].units.volume(event.trade.quantity)
        let isBook = markets[Int(instrument)].isBook
        forEachLive(instrument) { portfolio, slot in
            if portfolio.orders[slot].isWaitingStop {
                portfolio.meetTradeAsStop(slot, price, isBook: isBook)
            } else if portfolio.orders[slot].isLimitLike {
                portfolio.meetTradeAsLimit(
                    slot, price, traded, taker: event.trade.side, isBook: isBook)
            } else if !isBook,
                portfolio.orders[slot].isMarketLike
                    || (portfolio.orders[slot].kind == .onOpen && portfolio.isFirstTick(instrument))
            {
                portfolio.execute(slot, Encounter(at: price))
            }
        }
    }

    private mutating func meetTradeAsStop(_ slot: Int32, _ price: Int64, isBook: Bool) {
        guard execution.stopTrigger != .bidAsk, orders[slot].isStopped(at: price) else { return }
        guard isBook || orders[slot].kind == .stopLimit else {
            execute(slot, Encounter(at: price))
            return
        }
        trigger(slot)
        if isBook {
            // What it takes now is what the next quote shows.
            orders[slot].liveAfter = sequence
        } else if orders[slot].reaches(price) {
            execute(slot, Encounter(at: price))
        }
    }

    /// A trade fills a limit that waited where it went through its price, or at it as `touch` and
    /// `queue` say. One that has just come takes it, where there is no book.
    private mutating func meetTradeAsLimit(
        _ slot: Int32, _ price: Int64, _ traded: Int64, taker: Int32, isBook: Bool
    ) {
        let limit = orders[slot].limit
        if !orders[slot].hasRested {
            if isBook { return }
            if orders[slot].reaches(price) {
                if orders[slot].isPostOnly { return end(slot, .cancelled, .wouldTrade) }
                execute(slot, Encounter(at: price))
                return
            }
            if orders[slot].isImmediate { return end(slot, .cancelled, .time) }
            orders[slot].hasRested = true
            return
        }
        guard orders[slot].reaches(price) else { return }
        var encounter = Encounter(at: limit, takes: false)
        if price == limit {
            // Who took on the order's own side met somebody else.
            if taker == Int32(orders[slot].side) { return }
            if execution.queue == .back && isBook {
                guard let share = share(of: traded, slot) else { return }
                encounter = Encounter(
                    at: limit, showing: min(share, offered(traded)), takes: false)
            } else if isStrict {
                return
            } else if isBook && execution.quoteSize == .respect {
                encounter = Encounter(at: limit, showing: offered(traded), takes: false)
            }
        }
        execute(slot, encounter)
    }

    /// What of a trade at its price comes to an order after those that stood before it; nil where
    /// that is nothing.
    private mutating func share(of traded: Int64, _ slot: Int32) -> Int64? {
        if orders[slot].ahead < 0 {
            // It has come since the book was last told: all that was shown then stood before it.
            let (instrument, side) = (Int(orders[slot].instrument), orders[slot].side)
            let limit = orders[slot].limit
            guard let shown = markets[instrument].standing(at: limit, of: side) else { return nil }
            orders[slot].ahead = shown
        }
        let rest = traded - orders[slot].ahead
        orders[slot].ahead = max(0, orders[slot].ahead - traded)
        return rest > 0 ? rest : nil
    }

    /// A stop is reached: from here on it is a market order, or a limit.
    mutating func trigger(_ slot: Int32) {
        orders[slot].isTriggered = true
        orders[slot].state = .triggered
        note(slot, .triggered)
    }

    /// Whether the book, or its middle, triggers a stop. Where an instrument's trades are not told,
    /// bid and ask stand for them.
    func isTriggeredByBook(_ slot: Int32, _ instrument: InstrumentID) -> Bool {
        let place = Int(instrument)
        switch execution.stopTrigger {
        case .last: if markets[place].hasTrades { return false }
        case .bidAsk: break
        case .mark: return markets[place].middle.map { orders[slot].isStopped(at: $0) } ?? false
        }
        return markets[place].best(for: orders[slot].side).map {
            orders[slot].isStopped(at: $0.price)
        } ?? false
    }

    /// Trailing stops follow the price that triggers them, but not into a crossed book.
    mutating func followTick(_ instrument: InstrumentID, atTrade trade: Int64?) {
        if trade == nil, markets[Int(instrument)].isCrossed { return }
        var slot = orders.first(of: instrument)
        while slot >= 0 {
            if orders[slot].kind == .trailingStop && !orders[slot].isTriggered,
                let price = followed(slot, instrument, trade)
            {
                let level = orders[slot].trailingLevel(from: price, listings[Int(instrument)].units)
                orders[slot].stop =
                    orders[slot].isBuy
                    ? min(orders[slot].stop, level) : max(orders[slot].stop, level)
            }
            slot = orders[slot].next
        }
    }

    private func followed(_ slot: Int32, _ instrument: InstrumentID, _ trade: Int64?) -> Int64? {
        let place = Int(instrument)
        switch execution.stopTrigger {
        case .mark: return trade ?? markets[place].middle
        case .last where trade != nil || markets[place].hasTrades: return trade
        case .last, .bidAsk:
            return trade == nil ? markets[place].best(for: orders[slot].side)?.price : nil
        }
    }

    /// Whether the present tick is the first of its session.
    func isFirstTick(_ instrument: InstrumentID) -> Bool {
        let clock = listings[Int(instrument)].clock
        return clocks[clock].isFirst(
            barOpening: now.rawValue, after: markets[Int(instrument)].time, span: 0)
    }

    /// The session of a clock ends: orders on the close get the last price that came after them.
    mutating func closeAuction(_ clock: Int) {
        guard readsTicks else { return }
        forEachOrder(after: 0) { portfolio, slot in
            let instrument = portfolio.orders[slot].instrument
            let place = Int(instrument)
            guard portfolio.orders[slot].kind == .onClose, !portfolio.orders[slot].isHeld,
                portfolio.listings[place].clock == clock, portfolio.markets[place].time != .min,
                portfolio.orders[slot].liveAfter < portfolio.markets[place].sequence,
                !portfolio.isHalted(instrument)
            else { return }
            let last = portfolio.markets[place].lastTrade
            var encounter = Encounter(
                at: last != 0
                    ? last : portfolio.takingPrice(instrument, portfolio.orders[slot].side))
            encounter.isLast = true
            portfolio.execute(slot, encounter)
        }
    }

    /// After a pause the first price may be better than a resting limit's own: it is met as if it
    /// had just come.
    mutating func unrest(_ clock: Int) {
        guard readsTicks else { return }
        for place in 0..<orders.count {
            let slot = orders.slot(at: place)
            let instrument = Int(orders[slot].instrument)
            guard listings[instrument].clock == clock, orders[slot].isLimitLike,
                markets[instrument].time != .min
            else { continue }
            orders[slot].hasRested = false
            refreshBand(orders[slot].instrument)
            orders[slot].ahead = -1
        }
    }
}
