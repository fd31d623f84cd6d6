import CTapedeck

extension BarBuilder {
    @inline(__always)
    func isSplit(_ event: borrowing Event) -> Bool {
        if event.type != EventKind.split.rawValue { return false }
        return event.instrument == instrument
    }

    /// A bar that a split falls into is one of the prices after it, as all are that come from then
    /// on. What has closed before is left as it is.
    mutating func restate(for event: Event) {
        if base.closes >= event.time { base.restate(for: event.split, prices, quantities) }
        for index in frames.indices where frames[index].bar.closes >= event.time {
            frames[index].bar.restate(for: event.split, prices, quantities)
        }
    }
}

extension BarSoFar {
    /// Prices divided by the ratio, to the nearest unit but never to none; volumes times it. What
    /// can no longer be counted is forgotten, and the bar begins behind the split.
    fileprivate mutating func restate(
        for split: Split, _ prices: UnitScale, _ quantities: UnitScale
    ) {
        if isEmpty { return }
        let (new, old) = (Double(split.numerator), Double(split.denominator))
        let largest = max(high.magnitude, low.magnitude) * old / new
        guard largest * prices.multiplier < 0x1p50 else { return forget() }
        func price(_ earlier: Double) -> Double {
            let units = prices.nearest(earlier * old / new)
            let least: Int64 = earlier > 0 ? 1 : earlier < 0 ? -1 : 0
            return prices.value(of: units == 0 ? least : units)
        }
        (open, high, low, close) = (price(open), price(high), price(low), price(close))
        volume = volume.times(new, over: old, quantities)
        tally.takerBuys = tally.takerBuys.times(new, over: old, quantities)
    }

    private mutating func forget() {
        let span = (opens, closes, isShort)
        self = BarSoFar()
        (opens, closes, isShort) = span
    }
}

extension Volume {
    fileprivate func times(_ new: Double, over old: Double, _ scale: UnitScale) -> Volume {
        var volume = Volume()
        volume.add(value(scale) * new / old, scale)
        return volume
    }
}
