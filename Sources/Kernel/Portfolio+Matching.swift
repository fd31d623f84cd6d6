import CTapedeck
import Market

extension Portfolio {
    /// Lets an instrument's resting orders meet one event.
    mutating func meet(_ event: Event, _ prices: ExactPrices) {
        noteVolume(event, prices)
        guard event.type == TD_EVENT_BAR else { return meetTick(event, prices) }
        guard orders.first(of: event.instrument) >= 0, isInSession(event.instrument) else { return }
        meetBar(event, prices)
    }

    var isStrict: Bool { execution.touch == .strict }

    /// Outside a session that its calendar has told, and while it is halted, an instrument's orders
    /// rest.
    @inline(__always)
    func isInSession(_ instrument: InstrumentID) -> Bool {
        clocks[listings[Int(instrument)].clock].isOpen && !isHalted(instrument)
    }

    func isHalted(_ instrument: InstrumentID) -> Bool { listings[Int(instrument)].isHalted }

    /// What an event shows of volume and spread, and what this portfolio may take of it.
    mutating func noteVolume(_ event: Event, _ prices: ExactPrices) {
        guard readsVolume else { return }
        let place = Int(event.instrument)
        let units = listings[place].units
        switch Int(event.type) {
        case Int(TD_EVENT_BAR): listings[place].volume = units.volume(event.bar.volume)
        case Int(TD_EVENT_TRADE): listings[place].volume = units.volume(event.trade.quantity)
        case Int(TD_EVENT_QUOTE):
            listings[place].spread = max(0, prices.close &- prices.open)
            return
        default: return
        }
        guard let limit = execution.volumeLimit else { return }
        let share = Int128(listings[place].volume) * Int128(limit.rawValue) / 1_000_000_000
        listings[place].liquidity = Int64(clamping: share)
    }

    @inline(__always)
    private mutating func meetBar(_ event: Event, _ prices: ExactPrices) {
        let instrument = event.instrument
        if fillPlain(instrument, at: prices.open) { return }
        let place = Int(instrument)
        let clock = listings[place].clock
        let opens = event.time - Int64(event.timeframe) * 1_000_000_000
        let bar = BarPath(prices, sequence: sequence, isStrict: isStrict)
        let isFirst = clocks[clock].isFirst(
            barOpening: opens, after: listings[place].lastBar, span: listings[place].lastSpan)
        fillAtOpen(bar, instrument, isFirst: isFirst)
        if execution.intrabar == .path {
            walk(bar, instrument)
        } else {
            while fault == nil, let choice = choose(bar, instrument) { meet(choice, bar) }
        }
        if clocks[clock].isLast(barClosing: event.time) { fillAtClose(bar, instrument) }
    }

    /// What the open reaches is not in doubt: market orders first, then stops and limits in the
    /// order sent.
    private mutating func fillAtOpen(_ bar: BarPath, _ instrument: InstrumentID, isFirst: Bool) {
        let atOpen = Encounter(at: bar.open, in: bar)
        forEachLive(instrument) { portfolio, slot in
            if portfolio.orders[slot].isMarketLike
                || (portfolio.orders[slot].kind == .onOpen && isFirst)
            {
                portfolio.execute(slot, atOpen)
            }
        }
        if execution.stopBeforeOpen { fillStopsFirst(bar, instrument) }
        forEachLive(instrument) { portfolio, slot in
            let isLimit = portfolio.orders[slot].isLimitLike
            guard isLimit || portfolio.orders[slot].isWaitingStop else { return }
            if bar.opensBeyond(portfolio.orders[slot]) {
                if portfolio.orders[slot].isPostOnly && !portfolio.orders[slot].hasRested {
                    return portfolio.end(slot, .cancelled, .wouldTrade)
                }
                var encounter = atOpen
                encounter.takes = !portfolio.orders[slot].hasRested
                portfolio.reach(slot, encounter)
            } else if portfolio.orders[slot].isImmediate {
                portfolio.end(slot, .cancelled, .time)
            } else if isLimit {
                portfolio.orders[slot].hasRested = true
            }
        }
    }

    /// `stop_before_open`: an exit's stop that the bar touches anywhere beats a target that the
    /// open had passed.
    private mutating func fillStopsFirst(_ bar: BarPath, _ instrument: InstrumentID) {
        forEachLive(instrument) { portfolio, slot in
            guard portfolio.orders[slot].isWaitingStop, portfolio.reduces(slot),
                let level = bar.reach(portfolio.orders[slot]).price
            else { return }
            let gapped = bar.opensBeyond(portfolio.orders[slot])
            var encounter = Encounter(at: gapped ? bar.open : level, in: bar)
            encounter.isAmbiguous = !gapped && portfolio.isAmbiguous(slot, bar)
            portfolio.reach(slot, encounter)
        }
    }

    private mutating func fillAtClose(_ bar: BarPath, _ instrument: InstrumentID) {
        forEachLive(instrument) { portfolio, slot in
            guard portfolio.orders[slot].kind == .onClose else { return }
            var encounter = Encounter(at: bar.close, in: bar)
            encounter.isLast = true
            portfolio.execute(slot, encounter)
        }
    }

    /// After a bar: trailing stops follow its close, and what comes next knows where it ended.
    @inline(__always)
    mutating func closeBar(_ event: Event, _ prices: ExactPrices) {
        var slot = orders.first(of: event.instrument)
        while slot >= 0 {
            if orders[slot].kind == .trailingStop && !orders[slot].isTriggered {
                let level = orders[slot].trailingLevel(
                    from: prices.close, listings[Int(event.instrument)].units)
                orders[slot].stop =
                    orders[slot].isBuy
                    ? min(orders[slot].stop, level) : max(orders[slot].stop, level)
            }
            slot = orders[slot].next
        }
        noteBar(event, prices)
    }

    @inline(__always)
    mutating func noteBar(_ event: Event, _ prices: ExactPrices) {
        if !statistics.isIdle { statistics.observe(event.instrument, prices) }
        if !hasNoLimits { risk.barClosed(event.instrument, books, statistics) }
        listings[Int(event.instrument)].lastBar = event.time
        listings[Int(event.instrument)].lastSpan = Int64(event.timeframe) * 1_000_000_000
    }

    /// Visits an instrument's live orders in the order sent, those that become live on the way
    /// included.
    mutating func forEachLive(
        _ instrument: InstrumentID, _ visit: (inout Portfolio, Int32) -> Void
    ) {
        var slot = orders.first(of: instrument)
        while slot >= 0 {
            let id = orders[slot].id
            if orders[slot].liveAfter < sequence { visit(&self, slot) }
            slot = orders.next(after: id, in: slot, of: instrument)
        }
    }
}
