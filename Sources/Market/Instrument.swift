/// The dense number of an instrument within one run: its place in the run's `[Instrument]`.
package typealias InstrumentID = UInt16

/// A currency and the unit its money is counted in: `10^-exponent`.
package struct Currency: Hashable, Sendable, Codable {
    package var code: String
    package var exponent: Int
    package init(code: String, exponent: Int) { self.code = code; self.exponent = exponent }
}

/// What can be traded, with the exact units of its prices and quantities.
package struct Instrument: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// The whole notional changes hands (stocks, coins, currencies).
        case spot
        /// Only realised profit and costs move cash.
        case future
    }

    package var id: InstrumentID
    package var symbol: String
    package var venue: String
    package var kind: Kind
    package var currency: Currency
    /// Name of its calendar: `24/7`, `XNYS`, `XLON`, `XNSE`.
    package var calendar: String
    /// A price counts `10^priceExponent` (usually negative), a quantity `10^quantityExponent`.
    package var priceExponent: Int
    package var quantityExponent: Int
    /// The least difference between two prices of orders, and between two quantities.
    package var priceStep: Price
    package var quantityStep: Quantity
    /// Money per point and unit; 1 for spot.
    package var multiplier: Int64
    /// The least value of an order, in the currency's units; zero for none.
    package var minimumNotional: Money
    package var allowsNonPositivePrices: Bool
    /// Made by a generator, not seen on a market; said wherever results are shown.
    package var isSynthetic: Bool

    package init(
        id: InstrumentID, symbol: String, venue: String = "", kind: Kind = .spot,
        currency: Currency,
        calendar: String = "24/7", priceExponent: Int, quantityExponent: Int, priceStep: Price,
        quantityStep: Quantity, multiplier: Int64 = 1, minimumNotional: Money = .zero,
        allowsNonPositivePrices: Bool = false, isSynthetic: Bool = false
    ) {
        self.id = id
        self.symbol = symbol
        self.venue = venue
        self.kind = kind
        self.currency = currency
        self.calendar = calendar
        self.priceExponent = priceExponent
        self.quantityExponent = quantityExponent
        self.priceStep = priceStep
        self.quantityStep = quantityStep
        self.multiplier = multiplier
        self.minimumNotional = minimumNotional
        self.allowsNonPositivePrices = allowsNonPositivePrices
        self.isSynthetic = isSynthetic
    }
}
