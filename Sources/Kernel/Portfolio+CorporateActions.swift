import CTapedeck
import Market

extension Portfolio {
    /// A split on its ex date: of the position in the books, and of everything that rests.
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
        forEachOrder(after: 0) { portfolio, slot in
            if portfolio.orders[slot].instrument == event.instrument {
                portfolio.splitOrder(slot, terms, units)
            }
        }
        if books.quantity(of: event.instrument).isZero { endExits(event.instrument) }
        refreshBand(event.instrument)
    }

    /// Prices divided by the ratio, quantities times it, both rounded as a ticket's are.
    private mutating func splitOrder(_ slot: Int32, _ terms: SplitTerms, _ units: OrderUnits) {
        let isBuy = orders[slot].isBuy
        func price(_ value: Int64, up: Bool) -> Int64 {
            if value == 0 { return 0 }
            let rounding = up ? Rounding.ceiling : .floor
            let exact = rounding.quotient(
                Int128(value) * Int128(terms.denominator), Int128(terms.numerator))
            return exact.flatMap { rounding.multiple(of: units.priceStep, $0) } ?? 0
        }
        func quantity(_ value: Int64) -> Int64 {
            let exact = Int64(
                clamping: Int128(value) * Int128(terms.numerator) / Int128(terms.denominator))
            return exact - exact % units.quantityStep
        }
        orders[slot].limit = price(orders[slot].limit, up: !isBuy)
        orders[slot].stop = price(orders[slot].stop, up: isBuy)
        if !orders[slot].trailsByShare { orders[slot].trail = price(orders[slot].trail, up: true) }
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
