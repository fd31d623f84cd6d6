package import Market

extension Books {
    /// The open result at the mark.
    package func unrealised(of instrument: InstrumentID) -> Money {
        let position = positions[Int(instrument)]
        return Money(position.isFuture ? position.value : position.value &- position.cost)
    }

    /// Open results of all positions at their marks.
    package var unrealised: Money {
        var total: Int64 = 0
        for position in positions where position.quantity != 0 {
            total &+= position.isFuture ? position.value : position.value &- position.cost
        }
        return Money(total)
    }

    /// What the position is worth at its mark, signed; of a future its notional.
    package func marketValue(of instrument: InstrumentID) -> Money {
        let position = positions[Int(instrument)]
        return Money(position.value &+ position.taken)
    }

    /// Average price of the open quantity in units of the price, nearest double; nil when flat.
    package func averagePrice(of instrument: InstrumentID) -> Double? {
        let position = positions[Int(instrument)]
        guard position.quantity != 0 else { return nil }
        let scale = scales[Int(instrument)]
        // cost / (quantity * numerator / denominator), with the cost in 2^-32 of a money unit.
        let fraction = 0x1p-32 * (Double(scale.denominator) / Double(scale.numerator))
        return Double(position.fineCost) * fraction / Double(position.quantity)
    }

    /// Sums of the positions' worth at their marks: of magnitudes, and signed.
    package var exposure: (gross: Money, net: Money) {
        var gross: Int64 = 0
        var net: Int64 = 0
        for position in positions where position.quantity != 0 {
            let worth = position.value &+ position.taken
            gross &+= Int64(clamping: worth.magnitude)
            net &+= worth
        }
        return (Money(gross), Money(net))
    }
}
