import CTapedeck
import Market

extension Portfolio {
    /// A split on its ex date: of the position in the books, of everything that rests, and of what
    /// is remembered of the market. What only the feed can tell anew is forgotten.
    mutating func split(_ event: Event) {
        let split = event.split
        guard Int(event.instrument) < listings.count, split.numerator > 0, split.denominator > 0,
            split.numerator != split.denominator
        else { return }
        let units = listings[Int(event.instrument)].units
        let counts = recordCounts
        let terms = SplitTerms(
            numerator: split.numerator, denominator: split.denominator,
            lot: Quantity(units.quantityStep))
        books.split(event.instrument, terms, sequence: sequence, time: now, &records)
        digestBooks(since: counts)
        statistics.split(
            event.instrument, numerator: split.numerator, denominator: split.denominator)
        if !hasNoLimits {
            risk.split(
                event.instrument, numerator: split.numerator, denominator: split.denominator, books,
                statistics)
        }
        noteEquity()
        markets[Int(event.instrument)].forget()
        listings[Int(event.instrument)].split(terms)
        splitRequests(of: event.instrument, terms)
        forEachOrder(after: 0) { portfolio, slot in
            if portfolio.orders[slot].instrument == event.instrument {
                portfolio.splitOrder(slot, terms, units)
            }
        }
        if books.quantity(of: event.instrument).isZero { endExits(event.instrument) }
        refreshBand(event.instrument)
    }

    /// Prices divided by the ratio, quantities times it, both rounded as a ticket's are. Its place
    /// in a queue is lost: what its level shows next stands before it.
    private mutating func splitOrder(_ slot: Int32, _ terms: SplitTerms, _ units: OrderUnits) {
        let isBuy = orders[slot].isBuy
        func price(_ value: Int64, up: Bool) -> Int64? {
            let rounding = up ? Rounding.ceiling : .floor
            return terms.price(value, rounding).flatMap {
                rounding.multiple(of: units.priceStep, $0)
            }
        }
        func quantity(_ value: Int64) -> Int64 {
            let exact = terms.quantity(value)
            return exact - exact % units.quantityStep
        }
        orders[slot].limit = price(orders[slot].limit, up: !isBuy) ?? 0
        if orders[slot].kind == .trailingStop {
            // Out of range is out of reach.
            let unreached: Int64 = isBuy ? .max : .min
            let isReachable = orders[slot].stop != unreached
            let level = isReachable ? price(orders[slot].stop, up: isBuy) : nil
            orders[slot].stop = level ?? unreached
        } else {
            orders[slot].stop = price(orders[slot].stop, up: isBuy) ?? 0
        }
        orders[slot].plannedStop = price(orders[slot].plannedStop, up: false) ?? 0
        if !orders[slot].trailsByShare {
            orders[slot].trail = price(orders[slot].trail, up: true) ?? 0
        }
        orders[slot].ahead = -1
        let remaining = quantity(orders[slot].remaining)
        orders[slot].filled = quantity(orders[slot].filled)
        orders[slot].quantity = orders[slot].filled + remaining
        let awaitsSize = orders[slot].isHeld && orders[slot].role != .plain
        if (remaining == 0 && !awaitsSize) || !hasItsPrices(slot) {
            end(slot, .cancelled, .roundsToZero)
        } else {
            note(slot, .replaced)
        }
    }

    /// Changes of an instrument's orders that are under way were asked for before the split.
    private mutating func splitRequests(of instrument: InstrumentID, _ terms: SplitTerms) {
        for place in requests.indices {
            let slot = orders.slot(of: requests[place].order)
            guard slot >= 0, orders[slot].instrument == instrument else { continue }
            let trailsByShare = orders[slot].trailsByShare
            requests[place].terms?.split(terms, trailsByShare: trailsByShare)
        }
    }

    /// Whether an order still has the prices that its kind needs.
    private func hasItsPrices(_ slot: Int32) -> Bool {
        switch orders[slot].kind {
        case .market, .onOpen, .onClose, .trailingStop: true
        case .limit: orders[slot].limit != 0
        case .stop: orders[slot].stop != 0
        case .stopLimit: orders[slot].limit != 0 && orders[slot].stop != 0
        }
    }

    /// A dividend on its ex date: who holds gets it, who is short pays it.
    mutating func payDividend(_ event: Event) {
        guard Int(event.instrument) < listings.count else { return }
        let amount = event.dividend.amount * 1e9
        guard amount.magnitude <= OrderUnits.largestCount else { return }
        let tax = (event.dividend.tax_rate * 1e9).rounded(.toNearestOrEven)
        let counts = recordCounts
        books.dividend(
            event.instrument,
            DividendTerms(
                perBillion: Int64(amount.rounded(.toNearestOrEven)),
                tax: Rate(perBillion: tax >= 0 && tax <= 1e9 ? Int64(tax) : 0)),
            sequence: sequence, time: now, &records)
        digestBooks(since: counts)
        noteEquity()
    }
}

extension Listing {
    /// The last volume and spread, in the units of the new shares.
    fileprivate mutating func split(_ terms: SplitTerms) {
        volume = terms.quantity(volume)
        spread = terms.price(spread, .halfEven) ?? 0
        if liquidity != .max { liquidity = terms.quantity(liquidity) }
    }
}

extension td_order {
    /// New terms of an order, in the units of the new shares.
    fileprivate mutating func split(_ terms: SplitTerms, trailsByShare: Bool) {
        let (numerator, denominator) = (Double(terms.numerator), Double(terms.denominator))
        quantity = quantity * numerator / denominator
        limit = limit * denominator / numerator
        stop = stop * denominator / numerator
        stop_loss = stop_loss * denominator / numerator
        take_profit = take_profit * denominator / numerator
        if trailsByShare { return }
        trail = trail * denominator / numerator
        trailing_stop = trailing_stop * denominator / numerator
    }
}
