/// One purchase, or short sale, of which something is left.
struct Lot: Hashable, Sendable {
    /// A magnitude.
    var quantity: Int64
    /// In 2^-48 of the money's unit, signed like the position.
    var fineCost: Int128
}

/// The open lots of one position, oldest first.
struct LotQueue: Hashable, Sendable {
    private var lots = ContiguousArray<Lot>()
    private var first = 0

    var isEmpty: Bool { first == lots.count }

    mutating func append(_ lot: Lot) {
        if first > 32, first * 2 > lots.count {
            lots.removeSubrange(..<first)
            first = 0
        }
        lots.append(lot)
    }

    /// Takes `quantity` from the oldest lots and says what it cost.
    mutating func take(_ quantity: Int64) -> Int128 {
        var left = quantity
        var cost: Int128 = 0
        while left > 0, first < lots.count {
            let lot = lots[first]
            if lot.quantity <= left {
                left -= lot.quantity
                cost += lot.fineCost
                first += 1
            } else {
                let share = BooksPosition.share(lot.fineCost, left, of: lot.quantity)
                lots[first].quantity -= left
                lots[first].fineCost -= share
                cost += share
                left = 0
            }
        }
        if isEmpty { removeAll() }
        return cost
    }

    mutating func removeAll() {
        lots.removeAll(keepingCapacity: true)
        first = 0
    }

    /// Takes what a split pays in cash out of the oldest lots, before `split` restates them; its
    /// cost.
    mutating func takeFraction(_ parts: SplitParts) -> Int128 {
        var left = Int64(parts.fraction.magnitude)
        var cost: Int128 = 0
        for index in first..<lots.count where left > 0 {
            // Fits: the sum of all lots times the numerator is the total.
            let held = lots[index].quantity * parts.numerator
            let share = BooksPosition.share(lots[index].fineCost, min(left, held), of: held)
            lots[index].fineCost -= share
            cost += share
            left -= min(left, held)
        }
        return cost
    }

    /// Restates the lots so that they add up to what stays. Quantities are cut, from the newest lot
    /// on; a lot of which nothing is left hands its cost to the next newer one.
    mutating func split(_ parts: SplitParts) {
        lots.removeSubrange(..<first)
        first = 0
        let whole = Int64(parts.whole.magnitude)
        var old: Int64 = 0
        var new: Int64 = 0
        for index in lots.indices.reversed() {
            old += lots[index].quantity
            let until = min(whole, old * parts.numerator / parts.denominator)
            lots[index].quantity = until - new
            new = until
        }
        var carried: Int128 = 0
        for index in lots.indices {
            lots[index].fineCost += carried
            carried = lots[index].quantity == 0 ? lots[index].fineCost : 0
        }
        lots.removeAll { $0.quantity == 0 }
        if let newest = lots.indices.last { lots[newest].fineCost += carried }
    }
}

extension LotQueue {
    mutating func visit(_ archive: inout StateArchive) {
        archive.visit(&lots)
        archive.visit(&first)
    }
}
