package import Market

/// A fill as it is handed to the books.
package struct Execution: Hashable, Sendable {
    package var instrument: InstrumentID
    /// Signed: buys are positive.
    package var quantity: Quantity
    package var price: Price
    /// In the instrument's currency; a rebate is negative.
    package var fee: Money
    /// What the venue keeps of the bought asset itself; it counts as a fee at the fill's price.
    package var feeInAsset: Quantity
    package var sequence: UInt64
    package var time: Timestamp
    /// Why, if this fill ends a round trip.
    package var reason: Reason

    package init(
        instrument: InstrumentID, quantity: Quantity, price: Price, fee: Money = .zero,
        feeInAsset: Quantity = .zero, sequence: UInt64 = 0,
        time: Timestamp = Timestamp(nanoseconds: 0),
        reason: Reason = Reason(rawValue: 0)
    ) {
        self.instrument = instrument
        self.quantity = quantity
        self.price = price
        self.fee = fee
        self.feeInAsset = feeInAsset
        self.sequence = sequence
        self.time = time
        self.reason = reason
    }
}

/// What an execution did to the books.
package struct ExecutionOutcome: Hashable, Sendable {
    /// Cash moved by the trade itself, before fees.
    package var cash = Money.zero
    /// Gross of fees.
    package var realised = Money.zero
    package var fee = Money.zero
    package var cashAfter = Money.zero
    package var positionAfter = Quantity.zero
    /// A position came out of nothing, or out of a flip.
    package var opened = false
    /// A position ended, by return to zero or by a flip; its round trip stands in the records.
    package var closed = false

    package init() {}
}
