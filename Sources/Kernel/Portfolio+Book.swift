import CTapedeck
import Market

/// Orders against what is shown: quotes, and levels of depth.
extension Portfolio {
    /// Takes in a quote.
    mutating func showQuote(_ event: Event, _ prices: ExactPrices) {
        let place = Int(event.instrument)
        let quote = event.quote
        let hasSizes = quote.bid_quantity > 0 || quote.ask_quantity > 0
        let looksAtSizes =
            execution.quoteSize == .respect && (hasSizes || markets[place].showsSizes)
        markets[place].show(
            bid: shownLevel(prices.open, quote.bid_quantity, place, looksAtSizes),
            ask: shownLevel(prices.close, quote.ask_quantity, place, looksAtSizes),
            hasSizes: hasSizes)
    }

    /// Nil for a side that the quote lacks.
    private func shownLevel(
        _ price: Int64, _ quantity: Double, _ place: Int, _ looksAtSizes: Bool
    ) -> ShownMarket.Level? {
        if price == 0 && quantity == 0 { return nil }
        let size = listings[place].units.volume(quantity)
        return ShownMarket.Level(
            price: price, quantity: looksAtSizes ? offered(size) : .max, size: size)
    }

    /// The share of a size that this portfolio may take.
    func offered(_ size: Int64) -> Int64 {
        guard let limit = execution.volumeLimit else { return size }
        return Int64(clamping: Int128(size) * Int128(limit.rawValue) / 1_000_000_000)
    }

    /// Takes in one level of depth; marks halfway between the best prices when the book stands.
    mutating func showDepth(_ run: EventRun, _ index: Int) {
        let event = unsafe run.events[index]
        let place = Int(event.instrument)
        guard place < listings.count, listings[place].matchesTicks, event.depth.side != 0 else {
            return
        }
        let units = listings[place].units
        guard let price = units.nearestPrice(event.depth.price) else { return }
        let size = units.volume(event.depth.quantity)
        let quantity = size > 0 && execution.quoteSize == .ignore ? Int64.max : offered(size)
        markets[place].show(
            ShownMarket.Level(price: price, quantity: quantity, size: size),
            side: event.depth.side)
        // The rest of the same update follows: the book does not stand yet.
        if Int(event.flags) & Int(TD_FLAG_MORE) != 0 { return }
        if orders.first(of: event.instrument) >= 0, isInSession(event.instrument) {
            meetBook(event.instrument)
        }
        noteTick(event)
        guard fault == nil, let middle = markets[place].middle else { return }
        if books.mark(of: event.instrument).rawValue != middle {
            books.mark(event.instrument, at: Price(middle), time: now)
        }
        endTick(event.instrument, atTrade: nil)
    }

    /// What every tick ends with: trailing stops follow, risk rules look at the mark, the band is
    /// made anew.
    mutating func endTick(_ instrument: InstrumentID, atTrade trade: Int64?) {
        followTick(instrument, atTrade: trade)
        if !hasNoLimits { watchRisk() }
        refreshBand(instrument)
    }

    /// A crossed book is no tick: the session's first price is still to come.
    mutating func noteTick(_ event: Event) {
        if event.type != TD_EVENT_TRADE, markets[Int(event.instrument)].isCrossed { return }
        markets[Int(event.instrument)].sequence = event.sequence
        markets[Int(event.instrument)].time = event.time
    }

    /// Resting orders meet the book as it stands, in the order sent. Where it is crossed, one side
    /// is old and nobody can say which: nothing is there to take, and orders wait.
    mutating func meetBook(_ instrument: InstrumentID) {
        let isCrossed = markets[Int(instrument)].isCrossed
        forEachLive(instrument) { portfolio, slot in
            if !isCrossed {
                portfolio.meetBook(slot, instrument)
            } else if portfolio.orders[slot].isImmediate {
                portfolio.end(slot, .cancelled, .notEnoughVolume)
            }
        }
    }

