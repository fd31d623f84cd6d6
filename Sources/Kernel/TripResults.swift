package import Market

/// What the closed round trips came to, net of costs, in the base currency.
package struct TripResults: Hashable, Sendable {
    package private(set) var count = 0
    package private(set) var wins = 0
    package private(set) var losses = 0
    /// Sums of what was won and of what was lost, both as magnitudes.
    package private(set) var won = Money.zero
    package private(set) var lost = Money.zero
    /// Losing trips since the last one that did not lose.
    package private(set) var losingStreak = 0

    package init() {}

    @inline(__always)
    mutating func add(_ net: Money) {
        count += 1
        if net < .zero {
            losses += 1
            losingStreak += 1
            lost = Money(lost.rawValue &- net.rawValue)
        } else {
            losingStreak = 0
            if net > .zero {
                wins += 1
                won = Money(won.rawValue &+ net.rawValue)
            }
        }
    }

    /// The share of equity that would have grown it fastest (Kelly 1956): chance of winning less
    /// chance of losing over the ratio of the average win to the average loss. Trips without result
    /// count as neither. Nil without a win or a loss.
    package var kelly: Double? {
        guard wins + losses > 0 else { return nil }
        let chance = Double(wins) / Double(wins + losses)
        if losses == 0 { return chance }
        if wins == 0 { return -1 }
        let ratio = (Double(won.rawValue) / Double(wins)) / (Double(lost.rawValue) / Double(losses))
        return chance - (1 - chance) / ratio
    }
}
