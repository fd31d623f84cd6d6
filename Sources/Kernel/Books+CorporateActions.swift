package import Market

/// A split: `numerator` new for `denominator` old. What does not make a whole lot is paid in cash.
package struct SplitTerms: Hashable, Sendable {
    package var numerator: Int64
    package var denominator: Int64
    package var lot: Quantity
    /// What a fraction is paid at, per new unit; nil for the last mark divided by the ratio.
    package var cashInLieu: Price?

    package init(numerator: Int64, denominator: Int64, lot: Quantity, cashInLieu: Price? = nil) {
        self.numerator = numerator
        self.denominator = denominator
        self.lot = lot
        self.cashInLieu = cashInLieu
    }
}

/// A cash dividend, in the instrument's currency times `10^-9` per unit held.
package struct DividendTerms: Hashable, Sendable {
    package var perBillion: Int64
    /// Withheld from who is long; who is short pays the whole.
    package var tax: Rate
    /// The step that the tax is rounded to; zero for the money's own unit.
    package var taxStep: Money
    package var taxRounding: Rounding

    package init(
        perBillion: Int64, tax: Rate = .zero, taxStep: Money = .zero,
        taxRounding: Rounding = .halfEven
    ) {
        self.perBillion = perBillion
        self.tax = tax
        self.taxStep = taxStep
        self.taxRounding = taxRounding
    }
}

extension Books {
    /// Books a split on its ex date: quantity times the ratio, mark and average divided by it. The
    /// value changes by nothing but the fraction's sale.
    package mutating func split(
        _ instrument: InstrumentID, _ terms: SplitTerms, sequence: UInt64, time: Timestamp,
        _ records: inout Records
    ) {
        guard fault == nil, terms.numerator > 0, terms.denominator > 0 else { return }
        do throws(Fault) {
            try book(terms, instrument, sequence, time, &records)
        } catch {
            fault = error
        }
    }

    private mutating func book(
        _ terms: SplitTerms, _ instrument: InstrumentID, _ sequence: UInt64, _ time: Timestamp,
        _ records: inout Records
    ) throws(Fault) {
        let id = Int(instrument)
        let before = positions[id]
        var after = before
        let range = try before.openRange()
        var price = try before.splitMark(terms)
        let parts = try SplitParts(before.quantity, terms)
        after.quantity = parts.whole
        var realised: Int64 = 0
        var cash: Int64 = 0
        if parts.fraction != 0 {
            if let given = terms.cashInLieu { price = (given.rawValue, 1) }
            cash = try parts.money(at: price, positions[id].scale)
            let cost = splitCost(before, parts, id)
            realised = try after.reduce(by: cost, paying: -cash)
        }
        if lots == .fifo { queues[id].split(parts) }
        try after.setMark(price.0, over: price.1)
        try commit(after.change(from: before, realised: realised), after.currency)
        shortPositions += (after.quantity < 0 ? 1 : 0) - (before.quantity < 0 ? 1 : 0)
        positions[id] = after
        if after.isRate { try refreshRates(instrument) }
        guard before.quantity != 0 else { return }
        if let range { trips[id].reach(range) }
        trips[id].split(parts, at: price, realised: realised)
        if parts.fraction != 0 {
            // Of a future only the result moves cash.
            let paid = before.isFuture ? realised : cash
            note(.splitCash, Money(paid), instrument, sequence, time, &records)
        }
        if after.quantity == 0 {
            let ending = Execution(
                instrument: instrument, quantity: .zero, price: Price(after.mark),
                sequence: sequence, time: time,
                reason: .positionClosed)
            finishTrip(ending, bars: before.bars, &records)
            positions[id].bars = 0
        }
    }

    /// What the fraction that is paid in cash has cost.
    private mutating func splitCost(
        _ before: BooksPosition, _ parts: SplitParts, _ id: Int
    ) -> Int128 {
        lots == .fifo
            ? queues[id].takeFraction(parts)
            : BooksPosition.share(
                before.fineCost, Int64(parts.fraction.magnitude), of: Int64(parts.total.magnitude))
    }

    /// Books a dividend on its ex date for who held before it: what came, less tax; negative for a
    /// short.
    @discardableResult
    package mutating func dividend(
        _ instrument: InstrumentID, _ terms: DividendTerms, sequence: UInt64, time: Timestamp,
        _ records: inout Records
    ) -> Money {
        let id = Int(instrument)
        guard fault == nil, positions[id].quantity != 0 else { return .zero }
        do throws(Fault) {
            let net = try positions[id].scale.dividend(terms, on: positions[id].quantity)
            try commit(BooksChange(income: net), positions[id].currency)
            if let range = try positions[id].openRange() { trips[id].reach(range) }
            positions[id].startRange()
            trips[id].earn(net)
            note(.dividend, Money(net), instrument, sequence, time, &records)
            return Money(net)
        } catch {
            fault = error
            return .zero
        }
    }
}

extension ValueScale {
    func dividend(_ terms: DividendTerms, on quantity: Int64) throws(Fault) -> Int64 {
        let shift = quantityShift - 9
        let units = Int128(quantity) * Int128(terms.perBillion) * PowerOfTen.wide(max(0, shift))
        let gross = try Books.amount(
            Rounding.halfEven.quotient(units, PowerOfTen.wide(max(0, -shift))))
        if gross <= 0 || terms.tax == .zero { return gross }
        let step = Int128(max(1, terms.taxStep.rawValue))
        let billion: Int128 = 1_000_000_000
        let steps = terms.taxRounding.quotient(
            Int128(gross) * Int128(terms.tax.rawValue), billion * step)
        return try Books.sum(gross, -(try Books.amount(steps.map { $0 &* Int64(step) })))
    }
}