    private mutating func meetBook(_ slot: Int32, _ instrument: InstrumentID) {
        if orders[slot].kind == .onClose
            || (orders[slot].kind == .onOpen && !isFirstTick(instrument))
        {
            return
        }
        if orders[slot].isWaitingStop {
            guard isTriggeredByBook(slot, instrument) else { return }
            trigger(slot)
        }
        if orders[slot].isInFlight {
            take(slot)
        } else if orders[slot].isLimitLike {
            meetBookAsLimit(slot, instrument)
        }
    }

    private mutating func meetBookAsLimit(_ slot: Int32, _ instrument: InstrumentID) {
        let side = orders[slot].side
        let isReached =
            markets[Int(instrument)].best(for: side).map { orders[slot].reaches($0.price) } ?? false
        if isReached && !orders[slot].hasRested && orders[slot].isPostOnly {
            return end(slot, .cancelled, .wouldTrade)
        }
        let id = orders[slot].id
        if isReached { take(slot, within: orders[slot].limit, asMaker: orders[slot].hasRested) }
        guard orders[slot].id == id, orders[slot].isLinked else { return }
        if orders[slot].isImmediate { return end(slot, .cancelled, .time) }
        orders[slot].hasRested = true
        if let standing = markets[Int(instrument)].standing(at: orders[slot].limit, of: side) {
            orders[slot].ahead =
                orders[slot].ahead < 0 ? standing : min(orders[slot].ahead, standing)
        }
    }

    /// Takes what the other side shows, level by level, as far as the limit allows; who rested gets
    /// his own price.
    mutating func take(_ slot: Int32, within limit: Int64? = nil, asMaker: Bool = false) {
        let (id, side, place) = (orders[slot].id, orders[slot].side, Int(orders[slot].instrument))
        if orders[slot].timeInForce == .fok && !isWholeOffered(slot, within: limit) {
            return end(slot, .cancelled, .notEnoughVolume)
        }
        var level = 0
        while fault == nil, let shown = markets[place].level(level, for: side),
            limit.map({ side > 0 ? shown.price <= $0 : shown.price >= $0 }) ?? true
        {
            let wanted = min(shown.rest, orders[slot].remaining)
            if wanted > 0 {
                let price = asMaker ? limit ?? shown.price : shown.price
                let filled = execute(
                    slot, Encounter(at: price, showing: shown.rest, takes: !asMaker))
                if filled > 0 { markets[place].take(filled, at: level, for: side) }
                guard orders[slot].id == id, orders[slot].isLinked, filled == wanted else { break }
            }
            level += 1
        }
        guard orders[slot].id == id, orders[slot].isLinked else { return }
        if orders[slot].timeInForce == .ioc { return end(slot, .cancelled, .notEnoughVolume) }
        orders[slot].liveAfter = sequence
    }

    private func isWholeOffered(_ slot: Int32, within limit: Int64?) -> Bool {
        var offered: Int64 = 0
        var level = 0
        while let shown = markets[Int(orders[slot].instrument)].level(
            level, for: orders[slot].side),
            limit.map({ orders[slot].side > 0 ? shown.price <= $0 : shown.price >= $0 }) ?? true
        {
            offered = Int64(clamping: Int128(offered) + Int128(shown.rest))
            level += 1
        }
        return offered >= orders[slot].remaining
    }

    /// What a market order would pay, or get, now: the best price of the other side, else the last
    /// one. A bar that came after the book says more than it; a crossed book says nothing.
    @inline(__always) func takingPrice(_ instrument: InstrumentID, _ side: Int8) -> Int64 {
        let place = Int(instrument)
        // The field itself: asking the market means a copy of its levels.
        if markets[place].source != .nothing, !markets[place].isCrossed,
            let best = markets[place].best(for: side),
            listings[place].matching != 0 || markets[place].time > listings[place].lastBar
        {
            return best.price
        }
        return books.mark(of: instrument).rawValue
    }
}

extension WorkingOrder {
    /// Whether a price of the other side is within its limit.
    func reaches(_ price: Int64) -> Bool { isBuy ? price <= limit : price >= limit }
    /// Whether a price is at its stop or beyond.
    func isStopped(at price: Int64) -> Bool { isBuy ? price >= stop : price <= stop }
}
