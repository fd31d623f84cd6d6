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
            numerator: split.numerator, denominator: split.denominator, lot: Quantity(units.quantityStep))
        books.split(event.instrument, terms, sequence: sequence, time: now, &records)
        digestBooks(since: counts)
        forEachOrder(after: 0) { portfolio, slot in
            if portfolio.orders[slot].instrument == event.instrument { portfolio.splitOrder(slot, terms, units) }
        }
        if books.quantity(of: event.instrument).isZero { endExits(event.instrument) }
        refreshBand(event.instrument)
    }

    /// Prices divided by the ratio, quantities times it, both rounded as a ticket's are.
    private mutating func splitOrder(_ slot: Int32, _ terms: SplitTerms, _ units: OrderUnits) {
        var order = orders[slot]
        let isBuy = order.isBuy
        func price(_ value: Int64, up: Bool) -> Int64 {
            if value == 0 { return 0 }
            let rounding = up ? Rounding.ceiling : .floor
            let exact = rounding.quotient(Int128(value) * Int128(terms.denominator), Int128(terms.numerator))
            return exact.flatMap { rounding.multiple(of: units.priceStep, $0) } ?? 0
        }
        func quantity(_ value: Int64) -> Int64 {
            let exact = Int128(value) * Int128(terms.numerator) / Int128(terms.denominator)
            let units64 = Int64(clamping: exact)
            return units64 - units64 % units.quantityStep
        }
        order.limit = price(order.limit, up: !isBuy)
        order.stop = price(order.stop, up: isBuy)
        if !order.trailsByShare { order.trail = price(order.trail, up: true) }
        let remaining = quantity(order.remaining)
        order.filled = quantity(order.filled)
        order.quantity = order.filled + remaining
        let awaitsSize = order.isHeld && order.role != .plain
        orders[slot] = order
        let lostPrice = (order.kind == .limit || order.kind == .stopLimit) && order.limit == 0
            || order.isStop && order.kind != .trailingStop && order.stop == 0
        if (remaining == 0 && !awaitsSize) || lostPrice {
            end(slot, .cancelled, .roundsToZero)
        } else {
            note(order, .replaced)
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
    }
}
