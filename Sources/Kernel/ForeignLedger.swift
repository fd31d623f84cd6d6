import Market

/// A currency that is not the portfolio's base: its own totals, and what they are worth at the last
/// rate.
struct ForeignLedger: Hashable, Sendable {
    let currency: Currency
    let route: ConversionRoute
    var rate = ConversionRate.unknown
    var ledger = BooksLedger()
    /// Deposits, realised, fees and income in the base currency, each at the rate of its time.
    var inBase = BooksLedger()
    /// Cash and value at the last rate, in the base currency.
    var worth: Int64 = 0

    /// One for every currency of the instruments that is not `base`, in the instruments' order.
    static func all(base: Currency, _ instruments: [Instrument]) -> ContiguousArray<ForeignLedger> {
        var ledgers = ContiguousArray<ForeignLedger>()
        for instrument in instruments
        where instrument.currency != base
            && !ledgers.contains(where: { $0.currency == instrument.currency })
        {
            let route = ConversionRoute(from: instrument.currency, to: base, instruments)
            ledgers.append(ForeignLedger(currency: instrument.currency, route: route))
        }
        return ledgers
    }

    init(currency: Currency, route: ConversionRoute) {
        self.currency = currency
        self.route = route
    }

    mutating func add(_ change: BooksChange) throws(Fault) {
        try ledger.add(change)
        inBase.realised = try Books.sum(inBase.realised, try rate.convert(change.realised))
        inBase.fees = try Books.sum(inBase.fees, try rate.convert(change.fee))
        inBase.income = try Books.sum(inBase.income, try rate.convert(change.income))
    }

    mutating func refresh() throws(Fault) {
        worth = try rate.convert(try Books.sum(ledger.cash, ledger.value))
    }
}
