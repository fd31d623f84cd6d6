/// What a kept number counts, which says what a split does to it.
enum SeriesKind { case prices, volumes }

/// Prices on the tape are raw, so a split would look like a crash to whoever remembers the prices
/// before it. A strategy restates what it keeps when it is told, before the first event after it:
///
///     mutating func onSplit(_ split: Split, _ context: Context) {
///         lanes[context].average.restate(for: split)      // every indicator has it
///         lanes[context].level = split.price(lanes[context].level)
///     }
///
/// From then on it says what it would say had every bar been in the prices of today: bit for bit
/// where the ratio is a power of two, else to a rounding.
extension Split {
    /// A price of before the split, as it counts after it.
    func price(_ earlier: Double) -> Double { restated(earlier, .prices) }

    /// A volume, or a number of units, of before the split, as it counts after it.
    func volume(_ earlier: Double) -> Double { restated(earlier, .volumes) }

    func restated(_ earlier: Double, _ kind: SeriesKind) -> Double {
        let (new, old) = (Double(numerator), Double(denominator))
        let (times, over) = kind == .prices ? (old, new) : (new, old)
        return isExact ? earlier * (times / over) : earlier * times / over
    }

    /// The ratio is a power of two, so that nothing is rounded.
    var isExact: Bool {
        let ratio = Double(numerator) / Double(denominator)
        return ratio.significandBitPattern == 0 && ratio * Double(denominator) == Double(numerator)
    }
}

extension ExactSum {
    /// Of a sum whose parts nobody keeps.
    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        self = ExactSum(
            high: split.restated(high, kind), low: split.restated(low, kind))
    }

    /// Of a sum of the values of a window, which are restated already. Where they were rounded it
    /// is taken anew, so that nothing is left of them once they have gone.
    mutating func restate(for split: Split, of kind: SeriesKind, from window: borrowing Ring) {
        if split.isExact { return restate(for: split, of: kind) }
        self = ExactSum()
        for place in 0..<window.count { add(window[place]) }
    }
}
