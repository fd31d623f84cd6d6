import CTapedeck
package import Market

/// Events that can only mark a portfolio are told apart cheaply and marked in a tight loop; the
/// results are those of advancing them one at a time.
extension Portfolio {
    /// Kinds up to this one are market data that may be quiet; a level of depth always changes a
    /// book.
    static let lastMarketData = UInt8(TD_EVENT_QUOTE)

    /// How many events from `from` on, before `limit`, can only mark this portfolio.
    package borrowing func quietPrefix(_ run: EventRun, from: Int, limit: Int) -> Int {
        guard fault == nil else { return limit - from }
        if riskIsDue { return 0 }
        if unsafe run.header.isKnown, !readsDetail {
            return unsafe quietPrefixOfSeries(run, from: from, limit: limit)
        }
        let limit = readsDetail ? unsafe placeOfCoarse(run, from: from, limit: limit) : limit
        let isIdle = isIdle
        var index = from
        while index < limit {
            let type = unsafe run.events[index].type
            guard type <= Self.lastMarketData, unsafe run.events[index].time < deadline else {
                break
            }
            if !isIdle {
                let instrument = unsafe Int(run.events[index].instrument)
                guard instrument < bands.count, unsafe bands[instrument].isQuiet(run.prices[index])
                else { break }
            }
            index += 1
        }
        return index - from
    }

    /// Nothing works or is held, and no rule looks at what rates make of other currencies' cash.
    private var isIdle: Bool {
        orders.isEmpty && books.openPositions == 0 && (hasNoLimits || !books.holdsOtherCash)
    }

    /// The same where all events are of one kind: only their prices are looked at.
    private borrowing func quietPrefixOfSeries(
        _ run: EventRun, from: Int, limit: Int
    ) -> Int {
        guard unsafe run.header.type <= Self.lastMarketData, from < limit else { return 0 }
        let limit = unsafe placeOfDeadline(run, from: from, limit: limit)
        if isIdle { return limit - from }
        if unsafe !run.header.isOfOne {
            return unsafe quietPrefixOfSeveral(run, from: from, limit: limit)
        }
        let instrument = unsafe Int(run.header.instrument)
        guard instrument < bands.count else { return 0 }
        let band = bands[instrument]
        var index = from
        while index < limit, unsafe band.isQuiet(run.prices[index]) { index &+= 1 }
        return index - from
    }

    @inline(__always)
    private borrowing func quietPrefixOfSeveral(
        _ run: EventRun, from: Int, limit: Int
    ) -> Int {
        let bands = bands.span
        var index = from
        while index < limit {
            let instrument = unsafe Int(run.events[index].instrument)
            guard instrument < bands.count, unsafe bands[instrument].isQuiet(run.prices[index])
            else { break }
            index &+= 1
        }
        return index - from
    }

