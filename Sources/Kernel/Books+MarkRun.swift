import CTapedeck
package import Market

/// The tight loops. They do what marking event by event does: equity is looked at after every
/// event.
extension Books {
    /// Marks events `from ..< to` of a run, of which none does anything else to these books. Bars
    /// and trades mark at their close, quotes in the middle, rounded half to even.
    @inline(__always)
    package mutating func mark(_ run: EventRun, from: Int, to: Int) {
        guard fault == nil, from < to else { return }
        do throws(Fault) {
            if !foreign.isEmpty {
                try unsafe markEach(run, from, to)
            } else if positions.count == 1 {
                if unsafe marksOneSeries(run) { return try unsafe markSeries(run, from, to) }
                try unsafe markOne(run, from, to)
            } else if unsafe run.header.type == Self.bar {
                try unsafe markBars(run, from, to)
            } else {
                try unsafe markSeveral(run, from, to)
            }
        } catch {
            fault = error
        }
    }

    private mutating func markEach(_ run: EventRun, _ from: Int, _ to: Int) throws(Fault) {
        for index in from..<to {
            let instrument = unsafe run.events[index].instrument
            guard
                let prices = unsafe BooksPosition.prices(
                    run, index, positions[Int(instrument)].timeframe)
            else { continue }
            let (isBar, time) = unsafe (
                run.events[index].type == Self.bar, Timestamp(nanoseconds: run.events[index].time)
            )
            mark(instrument, prices, isBar: isBar, time: time)
            if let fault { throw fault }
        }
    }

    /// One instrument: equity moves one way with the price, so that between two prices which made
    /// neither a new peak nor a deeper fall no price does, and the worth need not be computed. How
    /// far the price may go before there is one is measured as well, where enough events are left
    /// for that to be worth it.
    private mutating func markOne(_ run: EventRun, _ from: Int, _ to: Int) throws(Fault) {
        var seen = drawdown
        let cash = ledger.cash
        var span = positions.mutableSpan
        let (factor, scale, quantity) = (span[0].factor, span[0].scale, span[0].quantity)
        let (rest, timeframe) = (cash &- span[0].taken, span[0].timeframe)
        var (lowest, highest, bars) = (span[0].lowest, span[0].highest, span[0].bars)
        var (mark, below, above) = (span[0].mark, Int64.max, Int64.min)
        for index in from..<to {
            guard let prices = unsafe BooksPosition.prices(run, index, timeframe) else { continue }
            mark = prices.close
            highest = max(highest, prices.high)
            lowest = min(lowest, prices.low)
            if unsafe run.events[index].type == Self.bar { bars &+= 1 }
            if mark >= below, mark <= above { continue }
            let equity = try Self.sum(rest, try factor.worth(at: mark, quantity, scale))
            let peak = seen.peak
            unsafe seen.observe(equity, at: run.events[index].time)
            if seen.peak != peak { (below, above) = (mark, mark) }
            let room = index &+ 4 < to ? seen.room(at: equity) : (0, 0)
            let way = factor.way(down: room.0, up: room.1)
            below = min(below, Self.shifted(mark, down: way.down))
            above = max(above, Self.shifted(mark, up: way.up))
        }
        if below > above { return }
        span[0].mark = mark
        span[0].markDivisor = 1
        if quantity != 0 {
            (span[0].lowest, span[0].highest, span[0].bars) = (lowest, highest, bars)
        }
        let value = try factor.worth(at: mark, quantity, scale) &- span[0].taken
        span[0].value = value
        drawdown = seen
        ledger.value = try Self.amount(value)
    }

    /// All are bars of the one instrument that there is, and mark it.
    @inline(__always) private func marksOneSeries(_ run: EventRun) -> Bool {
        guard unsafe run.header.type == Self.bar, unsafe run.header.instrument == 0 else {
            return false
        }
        let timeframe = positions[0].timeframe
        return unsafe timeframe == 0 || timeframe == run.header.timeframe
    }

    /// The same where every event is such a bar. Without a position equity does not move: it is
    /// looked at once.
    @inline(__always)
    private mutating func markSeries(_ run: EventRun, _ from: Int, _ to: Int) throws(Fault) {
        let quantity = positions[0].quantity
        if quantity != 0 {
            // One at a time is what follows every fill.
            if to &- from == 1 { return try unsafe markOnce(run, from, quantity) }
            return try unsafe markHeld(run, from, to, quantity)
        }
        let value = 0 &- positions[0].taken
        let equity = try Self.sum(ledger.cash, value)
        unsafe drawdown.observe(equity, at: run.events[from].time)
        positions[0].mark = unsafe run.prices[to - 1].close
        positions[0].markDivisor = 1
        positions[0].value = value
        ledger.value = try Self.amount(value)
    }

    @inline(__always)
    private mutating func markOnce(
        _ run: EventRun, _ index: Int, _ quantity: Int64
    ) throws(Fault) {
        let cash = ledger.cash
        let prices = unsafe run.prices + index
        let mark = unsafe prices.pointee.close
        let worth = try positions[0].factor.worth(at: mark, quantity, positions[0].scale)
        let value = try Self.amount(worth &- positions[0].taken)
        let equity = try Self.sum(cash, value)
        unsafe drawdown.observe(equity, at: run.events[index].time)
        positions[0].mark = mark
        positions[0].markDivisor = 1
        positions[0].highest = unsafe max(positions[0].highest, prices.pointee.high)
        positions[0].lowest = unsafe min(positions[0].lowest, prices.pointee.low)
        positions[0].bars &+= 1
        positions[0].value = value
        ledger.value = value
    }

