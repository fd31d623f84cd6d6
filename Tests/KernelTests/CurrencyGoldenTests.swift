import Foundation
import Kernel
import Market
import TestGround
import Testing

private struct CurrencyConfiguration: Decodable {
    struct Extras: Decodable { let fx_equity: Account? }
    struct Account: Decodable {
        struct Asset: Decodable { let units: String }
        let asset: Asset
        let usd_cash, gbp_cash, eur_cash: String
    }
    let extras: Extras
}

/// An account in euros that holds dollars, pounds and a share quoted in dollars.
@Suite struct CurrencyGoldenTests {
    @Test(arguments: [true, false])
    func `equity in euros follows the rates, by the dollar or by the direct pair`(
        _ isDirect: Bool
    ) throws {
        let configuration: CurrencyConfiguration = try GoldenFolder.json("config.json")
        let account = try #require(configuration.extras.fx_equity)
        let table = try Table(GoldenFolder.golden.appendingPathComponent("extras/fx_equity.csv"))
        #expect(!table.rows.isEmpty)
        let equity = try table.column(isDirect ? "equity_eur_direct_cross" : "equity_eur_via_usd")
        let columns = try ["EURUSD_mid", "GBPUSD_mid", "EURGBP_mid"].map { try table.column($0) }
        let asset = try table.column("asset_close_usd")

        let instruments = Self.instruments(isDirect)
        var settings = PortfolioSettings(
            cash: try money(account.eur_cash), currency: Self.currency("EUR"),
            instrumentCount: instruments.count)
        settings.foreignCash = .hold
        var books = Books(settings: settings, instruments: instruments)
        var records = Records()
        for (index, row) in table.rows.enumerated() {
            let time = Timestamp(nanoseconds: Int64(index))
            for (pair, column) in columns.prefix(isDirect ? 3 : 2).enumerated() {
                books.mark(InstrumentID(pair + 1), at: try price(row[column]), time: time)
            }
            let close = try price(row[asset])
            if index == 0 {
                let units = try DecimalText.count(account.asset.units, exponent: 0)
                let paid = try #require(instruments[0].value(of: Quantity(units), at: close))
                let dollars = Money(try money(account.usd_cash).rawValue + paid.rawValue)
                books.deposit(dollars, in: Self.currency("USD"), sequence: 0, time: time, &records)
                books.deposit(
                    try money(account.gbp_cash), in: Self.currency("GBP"), sequence: 0, time: time,
                    &records)
                books.apply(
                    Execution(instrument: 0, quantity: Quantity(units), price: close), &records)
            } else {
                books.mark(0, at: close, time: time)
            }
            // Each of two conversions rounds to the unit, 10^-8.
            let truth = try DecimalText.count(row[equity], exponent: -8, rounding: .halfEven)
            let found = books.equity.rawValue
            #expect(abs(found - truth) <= 2, "\(row[0]): \(found) \(truth)")
            let difference = books.difference()
            #expect(difference == .zero, "\(row[0])")
        }
        print("fx_equity, \(isDirect ? "direct" : "by the dollar"): \(table.rows.count) days")
    }

    private static func currency(_ code: String) -> Currency { Currency(code: code, exponent: 8) }

    /// The share, the pairs, and where no pair is quoted in pounds a share that is.
    private static func instruments(_ isDirect: Bool) -> [Instrument] {
        let listed = [
            ("SPY", "USD"), ("EURUSD", "USD"), ("GBPUSD", "USD"),
            isDirect ? ("EURGBP", "GBP") : ("VOD", "GBP"),
        ]
        return listed.enumerated().map { id, name in
            Instrument(
                id: InstrumentID(id), symbol: name.0, currency: currency(name.1), priceExponent: -7,
                quantityExponent: 0, priceStep: Price(1), quantityStep: Quantity(1))
        }
    }

    private func price(_ text: String) throws -> Price {
        Price(try DecimalText.count(text, exponent: -7))
    }
    private func money(_ text: String) throws -> Money {
        Money(try DecimalText.count(text, exponent: -8))
    }
}
