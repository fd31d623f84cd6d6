/// One purchase, or short sale, of which something is left.
struct Lot: Hashable, Sendable {
    /// A magnitude.
    var quantity: Int64
    /// In 2^-32 of the money's unit, signed like the position.
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
}
