import Foundation
import Kernel
import Market
import TestGround
import Testing

/// The long runs of fills at real prices, with the exact state after each one.
@Suite struct RandomLedgerGoldenTests {
    static var files: [URL] {
        get throws {
            let folder = GoldenFolder.golden.appendingPathComponent("accounting")
            return try FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil
            )
            .filter {
                $0.lastPathComponent.hasPrefix("random_ledger_") && $0.pathExtension == "csv"
            }
            .sorted { $0.path < $1.path }
        }
    }

    @Test(arguments: [PortfolioSettings.Lots.average, .fifo])
    func `the state after every fill of a random ledger is exact`(
        _ lots: PortfolioSettings.Lots
    ) throws {
        let files = try Self.files
        #expect(!files.isEmpty)
        for file in files {
            let rows = try Self.play(try Table(file), lots)
            #expect(rows > 0)
            print("\(file.lastPathComponent), \(lots): \(rows) fills")
        }
    }

    /// Prices and quantities in 10^-4, money in 10^-8: every fee of the files fits.
    private static func play(_ table: Table, _ lots: PortfolioSettings.Lots) throws -> Int {
        let instrument = Instrument(
            id: 0, symbol: "ABC", currency: Currency(code: "USD", exponent: 8), priceExponent: -4,
            quantityExponent: -4, priceStep: Price(1), quantityStep: Quantity(1))
        let fields = try table.columns.reduce(into: [String: Int]()) {
            $0[$1] = try table.column($1)
        }
        func field(_ row: [String], _ name: String) throws -> String {
            row[try #require(fields[name])]
        }
        func money(_ row: [String], _ name: String) throws -> Int64 {
            try DecimalText.count(field(row, name), exponent: -8, rounding: .halfEven)
        }
        let first = try #require(table.rows.first)
        let opening =
            try money(first, "cash") + money(first, "fee")
            + units(field(first, "qty"), -4) * units(field(first, "price"), -4)
            * (try field(first, "side") == "buy" ? 1 : -1)
        var settings = PortfolioSettings(
            cash: Money(opening), currency: instrument.currency, instrumentCount: 1)
        settings.lots = lots
        var books = Books(settings: settings, instruments: [instrument])
        var records = Records()
        let suffix = lots == .fifo ? "fifo" : "avg"
        for row in table.rows {
            let magnitude = try DecimalText.count(field(row, "qty"), exponent: -4)
            let quantity = try field(row, "side") == "buy" ? magnitude : -magnitude
            let price = try Price(DecimalText.count(field(row, "price"), exponent: -4))
            books.apply(
                Execution(
                    instrument: 0, quantity: Quantity(quantity), price: price,
                    fee: Money(try money(row, "fee"))),
                &records)
            let place = "row \(row[0])"
            let found = [
                books.cash.rawValue, books.fees.rawValue, books.equity.rawValue,
                books.realised.rawValue,
                books.unrealised.rawValue, books.quantity(of: 0).rawValue,
                books.difference().rawValue,
            ]
            let expected = [
                try money(row, "cash"), try money(row, "fees_total"), try money(row, "equity"),
                try money(row, "realised_gross_\(suffix)"), try money(row, "unrealised_\(suffix)"),
                try DecimalText.count(field(row, "position"), exponent: -4), 0,
            ]
            #expect(found == expected, "\(place)")
            let average = try field(row, lots == .fifo ? "avg_fifo" : "avg_cost")
            let held = books.averagePrice(of: 0).map { $0 * 1e-4 }
            #expect((held == nil) == average.isEmpty, "\(place)")
            if let held { #expect(abs(held - (Double(average) ?? 0)) <= 1e-14 * held, "\(place)") }
        }
        return table.rows.count
    }
}
