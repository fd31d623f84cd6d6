import Foundation
import Kernel
import Market
import TestGround
import Testing

private struct ActionsConfiguration: Decodable {
    struct Extras: Decodable { let actions: [Holding] }
    struct Holding: Decodable {
        let name, file, dividend_column, split_column, units, cash: String
        let ticker: String?
        let raw: Bool
    }
    let extras: Extras
}

/// Positions held through real splits and dividends, day by day.
@Suite struct CorporateActionsGoldenTests {
    @Test(arguments: [true, false])
    func `a position held through splits and dividends keeps exact books`(_ isLong: Bool) throws {
        let configuration: ActionsConfiguration = try GoldenFolder.json("config.json")
        #expect(!configuration.extras.actions.isEmpty)
        for holding in configuration.extras.actions {
            let days = try Self.hold(holding, isLong)
            #expect(days > 0)
            print("\(holding.name), \(isLong ? "long" : "short"): \(days) days")
        }
    }

    private static func hold(_ holding: ActionsConfiguration.Holding, _ isLong: Bool) throws -> Int
    {
        let side: Int64 = isLong ? 1 : -1
        let expected = try Table(
            GoldenFolder.golden.appendingPathComponent(
                "extras/actions/\(holding.name)_hold_\(isLong ? "long" : "short").csv"))
        let table = try Table(GoldenFolder.data.appendingPathComponent(holding.file))
        let rows = try table.rows.filter { row in
            guard let ticker = holding.ticker else { return true }
            return row[try table.column("ticker")] == ticker
        }
        #expect(rows.count == expected.rows.count)
        // The data carry up to 15 decimals; a thousand shares need twelve of them.
        let currency = Currency(code: "USD", exponent: 12)
        let instrument = Instrument(
            id: 0, symbol: holding.name, currency: currency, priceExponent: -15,
            quantityExponent: 0,
            priceStep: Price(1), quantityStep: Quantity(1))
        let settings = PortfolioSettings(
            cash: Money(try DecimalText.count(holding.cash, exponent: -12)), currency: currency,
            instrumentCount: 1)
        var books = Books(settings: settings, instruments: [instrument])
        var records = Records()
        let (close, split, dividend) = try (
            table.column("close"), table.column(holding.split_column),
            table.column(holding.dividend_column)
        )
        for (index, row) in rows.enumerated() {
            let time = Timestamp(nanoseconds: Int64(index))
            let price = Price(try DecimalText.count(row[close], exponent: -15))
            if index == 0 {
                let quantity = try side * DecimalText.count(holding.units, exponent: 0)
                books.apply(
                    Execution(instrument: 0, quantity: Quantity(quantity), price: price), &records)
            } else {
                let ratio = try DecimalText.count(row[split], exponent: -6)
                if holding.raw, ratio != 1_000_000, ratio != 0 {
                    let terms = SplitTerms(
                        numerator: ratio, denominator: 1_000_000, lot: Quantity(1))
                    books.split(0, terms, sequence: 0, time: time, &records)
                }
                let amount = try DecimalText.count(row[dividend], exponent: -9)
                books.dividend(
                    0, DividendTerms(perBillion: amount), sequence: 0, time: time, &records)
            }
            books.mark(0, at: price, time: time)
            let wanted = expected.rows[index]
            let found = [
                books.quantity(of: 0).rawValue, books.cash.rawValue, books.income.rawValue,
                books.equity.rawValue,
                books.difference().rawValue,
            ]
            let truth =
                try [DecimalText.count(wanted[1], exponent: 0)]
                + wanted[2...4].map {
                    try DecimalText.count($0, exponent: -12, rounding: .halfEven)
                } + [0]
            #expect(found == truth, "\(holding.name) \(wanted[0])")
        }
        return rows.count
    }
}
