package import Market

extension Books {
    /// What is missing for `cash + worth of the positions == deposits + realised + unrealised - fees + income`, with
    /// every position's worth computed anew; zero in sound books.
    package func difference() -> Money {
        var worth: Int64 = 0
        var cost: Int64 = 0
        var realised: Int64 = 0
        for id in positions.indices {
            let position = positions[id]
            realised &+= position.realised
            guard position.quantity != 0 else { continue }
            let price = position.markDivisor == 1 ? position.mark : position.markNumerator
            guard let full = try? scales[id].money(position.quantity, at: price, over: position.markDivisor) else {
                return Money(.max)
            }
            worth &+= full &- position.taken
            if !position.isFuture { cost &+= position.cost }
        }
        let funds = ledger.deposits &+ realised &- cost &- ledger.fees &+ ledger.income
        let missing = (ledger.cash &- funds).magnitude + (ledger.value &- worth).magnitude
        let totals = (ledger.realised &- realised).magnitude + (ledger.cost &- cost).magnitude
        return Money(Int64(clamping: missing &+ totals))
    }

    /// Checks the identity; a difference is a fault. Costs a multiplication per open position.
    @discardableResult
    package mutating func check() -> Bool {
        guard fault == nil else { return false }
        let difference = difference()
        if difference != .zero { fault = .booksDoNotClose(difference: difference) }
        return fault == nil
    }
}
