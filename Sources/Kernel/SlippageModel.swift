package import Market

/// How far from the price that the market showed a fill happens, always against the trader.
package struct SlippageModel: Hashable, Sendable {
    /// What the models look at beside the price.
    package struct Conditions: Hashable, Sendable {
        /// Ask minus bid in price units; zero without quotes.
        package var spread: Int64
        /// The bar's volume in quantity units; zero where it is not known.
        package var volume: Int64
        /// Deviation of bar returns over the model's window; nil while there are too few bars.
        package var deviation: Double?

        package init(spread: Int64 = 0, volume: Int64 = 0, deviation: Double? = nil) {
            self.spread = spread
            self.volume = volume
            self.deviation = deviation
        }
    }

    /// Bounds that a slipped price is brought back to.
    package struct Bounds: Hashable, Sendable {
        /// A limit order's own limit: never passed.
        package var limit: Price?
        /// The bar's low and high.
        package var bar: ClosedRange<Price>?

        package init(limit: Price? = nil, bar: ClosedRange<Price>? = nil) {
            self.limit = limit
            self.bar = bar
        }
    }

    private let model: ExecutionSettings.Slippage
    private let step: Int64
    private let allowsNonPositive: Bool

    package init(_ model: ExecutionSettings.Slippage, _ instrument: Instrument) {
        self.model = model
        step = instrument.priceStep.rawValue
        allowsNonPositive = instrument.allowsNonPositivePrices
    }

    /// The window whose deviation of returns it needs; nil where it needs none.
    package var deviationWindow: Int? {
        if case .volumeImpact(_, let window) = model { window } else { nil }
    }

    /// The price that a buy or a sale of `quantity` gets, in whole price units, not moved to the
    /// step.
    package func price(
        _ price: Price, _ side: Side, quantity: Quantity, _ conditions: Conditions = Conditions(),
        within bounds: Bounds = Bounds()
    ) throws(Fault) -> Price {
        let distance = try distance(price, quantity, conditions)
        let signed = side == .buy ? distance : -distance
        let (moved, overflow) = price.rawValue.addingReportingOverflow(signed)
        if overflow { throw .overflow }
        var slipped = allowsNonPositive ? moved : max(moved, min(1, price.rawValue))
        if let bar = bounds.bar {
            slipped = min(max(slipped, bar.lowerBound.rawValue), bar.upperBound.rawValue)
        }
        if let limit = bounds.limit?.rawValue {
            slipped = side == .buy ? min(slipped, limit) : max(slipped, limit)
        }
        return Price(slipped)
    }

    private func distance(
        _ price: Price, _ quantity: Quantity, _ conditions: Conditions
    ) throws(Fault) -> Int64 {
        let size = Int128(price.rawValue.magnitude)
        let billion: Int128 = 1_000_000_000
        switch model {
        case .none: return 0
        case .ticks(let count):
            let (distance, overflow) = count.multipliedReportingOverflow(by: step)
            if overflow { throw .overflow }
            return distance
        case .proportional(let rate):
            return try Books.amount(
                Rounding.halfEven.quotient(size * Int128(rate.rawValue), billion))
        case .spreadShare(let rate):
            let spread = Int128(max(0, conditions.spread))
            return try Books.amount(
                Rounding.halfEven.quotient(spread * Int128(rate.rawValue), billion))
        case .volumeImpact(let k, _):
            guard let deviation = conditions.deviation, conditions.volume > 0 else { return 0 }
            let share = Double(quantity.rawValue.magnitude) / Double(conditions.volume)
            let distance = (k * deviation * share.squareRoot() * Double(size)).rounded(
                .toNearestOrEven)
            guard distance.magnitude <= DecimalScale.largestCount else { throw .overflow }
            return Int64(distance)
        }
    }
}
