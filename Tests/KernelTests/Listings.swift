import Kernel
import Market

/// Instruments and settings that the tests trade with.
enum Listings {
    static let dollars = Currency(code: "USD", exponent: 6)

    /// Prices in 1/10,000, whole shares.
    static func share(
        _ id: InstrumentID = 0, symbol: String = "ABC", calendar: String = "XNYS"
    ) -> Instrument {
        Instrument(
            id: id, symbol: symbol, currency: dollars, calendar: calendar, priceExponent: -4,
            quantityExponent: 0,
            priceStep: Price(100), quantityStep: Quantity(1))
    }

    static func coin(_ id: InstrumentID = 0) -> Instrument {
        Instrument(
            id: id, symbol: "BTCUSD", currency: dollars, priceExponent: -2, quantityExponent: -8,
            priceStep: Price(1), quantityStep: Quantity(1000))
    }

    static func settings(_ cash: Int64 = 100_000, count: Int = 1) -> PortfolioSettings {
        var settings = PortfolioSettings(
            cash: Money(cash * 1_000_000), currency: dollars, instrumentCount: count)
        settings.allowShort = true
        return settings
    }

    /// Dollars of money.
    static func dollars(_ amount: Double) -> Money { Money(Int64((amount * 1e6).rounded())) }
    /// A price of a share.
    static func price(_ dollars: Double) -> Price { Price(Int64((dollars * 1e4).rounded())) }

    static func flat(_ price: Price) -> ExactPrices {
        ExactPrices(
            open: price.rawValue, high: price.rawValue, low: price.rawValue, close: price.rawValue)
    }
}

extension Books {
    /// Buys or sells shares without a fee.
    mutating func trade(
        _ quantity: Int64, at dollars: Double, fee: Double = 0, of id: InstrumentID = 0
    ) {
        var records = Records()
        apply(
            Execution(
                instrument: id, quantity: Quantity(quantity), price: Listings.price(dollars),
                fee: Listings.dollars(fee)),
            &records)
    }

    mutating func mark(at dollars: Double, of id: InstrumentID = 0) {
        mark(id, at: Listings.price(dollars), time: Timestamp(nanoseconds: 0))
    }
}