    private mutating func markHeld(
        _ run: EventRun, _ from: Int, _ to: Int, _ quantity: Int64
    ) throws(Fault) {
        var seen = drawdown
        let cash = ledger.cash
        var span = positions.mutableSpan
        let (factor, scale, taken) = (span[0].factor, span[0].scale, span[0].taken)
        let rest = cash &- taken
        var (lowest, highest) = (span[0].lowest, span[0].highest)
        var (below, above) = (Int64.max, Int64.min)
        for index in from..<to {
            let mark = unsafe run.prices[index].close
            highest = unsafe max(highest, run.prices[index].high)
            lowest = unsafe min(lowest, run.prices[index].low)
            if mark >= below, mark <= above { continue }
            let equity = try Self.sum(rest, try factor.worth(at: mark, quantity, scale))
            let peak = seen.peak
            unsafe seen.observe(equity, at: run.events[index].time)
            if seen.peak != peak { (below, above) = (mark, mark) }
            let room = index &+ 4 < to ? seen.room(at: equity) : (0, 0)
            let way = factor.way(down: room.0, up: room.1)
            below = min(below, Self.shifted(mark, down: way.down))
            above = max(above, Self.shifted(mark, up: way.up))
        }
        let mark = unsafe run.prices[to - 1].close
        span[0].mark = mark
        span[0].markDivisor = 1
        (span[0].lowest, span[0].highest) = (lowest, highest)
        span[0].bars &+= UInt32(truncatingIfNeeded: to &- from)
        let value = try factor.worth(at: mark, quantity, scale) &- taken
        span[0].value = value
        drawdown = seen
        ledger.value = try Self.amount(value)
    }

    /// The same where all are bars of one time frame. Equity does not move where an instrument
    /// without a position does: then it need not be looked at again.
    private mutating func markBars(_ run: EventRun, _ from: Int, _ to: Int) throws(Fault) {
        var value = ledger.value
        let cash = ledger.cash
        var seen = drawdown
        var span = positions.mutableSpan
        let frame = unsafe run.header.timeframe
        var isLookedAt = false
        for index in from..<to {
            let id = unsafe Int(run.events[index].instrument)
            let timeframe = span[id].timeframe
            guard timeframe == 0 || timeframe == frame else { continue }
            let close = unsafe run.prices[index].close
            span[id].mark = close
            span[id].markDivisor = 1
            if span[id].quantity != 0 {
                unsafe span[id].includeInRange(run.prices[index].high)
                unsafe span[id].includeInRange(run.prices[index].low)
                span[id].bars &+= 1
                let worth = try Self.sum(try span[id].worth(at: close), -span[id].taken)
                value = try Self.sum(value, worth &- span[id].value)
                span[id].value = worth
            } else if isLookedAt {
                continue
            }
            isLookedAt = true
            unsafe seen.observe(try Self.sum(cash, value), at: run.events[index].time)
        }
        ledger.value = value
        drawdown = seen
    }

    private mutating func markSeveral(_ run: EventRun, _ from: Int, _ to: Int) throws(Fault) {
        var value = ledger.value
        let cash = ledger.cash
        var seen = drawdown
        var span = positions.mutableSpan
        for index in from..<to {
            let id = unsafe Int(run.events[index].instrument)
            guard let prices = unsafe BooksPosition.prices(run, index, span[id].timeframe) else {
                continue
            }
            span[id].mark = prices.close
            span[id].markDivisor = 1
            if span[id].quantity != 0 {
                span[id].includeInRange(prices.high)
                span[id].includeInRange(prices.low)
                if unsafe run.events[index].type == Self.bar { span[id].bars &+= 1 }
                let worth = try Self.sum(try span[id].worth(at: prices.close), -span[id].taken)
                value = try Self.sum(value, worth &- span[id].value)
                span[id].value = worth
            }
            unsafe seen.observe(try Self.sum(cash, value), at: run.events[index].time)
        }
        ledger.value = value
        drawdown = seen
    }

    private static var bar: UInt8 { UInt8(TD_EVENT_BAR) }
}

extension BooksPosition {
    /// The prices by which an event marks an instrument of that time frame; nil where it does not:
    /// an event of another kind, a bar of another time frame.
    @inline(__always) fileprivate static func prices(
        _ run: EventRun, _ index: Int, _ timeframe: UInt32
    ) -> ExactPrices? {
        let type = unsafe run.events[index].type
        if type == UInt8(TD_EVENT_BAR) {
            guard unsafe timeframe == 0 || timeframe == run.events[index].timeframe else {
                return nil
            }
            return unsafe run.prices[index]
        }
        guard timeframe == 0 || timeframe & Portfolio.ticks != 0 else { return nil }
        if type == UInt8(TD_EVENT_TRADE) { return unsafe run.prices[index] }
        guard type == UInt8(TD_EVENT_QUOTE) else { return nil }
        return unsafe run.prices[index].middle(of: run.events[index].quote)
    }
}

extension ExactPrices {
    /// Halfway between bid and ask, four times; nil where one side is missing.
    fileprivate func middle(of quote: Quote) -> ExactPrices? {
        if low == 0 || high == 0 {
            let lacksBid = quote.bid == 0 && quote.bid_quantity == 0
            if lacksBid || (quote.ask == 0 && quote.ask_quantity == 0) { return nil }
        }
        let sum = low &+ high
        let half = sum >> 1
        let price = sum & 1 == 1 && half & 1 == 1 ? half &+ 1 : half
        return ExactPrices(open: price, high: price, low: price, close: price)
    }
}