    /// The place of the first event at the deadline or later; times never go back.
    @inline(__always)
    private borrowing func placeOfDeadline(_ run: EventRun, from: Int, limit: Int) -> Int {
        if unsafe run.events[limit - 1].time < deadline { return limit }
        var (low, high) = (from, limit - 1)
        while low < high {
            let middle = (low &+ high) &>> 1
            if unsafe run.events[middle].time < deadline {
                low = middle &+ 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// The place of the first longer bar that may have to stand in for shorter ones.
    private borrowing func placeOfCoarse(_ run: EventRun, from: Int, limit: Int) -> Int {
        var index = from
        while index < limit {
            let event = unsafe run.events[index]
            if event.type == TD_EVENT_BAR, Int(event.instrument) < listings.count,
                event.timeframe == listings[Int(event.instrument)].coarse
            {
                return index
            }
            index += 1
        }
        return limit
    }

    /// Marks quiet events `from ..< to`.
    package mutating func mark(_ run: EventRun, from: Int, to: Int) {
        guard to > from else { return }
        if fault != nil { return unsafe pass(run.events[to - 1]) }
        if curve.sampling == .bar {
            for index in from..<to { unsafe markAndSample(run, index) }
        } else {
            unsafe books.mark(run, from: from, to: to)
        }
        unsafe noteBars(run, from: from, to: to)
        let last = unsafe run.events + (to - 1)
        sequence = unsafe last.pointee.sequence
        flags = unsafe last.pointee.flags
        now = unsafe Timestamp(nanoseconds: last.pointee.time)
        curve.pending = (sequence, now.rawValue)
    }

    /// Comes to an event at which nothing happens; one whose books have failed goes along, too.
    mutating func pass(_ event: Event) {
        sequence = event.sequence
        flags = event.flags
        now = Timestamp(nanoseconds: event.time)
    }

    private mutating func markAndSample(_ run: EventRun, _ index: Int) {
        if fault != nil { return }
        let time = unsafe run.events[index].time
        if let pending = curve.pending, time > pending.time { sample(at: pending.time) }
        unsafe books.mark(run, from: index, to: index + 1)
        curve.pending = unsafe (run.events[index].sequence, time)
    }

    /// Remembers each instrument's last bar, its volume, and what statistics are kept of bars.
    @inline(__always)
    private mutating func noteBars(_ run: EventRun, from: Int, to: Int) {
        if unsafe marksOneSeries(run) {
            let last = unsafe run.events + (to - 1)
            listings[0].lastBar = unsafe last.pointee.time
            listings[0].lastSpan = unsafe Int64(run.header.timeframe) &* 1_000_000_000
            return
        }
        if statistics.isIdle, !readsTicks, !readsVolume, hasNoLimits || !risk.limits.watchesExits,
            listings.count > 1
        {
            return unsafe noteTimes(run, from: from, to: to)
        }
        unsafe noteEach(run, from: from, to: to)
    }

    private mutating func noteEach(_ run: EventRun, from: Int, to: Int) {
        // Of one instrument the last bar is all that counts, where nobody keeps statistics.
        let onlyLast = listings.count == 1 && statistics.isIdle && !readsTicks
        var index = onlyLast ? unsafe lastBar(run, from: from, to: to) : from
        while index < to {
            let event = unsafe run.events[index]
            if Int(event.instrument) < listings.count {
                if isMatched(event) {
                    if readsVolume { unsafe noteVolume(event, run.prices[index]) }
                    if event.type == TD_EVENT_BAR {
                        unsafe noteBar(event, run.prices[index])
                    } else {
                        unsafe noteQuietTick(event, run.prices[index])
                    }
                } else if isCounted(event) {
                    unsafe noteBar(event, run.prices[index])
                }
            }
            index += 1
        }
    }

    /// All are bars of the one instrument that there is, meet its orders, and nothing is kept of
    /// them but when the last one was.
    @inline(__always)
    private borrowing func marksOneSeries(_ run: EventRun) -> Bool {
        guard unsafe run.header.type == UInt8(TD_EVENT_BAR), unsafe run.header.instrument == 0,
            listings.count == 1, statistics.isIdle, !readsVolume,
            hasNoLimits || !risk.limits.watchesExits
        else { return false }
        let matching = listings[0].matching
        return unsafe matching == 0 || matching == run.header.timeframe
    }

    /// The same where nothing is kept of a bar but when it was: nobody asks for statistics, volumes
    /// or ticks.
    private mutating func noteTimes(_ run: EventRun, from: Int, to: Int) {
        var listed = listings.mutableSpan
        for index in from..<to {
            let place = unsafe Int(run.events[index].instrument)
            guard unsafe run.events[index].type == UInt8(TD_EVENT_BAR), place < listed.count,
                unsafe listed[place].matching == run.events[index].timeframe
            else { continue }
            listed[place].lastBar = unsafe run.events[index].time
            listed[place].lastSpan = unsafe Int64(run.events[index].timeframe) &* 1_000_000_000
        }
    }

    private mutating func noteQuietTick(_ event: Event, _ prices: ExactPrices) {
        if event.type == TD_EVENT_QUOTE {
            showQuote(event, prices)
        } else {
            markets[Int(event.instrument)].noteTrade(prices.close)
        }
        noteTick(event)
    }

    private func lastBar(_ run: EventRun, from: Int, to: Int) -> Int {
        var index = to - 1
        while index > from {
            let event = unsafe run.events[index]
            if event.type == TD_EVENT_BAR, isMatched(event) { return index }
            index -= 1
        }
        return index
    }
}

extension Portfolio {
    /// Something happened to an instrument: when it is over, its band is made anew.
    @inline(__always)
    mutating func refreshBand(_ instrument: InstrumentID) {
        switch touched {
        case .none: touched = .one(instrument)
        case .one(instrument), .all: break
        case .one: touched = .all
        }
    }

    /// Something happened that concerns every band.
    mutating func refreshAllBands() { touched = .all }

    /// Equity has changed without a mark: the rules look at it at the next market data, whose
    /// instrument may have no position and be quiet otherwise.
    mutating func noteEquity() {
        if hasNoLimits { return }
        refreshAllBands()
        riskIsDue = true
    }

    /// What an instrument's prices must stay between while nothing happens to its orders.
    @inline(__always)
    mutating func makeBand(_ instrument: InstrumentID) {
        var band = QuietBand()
        var slot = orders.first(of: instrument)
        while slot >= 0 {
            band.watch(orders[slot])
            slot = orders[slot].next
        }
        // An order that fills at the next event leaves no price to look at.
        if !hasNoLimits, !band.isNever { risk.narrow(&band, of: instrument, books) }
        bands[Int(instrument)] = band
    }
}

extension QuietBand {
    /// Narrows the band to where an order neither fills nor changes.
    @inline(__always)
    mutating func watch(_ order: borrowing WorkingOrder) {
        if order.isInFlight || order.isImmediate || (order.isLimitLike && !order.hasRested) {
            self = .never
        } else if order.isLimitLike {
            if order.isBuy { watchBelow(order.limit) } else { watchAbove(order.limit) }
        } else {
            if order.isBuy { watchAbove(order.stop) } else { watchBelow(order.stop) }
            if order.kind == .trailingStop { watchTrail(order) }
        }
    }

    /// A trailing stop moves when the price leaves it by more than its distance.
    private mutating func watchTrail(_ order: borrowing WorkingOrder) {
        let billion: Int128 = 1_000_000_000
        let level = Int128(order.stop)
        let distance = Int128(order.trail)
        if order.isBuy {
            let nearest =
                order.trailsByShare ? level * billion / (billion + distance) : level - distance
            watchBelow(Int64(clamping: nearest))
        } else {
            let nearest =
                order.trailsByShare ? level * billion / (billion - distance) : level + distance
            watchAbove(Int64(clamping: nearest))
        }
    }
}
