package import Market

extension Books {
    /// What is missing for `cash + worth of the positions == deposits + realised + unrealised - fees + income`, over
    /// all currencies, with every position's worth computed anew; zero in sound books.
    package func difference() -> Money {
        var sums = ContiguousArray(repeating: BooksLedger(), count: foreign.count + 1)
        for id in positions.indices {
            let position = positions[id]
            let currency = Int(position.currency)
            sums[currency].realised &+= position.realised
            guard position.quantity != 0 else { continue }
            let price = position.markDivisor == 1 ? position.mark : position.markNumerator
            guard let worth = try? positions[id].scale.money(position.quantity, at: price, over: position.markDivisor) else {
                return Money(.max)
            }
            sums[currency].value &+= worth &- position.taken
            if !position.isFuture { sums[currency].cost &+= position.cost }
        }
        var missing = Self.difference(ledger, sums[0])
        var worth: Int64 = 0
        for id in foreign.indices {
            missing &+= Self.difference(foreign[id].ledger, sums[id + 1])
            worth &+= foreign[id].worth
        }
        return Money(Int64(clamping: missing &+ (foreignEquity &- worth).magnitude))
    }

    private static func difference(_ ledger: BooksLedger, _ sums: BooksLedger) -> UInt64 {
        let funds = ledger.deposits &+ ledger.converted &+ sums.realised &- sums.cost &- ledger.fees &+ ledger.income
        return (ledger.cash &- funds).magnitude &+ (ledger.value &- sums.value).magnitude
            &+ (ledger.realised &- sums.realised).magnitude &+ (ledger.cost &- sums.cost).magnitude
    }

    /// Checks the identity; a difference is a fault. Costs a multiplication for every open position.
    @discardableResult
    package mutating func check() -> Bool {
        guard fault == nil else { return false }
        let difference = difference()
        if difference != .zero { fault = .booksDoNotClose(difference: difference) }
        return fault == nil
    }
}
