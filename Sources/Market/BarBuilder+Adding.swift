package import CTapedeck

extension BarBuilder {
    /// Takes events from `start` on, passing over those of other instruments and kinds, and writes
    /// the bars that they complete. Returns where it stopped: the end, or an event for which `out`
    /// has no room.
    package mutating func add(
        _ events: Span<Event>, from start: Int = 0, into out: inout OutputSpan<Event>
    ) -> Int {
        switch source {
        case .trades:
            return addTicks(events, start, .trade, into: &out) { event in
                (event.trade.price, event.trade.quantity)
            }
        case .quotes(.bid):
            return addTicks(events, start, .quote, into: &out) { event in
                event.quote.bid_quantity == 0 && event.quote.bid == 0 ? nil : (event.quote.bid, 0)
            }
        case .quotes(.ask):
            return addTicks(events, start, .quote, into: &out) { event in
                event.quote.ask_quantity == 0 && event.quote.ask == 0 ? nil : (event.quote.ask, 0)
            }
        case .quotes(.mid):
            let scale = prices
            return addTicks(events, start, .quote, into: &out) { event in
                Self.mid(event.quote, scale).map { ($0, 0) }
            }
        case .bars(let frame): return addBars(events, start, frame, into: &out)
        }
    }

    /// Half the sum of both sides in units, rounded once.
    @inline(__always) private static func mid(_ quote: Quote, _ prices: UnitScale) -> Double? {
        if quote.bid_quantity == 0 && quote.bid == 0 { return nil }
        if quote.ask_quantity == 0 && quote.ask == 0 { return nil }
        let (bid, ask) = (prices.nearest(quote.bid), prices.nearest(quote.ask))
        let isWhole = prices.value(of: bid) == quote.bid && prices.value(of: ask) == quote.ask
        return isWhole ? Double(bid + ask) / (2 * prices.multiplier) : (quote.bid + quote.ask) / 2
    }

    @inline(__always)
    private mutating func addTicks(
        _ events: Span<Event>, _ start: Int, _ kind: EventKind, into out: inout OutputSpan<Event>,
        _ read: (borrowing Event) -> (price: Double, quantity: Double)?
    ) -> Int {
        // Kept in registers while nothing closes.
        var bar = base
        var index = start
        while index < events.count {
            guard events[index].type == kind.rawValue, events[index].instrument == instrument,
                let (price, quantity) = read(events[index])
            else {
                if isSplit(events[index]) {
                    base = bar
                    restate(for: events[index])
                    bar = base
                }
                index += 1
                continue
            }
            let time = events[index].time
            if time < bar.opens || time >= bar.closes {
                base = bar
                guard out.freeCapacity >= largestBurst else { return index }
                let isTaken = turn(to: time, into: &out)
                bar = base
                if !isTaken {
                    index += 1
                    continue
                }
            }
            if bar.isEmpty {
                bar.isEmpty = false
                bar.open = price
                bar.high = price
                bar.low = price
            }
            bar.high = price > bar.high ? price : bar.high
            bar.low = price < bar.low ? price : bar.low
            bar.close = price
            bar.volume.add(quantity, quantities)
            bar.take(flags: events[index].flags)
            if keepsDetails { tally(events[index], &bar.tally) }
            index += 1
        }
        base = bar
        return index
    }

    /// Closes what ends by `time` and begins the base bar that holds it; false when it is late or
    /// outside.
    private mutating func turn(to time: Int64, into out: inout OutputSpan<Event>) -> Bool {
        if !base.isEmpty, time < base.opens {
            lateCount += 1
            return false
        }
        if !base.isEmpty { foldBase() }
        _ = write(closingBy: time, into: &out)
        guard let span = grid.span(of: Timestamp(nanoseconds: time), baseFrame) else {
            outsideCount += 1
            base = BarSoFar()
            return false
        }
        guard span.opens.rawValue >= takenThrough else {
            lateCount += 1
            base = BarSoFar()
            return false
        }
        base.begin(span)
        return true
    }

    private func tally(_ event: Event, _ tally: inout BarTally) {
        tally.count &+= 1
        guard event.type == EventKind.trade.rawValue else { return }
        let quantity = event.trade.quantity
        if event.trade.side == Side.buy.rawValue { tally.takerBuys.add(quantity, quantities) }
        let price = prices.nearest(event.trade.price)
        let units = quantities.nearest(quantity)
        let isWhole =
            prices.value(of: price) == event.trade.price
            && quantities.value(of: units) == quantity
        tally.isExact = tally.isExact && isWhole
        tally.turnover &+= Int128(price) &* Int128(units)
    }

    private mutating func addBars(
        _ events: Span<Event>, _ start: Int, _ shorter: TimeFrame, into out: inout OutputSpan<Event>
    ) -> Int {
        var index = start
        while index < events.count {
            let event = events[index]
            guard event.type == EventKind.bar.rawValue, event.instrument == instrument,
                event.timeframe == shorter.seconds
            else {
                if isSplit(event) { restate(for: event) }
                index += 1
                continue
            }
            // What closed before it, and what it closes itself.
            guard out.freeCapacity >= largestBurst else { return index }
            add(event, into: &out)
            index += 1
        }
        return index
    }

    /// Adds one shorter bar, which belongs where its last nanosecond lies.
    private mutating func add(_ event: Event, into out: inout OutputSpan<Event>) {
        guard event.time > lastBar else {
            lateCount += 1
            return
        }
        let last = event.time - 1
        if last < base.opens || last >= base.closes {
            guard turn(to: last, into: &out) else { return }
        }
        lastBar = event.time
        base.add(event, quantities)
        if event.time >= base.closes {
            foldBase()
            _ = write(closingBy: event.time, into: &out)
        }
    }
}
