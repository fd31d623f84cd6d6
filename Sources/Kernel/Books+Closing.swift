package import Market

extension Books {
    /// What is missing for `cash + worth of the positions == deposits + realised + unrealised -
    /// fees + income`, over all currencies, with every position's worth computed anew; zero in
    /// sound books.
    package func difference() -> Money {
        guard let own = sums(of: 0) else { return Money(.max) }
        var missing = Self.difference(ledger, own)
        var worth: Int64 = 0
        for id in foreign.indices {
            guard let sums = sums(of: UInt8(id + 1)) else { return Money(.max) }
            missing &+= Self.difference(foreign[id].ledger, sums)
            worth &+= foreign[id].worth
        }
        return Money(Int64(clamping: missing &+ (foreignEquity &- worth).magnitude))
    }

    /// What the positions of one currency add up to; nil where that cannot be said.
    private func sums(of currency: UInt8) -> BooksLedger? {
        var sums = BooksLedger()
        for id in positions.indices where positions[id].currency == currency {
            sums.realised &+= positions[id].realised
            guard positions[id].quantity != 0 else { continue }
            let divisor = positions[id].markDivisor
            let price = divisor == 1 ? positions[id].mark : positions[id].markNumerator
            guard
                let worth = try? positions[id].scale.money(
                    positions[id].quantity, at: price, over: divisor)
            else { return nil }
            sums.value &+= worth &- positions[id].taken
            if !positions[id].isFuture { sums.cost &+= positions[id].cost }
        }
        return sums
    }

    private static func difference(_ ledger: BooksLedger, _ sums: BooksLedger) -> UInt64 {
        let funds =
            ledger.deposits &+ ledger.converted &+ sums.realised &- sums.cost &- ledger.fees
            &+ ledger.income
        return (ledger.cash &- funds).magnitude &+ (ledger.value &- sums.value).magnitude
            &+ (ledger.realised &- sums.realised).magnitude &+ (ledger.cost &- sums.cost).magnitude
    }

    /// Checks the identity; a difference is a fault. Costs a multiplication for every open
    /// position.
    @discardableResult
    package mutating func check() -> Bool {
        guard fault == nil else { return false }
        let difference = difference()
        if difference != .zero { fault = .booksDoNotClose(difference: difference) }
        return fault == nil
    }
}
