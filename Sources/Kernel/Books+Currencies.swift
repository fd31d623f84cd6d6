package import Market

extension Books {
    /// The currencies of `instruments` for which no pair among them gives a rate to `base`: an
    /// error at start.
    package static func currenciesWithoutRate(
        base: Currency, _ instruments: [Instrument]
    ) -> [Currency] {
        ForeignLedger.all(base: base, instruments).filter { $0.route.legs.isEmpty }.map(\.currency)
    }

    /// The pairs among `instruments` whose marks turn one currency into another; empty where none
    /// lead there.
    package static func pairs(
        from source: Currency, to base: Currency, _ instruments: [Instrument]
    ) -> [InstrumentID] {
        source == base ? [] : ConversionRoute(from: source, to: base, instruments).legs.map(\.pair)
    }

    /// What one unit of an instrument's currency is worth in the base currency; zero while that is
    /// not known.
    package func rateToBase(of instrument: InstrumentID) -> Double {
        let currency = Int(positions[Int(instrument)].currency)
        guard currency > 0 else { return 1 }
        let rate = foreign[currency - 1].rate
        return rate.isKnown ? Double(rate.numerator) / Double(rate.denominator) : 0
    }

    /// Whether fills of an instrument can be booked: false until the pairs that lead to the base
    /// currency have been marked.
    package func hasRate(for instrument: InstrumentID) -> Bool {
        let currency = positions[Int(instrument)].currency
        return currency == 0 || foreign[Int(currency) - 1].rate.isKnown
    }

    /// Cash held in a currency, in its own money.
    package func cash(in currency: Currency) -> Money {
        Money(foreign.first { $0.currency == currency }?.ledger.cash ?? ledger.cash)
    }

    /// Whether there is cash, or a debt, in a currency that is not the base.
    var holdsOtherCash: Bool { foreign.contains { $0.ledger.cash != 0 } }

    /// Money that comes, or goes where it is negative. It moves peak and trough along, being
    /// neither gain nor loss.
    package mutating func deposit(
        _ amount: Money, in currency: Currency? = nil, sequence: UInt64, time: Timestamp,
        _ records: inout Records
    ) {
        guard fault == nil else { return }
        do throws(Fault) {
            let before = equity.rawValue
            if let currency, let id = foreign.firstIndex(where: { $0.currency == currency }) {
                var other = foreign[id]
                other.ledger.cash = try Self.sum(other.ledger.cash, amount.rawValue)
                other.ledger.deposits = try Self.sum(other.ledger.deposits, amount.rawValue)
                other.inBase.deposits = try Self.sum(
                    other.inBase.deposits, try other.rate.convert(amount.rawValue))
                foreign[id] = other
                try refresh(id)
            } else {
                ledger.cash = try Self.sum(ledger.cash, amount.rawValue)
                ledger.deposits = try Self.sum(ledger.deposits, amount.rawValue)
            }
            try drawdown.shift(by: try Self.sum(equity.rawValue, -before))
            note(.deposit, amount, 0, sequence, time, &records)
        } catch {
            fault = error
        }
    }

    /// Books one position's change in its currency's ledger; under `convertAtFill` the cash goes on
    /// to the base.
    mutating func commit(_ change: BooksChange, _ currency: UInt8) throws(Fault) {
        if currency == 0 {
            var totals = ledger
            try totals.add(change)
            ledger = totals
            return
        }
        let id = Int(currency) - 1
        var other = foreign[id]
        guard other.rate.isKnown else {
            // Nothing can be held before its rate is known, so most events have nothing to book.
            if change == BooksChange() { return }
            throw .missingRate
        }
        try other.add(change)
        if foreignCash == .convertAtFill {
            let amount = try change.cash
            let converted = try other.rate.convert(amount)
            other.ledger.cash = try Self.sum(other.ledger.cash, -amount)
            other.ledger.converted = try Self.sum(other.ledger.converted, -amount)
            ledger.cash = try Self.sum(ledger.cash, converted)
            ledger.converted = try Self.sum(ledger.converted, converted)
        }
        foreign[id] = other
        try refresh(id)
    }

    /// Recomputes what a foreign currency's cash and positions are worth.
    mutating func refresh(_ id: Int) throws(Fault) {
        let before = foreign[id].worth
        try foreign[id].refresh()
        foreignEquity = try Self.sum(try Self.sum(foreignEquity, foreign[id].worth), -before)
    }

    /// A pair was marked: every rate that it leads to moves.
    mutating func refreshRates(_ pair: InstrumentID) throws(Fault) {
        for id in foreign.indices where foreign[id].route.uses(pair) {
            let legs = foreign[id].route.legs
            var rate = legs[0].rate(at: positions[Int(legs[0].pair)].mark)
            for leg in legs.dropFirst() where rate.isKnown {
                rate = rate.then(leg.rate(at: positions[Int(leg.pair)].mark))
            }
            guard rate.isKnown else { continue }
            foreign[id].rate = rate
            try refresh(id)
        }
    }

    /// Writes a line of the ledger.
    func note(
        _ kind: LedgerRecord.Kind, _ amount: Money, _ instrument: InstrumentID, _ sequence: UInt64,
        _ time: Timestamp, _ records: inout Records
    ) {
        records.ledger.append(
            LedgerRecord(
                sequence: sequence, time: time, amount: amount, cashAfter: cash,
                instrument: instrument, kind: kind))
    }
}
