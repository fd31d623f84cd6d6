package import CTapedeck

/// Why an event is not handed to anybody.
package enum EventRefusal: String, Error, Hashable, Sendable, CaseIterable {
    case unknownKind = "unknown kind of event"
    case notFinite = "a number that is not finite"
    case notPositivePrice = "a price that is not positive"
    case negativeVolume = "a negative volume"
    case notPositiveQuantity = "a quantity that is not positive"
    case negativeQuantity = "a negative quantity"
    case highBelowLow = "the high is below the low"
    case openOutsideRange = "the open is outside low and high"
    case closeOutsideRange = "the close is outside low and high"
    case noTimeFrame = "a bar without time frame"
    case unknownSide = "a side that is neither buy nor sell"
    case badRatio = "a split without a positive ratio"
    case badTaxRate = "a tax rate outside 0 to 1"
    case badFunding = "a funding rate beyond 100 %"
    case badStanding = "neither halted, resumed, delisted nor succeeded at a positive ratio"
    case badSpan = "an end that is not after its beginning"
}

extension Event {
    /// Why this event may not enter a tape, or nil. Prices must be positive unless the instrument
    /// allows others; a quote may lack a side: its price and quantity are then zero.
    package func refusal(allowsNonPositivePrices: Bool = false) -> EventRefusal? {
        if type == EventKind.bar.rawValue, timeframe != 0 {
            return bar.refusal(allowsNonPositivePrices)
        }
        guard let kind else { return .unknownKind }
        switch kind {
        case .bar: return .noTimeFrame
        case .trade: return trade.refusal(allowsNonPositivePrices)
        case .quote: return quote.refusal(allowsNonPositivePrices)
        case .depth: return depth.refusal(allowsNonPositivePrices)
        case .split:
            guard split.ratio.isFinite else { return .notFinite }
            return split.ratio > 0 && split.numerator > 0 && split.denominator > 0 ? nil : .badRatio
        case .dividend:
            guard dividend.amount.isFinite, dividend.tax_rate.isFinite else { return .notFinite }
            return 0...1 ~= dividend.tax_rate ? nil : .badTaxRate
        case .sessionOpen, .sessionClose: return session.opens < session.closes ? nil : .badSpan
        case .funding:
            guard funding.rate.isFinite, funding.price.isFinite else { return .notFinite }
            return funding.rate.magnitude <= 1 ? nil : .badFunding
        case .standing: return standing.refusal
        case .gap: return gap.from <= gap.to ? nil : .badSpan
        case .command: return command.number.isFinite ? nil : .notFinite
        case .parameter: return parameter.number.isFinite ? nil : .notFinite
        case .timer, .order, .fill: return nil
        }
    }
}

extension td_standing {
    fileprivate var refusal: EventRefusal? {
        guard price.isFinite else { return .notFinite }
        guard 1...4 ~= kind else { return .badStanding }
        let needsRatio = kind == UInt32(TD_STANDING_SUCCEEDED)
        return needsRatio && (numerator <= 0 || denominator <= 0) ? .badStanding : nil
    }
}

extension Bar {
    /// Why these five numbers are no bar, or nil.
    package func refusal(_ allowsNonPositivePrices: Bool) -> EventRefusal? {
        // A sound bar, which most are, passes in one step; nan compares false.
        let isSound =
            low <= open && open <= high && low <= close && close <= high
            && low >= -.greatestFiniteMagnitude && high <= .greatestFiniteMagnitude
            && volume >= 0 && volume <= .greatestFiniteMagnitude
        if isSound, low > 0 || allowsNonPositivePrices { return nil }
        return reason(allowsNonPositivePrices)
    }

    private func reason(_ allowsNonPositivePrices: Bool) -> EventRefusal? {
        guard open.isFinite, high.isFinite, low.isFinite, close.isFinite, volume.isFinite else {
            return .notFinite
        }
        if high < low { return .highBelowLow }
        if open > high || open < low { return .openOutsideRange }
        if close > high || close < low { return .closeOutsideRange }
        if low <= 0, !allowsNonPositivePrices { return .notPositivePrice }
        return volume < 0 ? .negativeVolume : nil
    }
}

extension Trade {
    package func refusal(_ allowsNonPositivePrices: Bool) -> EventRefusal? {
        guard price.isFinite, quantity.isFinite else { return .notFinite }
        if price <= 0, !allowsNonPositivePrices { return .notPositivePrice }
        if quantity <= 0 { return .notPositiveQuantity }
        return -1...1 ~= side ? nil : .unknownSide
    }
}

extension Quote {
    package func refusal(_ allowsNonPositivePrices: Bool) -> EventRefusal? {
        guard bid.isFinite, ask.isFinite, bid_quantity.isFinite, ask_quantity.isFinite else {
            return .notFinite
        }
        if bid_quantity < 0 || ask_quantity < 0 { return .negativeQuantity }
        if allowsNonPositivePrices { return nil }
        let hasBid = bid > 0 || (bid == 0 && bid_quantity == 0)
        let hasAsk = ask > 0 || (ask == 0 && ask_quantity == 0)
        return hasBid && hasAsk ? nil : .notPositivePrice
    }
}

extension DepthLevel {
    /// A quantity of zero takes the level away.
    package func refusal(_ allowsNonPositivePrices: Bool) -> EventRefusal? {
        guard price.isFinite, quantity.isFinite else { return .notFinite }
        if price <= 0, !allowsNonPositivePrices { return .notPositivePrice }
        if quantity < 0 { return .negativeQuantity }
        return side == 1 || side == -1 ? nil : .unknownSide
    }
}
