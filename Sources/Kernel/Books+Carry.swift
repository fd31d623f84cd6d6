import Market

/// What holding costs or brings. A year has 365 days.
extension Books {
    static let daysOfYear: Int128 = 365

    /// A yearly rate of an amount over some days, half to even.
    static func yearly(_ amount: Int64, _ rate: Rate, days: Int64) throws(Fault) -> Int64 {
        let product = Int128(amount) * Int128(rate.rawValue) * Int128(days)
        return try Books.amount(Rounding.halfEven.quotient(product, 1_000_000_000 * daysOfYear))
    }

    /// The fee of a short position for some days at its mark; zero where nothing was borrowed.
    mutating func chargeBorrow(
        _ instrument: InstrumentID, _ rate: Rate, days: Int64, sequence: UInt64, time: Timestamp,
        _ records: inout Records
    ) {
        let position = positions[Int(instrument)]
        guard fault == nil, position.quantity < 0, !position.isFuture else { return }
        do throws(Fault) {
            let fee = try Self.yearly(Int64(clamping: position.value.magnitude), rate, days: days)
            try carry(.borrowFee, -fee, instrument, sequence, time, &records)
        } catch {
            fault = error
        }
    }

    /// Funding of a position at a price, nil for its mark: positive rates are paid by longs and got
    /// by shorts.
    mutating func fund(
        _ instrument: InstrumentID, _ rate: Rate, at price: Price?, sequence: UInt64,
        time: Timestamp,
        _ records: inout Records
    ) {
        let id = Int(instrument)
        guard fault == nil, positions[id].quantity != 0 else { return }
        do throws(Fault) {
            // A split leaves the mark a fraction, which the worth at the mark has in full.
            let notional =
                try price.map { price throws(Fault) in
                    try positions[id].scale.money(positions[id].quantity, at: price.rawValue)
                } ?? marketValue(of: instrument).rawValue
            let paid = Rounding.halfEven.quotient(
                Int128(notional) * Int128(rate.rawValue), 1_000_000_000)
            try carry(.funding, -(try Self.amount(paid)), instrument, sequence, time, &records)
        } catch {
            fault = error
        }
    }

    private mutating func carry(
        _ kind: LedgerRecord.Kind, _ amount: Int64, _ instrument: InstrumentID, _ sequence: UInt64,
        _ time: Timestamp, _ records: inout Records
    ) throws(Fault) {
        guard amount != 0 else { return }
        let id = Int(instrument)
        try commit(BooksChange(income: amount), positions[id].currency)
        trips[id].pay(-amount)
        note(kind, Money(amount), instrument, sequence, time, &records)
    }

    /// Interest for some days on the cash of every currency; its lines are in the base currency.
    mutating func chargeInterest(
        _ terms: InterestSettings, days: Int64, sequence: UInt64, time: Timestamp,
        _ records: inout Records
    ) {
        guard fault == nil else { return }
        do throws(Fault) {
            for currency in 0...foreign.count {
                let cash = currency == 0 ? ledger.cash : foreign[currency - 1].ledger.cash
                let amount = try interest(terms, on: cash, currency, days)
                guard amount != 0 else { continue }
                try commit(BooksChange(income: amount), UInt8(currency))
                note(
                    .interest, Money(inBase(amount, UInt8(currency))), .max, sequence, time,
                    &records)
            }
        } catch {
            fault = error
        }
    }

    private func interest(
        _ terms: InterestSettings, on cash: Int64, _ currency: Int, _ days: Int64
    ) throws(Fault) -> Int64 {
        if cash < 0 { return try Self.yearly(cash, terms.debit, days: days) }
        if terms.credit == .zero { return 0 }
        var own = cash
        for position in positions where Int(position.currency) == currency && position.quantity < 0
        {
            if !position.isFuture { own = try Self.sum(own, position.value) }
        }
        return try Self.yearly(max(0, own), terms.credit, days: days)
    }
}
