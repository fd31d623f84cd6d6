/// The running totals of one currency, in its money.
struct BooksLedger: Hashable, Sendable {
    var cash: Int64
    /// What the positions are worth at their marks; of futures their open result.
    var value: Int64 = 0
    var deposits: Int64
    var realised: Int64 = 0
    var fees: Int64 = 0
    var income: Int64 = 0
    /// What the open positions cost, futures left out.
    var cost: Int64 = 0

    init(deposit: Int64) {
        cash = deposit
        deposits = deposit
    }
}
