/// The running totals of one currency, in its money.
struct BooksLedger: Hashable, Sendable {
    var cash: Int64
    /// What the positions are worth at their marks; of futures their open result.
    var value: Int64 = 0
    var deposits: Int64
    /// Changed from or into other currencies.
    var converted: Int64 = 0
    var realised: Int64 = 0
    var fees: Int64 = 0
    var income: Int64 = 0
    /// What the open positions cost, futures left out.
    var cost: Int64 = 0

    init(deposit: Int64 = 0) {
        cash = deposit
        deposits = deposit
    }

    /// A change of one position: of its value and cost, with what was realised, paid in fees and
    /// earned.
    @inline(__always)
    mutating func add(_ change: BooksChange) throws(Fault) {
        cost = try Books.sum(cost, change.cost)
        value = try Books.sum(value, change.value)
        realised = try Books.sum(realised, change.realised)
        fees = try Books.sum(fees, change.fee)
        income = try Books.sum(income, change.income)
        cash = try Books.sum(cash, try change.cash)
        _ = try Books.sum(cash, value)
    }
}

/// What one event changes in a ledger.
struct BooksChange: Hashable, Sendable {
    var value: Int64 = 0
    var cost: Int64 = 0
    var realised: Int64 = 0
    var fee: Int64 = 0
    var income: Int64 = 0

    @inline(__always)
    var cash: Int64 {
        get throws(Fault) {
            let trade = try Books.sum(realised, -cost)
            return try Books.sum(try Books.sum(trade, -fee), income)
        }
    }
}

extension BooksPosition {
    /// What its ledger has to add when `before` became this.
    func change(
        from before: BooksPosition, realised: Int64 = 0, fee: Int64 = 0, income: Int64 = 0
    ) -> BooksChange {
        BooksChange(
            value: value &- before.value, cost: isFuture ? 0 : cost &- before.cost,
            realised: realised, fee: fee,
            income: income)
    }
}
