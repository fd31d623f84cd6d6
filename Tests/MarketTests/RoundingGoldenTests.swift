import Foundation
import TestGround
import Testing
@testable import Market

private struct RoundingTables: Decodable {
    struct PriceCase: Decodable { let price, tick, expect: String; let side, mode: String? }
    struct QuantityCase: Decodable { let qty, step, expect: String }
    struct NotionalCase: Decodable { let qty, price, min_notional: String; let expect: Bool }
    struct FeeCase: Decodable { let notional, percent, round, expect: String }
    let round_price: [PriceCase]
    let floor_qty: [QuantityCase]
    let min_notional: [NotionalCase]
    let fee_rounding: [FeeCase]
}

private func rounding(_ name: Substring) throws -> Rounding {
    try #require(["half_up": .halfUp, "half_even": .halfEven, "up": .up][name], "mode \(name)")
}

@Suite struct RoundingGoldenTests {
    private func tables() throws -> RoundingTables {
        try GoldenFolder.json("accounting/sizing_and_rounding.json")
    }

    @Test func `prices go to the step as the tables say`() throws {
        let cases = try tables().round_price
        #expect(!cases.isEmpty)
        for row in cases {
            let exponent = min(
                try DecimalText.exponent(of: row.price), try DecimalText.exponent(of: row.tick))
            let price = Price(try DecimalText.count(row.price, exponent: exponent))
            let step = Price(try DecimalText.count(row.tick, exponent: exponent))
            let rounded =
                if let mode = row.mode {
                    price.rounded(toStep: step, try rounding(mode[...]))
                } else {
                    price.roundedAsLimit(row.side == "buy" ? .buy : .sell, toStep: step)
                }
            let expected = Price(try DecimalText.count(row.expect, exponent: exponent))
            #expect(rounded == expected, "\(row)")
        }
        print("round_price: \(cases.count) cases")
    }

    @Test func `quantities go toward zero to the lot`() throws {
        let cases = try tables().floor_qty
        #expect(!cases.isEmpty)
        for row in cases {
            let exponent = min(
                try DecimalText.exponent(of: row.qty), try DecimalText.exponent(of: row.step))
            let quantity = Quantity(try DecimalText.count(row.qty, exponent: exponent))
            let step = Quantity(try DecimalText.count(row.step, exponent: exponent))
            let text = DecimalText.string(
                quantity.rounded(toStep: step).rawValue, exponent: exponent, decimals: .trimmed)
            #expect(text == row.expect, "\(row)")
        }
        print("floor_qty: \(cases.count) cases")
    }

    @Test func `the least value of an order is inclusive`() throws {
        let cases = try tables().min_notional
        #expect(!cases.isEmpty)
        for row in cases {
            let instrument = Instrument(
                id: 0, symbol: "X", currency: Currency(code: "USD", exponent: 6), priceExponent: -2,
                quantityExponent: -8, priceStep: Price(1), quantityStep: Quantity(1),
                minimumNotional: Money(try DecimalText.count(row.min_notional, exponent: -6)))
            let answer = instrument.meetsMinimumNotional(
                Quantity(try DecimalText.count(row.qty, exponent: -8)),
                at: Price(try DecimalText.count(row.price, exponent: -2)))
            #expect(answer == row.expect, "\(row)")
        }
        print("min_notional: \(cases.count) cases")
    }

    @Test func `fees are rounded once as the tables say`() throws {
        let cases = try tables().fee_rounding
        #expect(!cases.isEmpty)
        for row in cases {
            let words = row.round.split(separator: " ")
            let step = try DecimalText.exponent(of: String(words[0]))
            let notional = try DecimalText.count(row.notional, exponent: -6)
            let percent = try DecimalText.count(row.percent, exponent: -6)
            // Units of 10^-14: 6 + 6 decimals and two of the percent.
            let fee = try rounding(words[1]).quotient(
                Int128(notional) * Int128(percent), PowerOfTen.wide(14 + step))
            #expect(try DecimalText.string(#require(fee), exponent: step) == row.expect, "\(row)")
        }
        print("fee_rounding: \(cases.count) cases")
    }
}
