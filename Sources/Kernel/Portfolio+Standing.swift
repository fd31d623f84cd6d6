import CTapedeck
import Market

/// What becomes of an instrument: halts, the end of its listing, another symbol.
extension Portfolio {
    mutating func changeStanding(_ event: Event) {
        let place = Int(event.instrument)
        guard place < listings.count else { return }
        switch Int(event.standing.kind) {
        case Int(TD_STANDING_HALTED): listings[place].isHalted = true
        case Int(TD_STANDING_RESUMED): listings[place].isHalted = listings[place].isDelisted
        case Int(TD_STANDING_DELISTED):
            delist(event.instrument, at: event.standing.price < 0 ? nil : event.standing.price)
        case Int(TD_STANDING_SUCCEEDED): succeed(event)
        default: break
        }
        settle()
    }

    /// The listing ends: orders end, and the position is paid out at the price told, else at the
    /// last one.
    private mutating func delist(_ instrument: InstrumentID, at price: Double?) {
        let place = Int(instrument)
        endOrders(of: instrument)
        listings[place].isDelisted = true
        listings[place].isHalted = true
        let quantity = books.quantity(of: instrument).rawValue
        guard quantity != 0 else { return }
        let told = price.flatMap { listings[place].units.nearestPrice($0) }
        payOut(instrument, at: told ?? books.mark(of: instrument).rawValue)
    }

    private mutating func endOrders(of instrument: InstrumentID) {
        forEachOrder(after: 0) { portfolio, slot in
            if portfolio.orders[slot].instrument == instrument {
                portfolio.end(slot, .cancelled, .delisted)
            }
        }
    }

    private mutating func payOut(_ instrument: InstrumentID, at price: Int64) {
        let slot = sendWayOut(
            of: instrument, books.quantity(of: instrument).rawValue, because: .delisted)
        var encounter = Encounter(at: price, showing: .max)
        encounter.isFree = true
        encounter.isLast = true
        execute(slot, encounter)
    }

    /// Another instrument takes its place: the position becomes `numerator` new for `denominator`
    /// old, fractions and `price` for each old unit are paid in cash, and orders go on under the
    /// new name where nothing else changes. Who cannot have it is paid the last price, which is
    /// what cash and new units are worth together.
    private mutating func succeed(_ event: Event) {
        let terms = event.standing
        let (old, new) = (event.instrument, InstrumentID(truncatingIfNeeded: terms.successor))
        guard Int(terms.successor) < listings.count, new != old, terms.numerator > 0,
            terms.denominator > 0
        else {
            return delist(old, at: nil)
        }
        let isAlike =
            listings[Int(old)].isAlike(listings[Int(new)])
            && instruments[Int(old)].currency == instruments[Int(new)].currency
            && (instruments[Int(old)].kind == .future) == (instruments[Int(new)].kind == .future)
        if isAlike, books.quantity(of: new).isZero { goOn(from: old, to: new, terms) }
        endOrders(of: old)
        listings[Int(old)].isDelisted = true
        listings[Int(old)].isHalted = true
        if !books.quantity(of: old).isZero { payOut(old, at: books.mark(of: old).rawValue) }
        noteEquity()
        refreshBand(old)
        refreshBand(new)
    }

    private mutating func goOn(
        from old: InstrumentID, to new: InstrumentID, _ terms: td_standing
    ) {
        let counts = recordCounts
        let cash = terms.price * 1e9
        if cash > 0, cash <= OrderUnits.largestCount {
            let amount = Int64(cash.rounded(.toNearestOrEven))
            books.dividend(
                old, DividendTerms(perBillion: amount), sequence: sequence, time: now, &records)
        }
        if terms.numerator != terms.denominator {
            books.split(
                old,
                SplitTerms(
                    numerator: terms.numerator, denominator: terms.denominator,
                    lot: Quantity(listings[Int(new)].units.quantityStep)),
                sequence: sequence, time: now, &records)
        }
        books.rename(old, to: new)
        digestBooks(since: counts)
        statistics.rename(
            old, to: new, numerator: terms.numerator, denominator: terms.denominator)
        if !hasNoLimits {
            risk.renamed(
                old, to: new, numerator: terms.numerator, denominator: terms.denominator,
                books, statistics)
            riskIsDue = true
        }
        if terms.numerator == terms.denominator { moveOrders(from: old, to: new) }
    }

    private mutating func moveOrders(from old: InstrumentID, to new: InstrumentID) {
        forEachOrder(after: 0) { portfolio, slot in
            guard portfolio.orders[slot].instrument == old else { return }
            let isLinked = portfolio.orders[slot].isLinked
            if isLinked { portfolio.orders.unlink(slot) }
            portfolio.orders[slot].instrument = new
            // In the new symbol's book it is a new order, the last at its price.
            portfolio.orders[slot].ahead = -1
            if portfolio.listings[Int(new)].matchesTicks, portfolio.orders[slot].isLimitLike {
                portfolio.orders[slot].hasRested = false
            }
            if isLinked { portfolio.orders.activate(slot) }
            portfolio.note(slot, .replaced)
        }
    }
}

extension Listing {
    /// Whether a position and its orders mean the same in both.
    func isAlike(_ other: Listing) -> Bool { units == other.units && scale == other.scale }
}

extension Books {
    /// Moves a position with all that belongs to it to an instrument that is flat and counts in the
    /// same units.
    mutating func rename(_ old: InstrumentID, to new: InstrumentID) {
        let (from, to) = (Int(old), Int(new))
        guard fault == nil, positions[from].quantity != 0, positions[to].quantity == 0,
            positions[from].currency == positions[to].currency,
            positions[from].isFuture == positions[to].isFuture
        else { return }
        var (left, taken) = (positions[from], positions[to])
        (taken.quantity, taken.factor, taken.value) = (left.quantity, left.factor, left.value)
        (taken.cost, taken.fineCost, taken.bars) = (left.cost, left.fineCost, left.bars)
        (taken.highest, taken.lowest) = (left.highest, left.lowest)
        (taken.mark, taken.markNumerator, taken.markDivisor) = (
            left.mark, left.markNumerator, left.markDivisor
        )
        // The exact total that its future results are rounded to goes along.
        taken.realised &+= left.realised
        (left.quantity, left.factor, left.value) = (0, .zero, 0)
        (left.cost, left.fineCost, left.bars, left.realised) = (0, 0, 0, 0)
        left.startRange()
        (positions[from], positions[to]) = (left, taken)
        trips.swapAt(from, to)
        if lots == .fifo { queues.swapAt(from, to) }
    }
}
