import Foundation
import Kernel
import Market
import TestGround
import Testing

/// The units that a hand-worked case is replayed in.
struct LedgerUnits: Sendable, CustomTestStringConvertible {
    let price, quantity, money: Int
    var testDescription: String { "price \(price), quantity \(quantity), money \(money)" }
}

@Suite struct LedgerGoldenTests {
    @Test(arguments: [
        LedgerUnits(price: -2, quantity: -4, money: 6),
        LedgerUnits(price: -4, quantity: -6, money: 6),
        LedgerUnits(price: -6, quantity: -8, money: 8),
        LedgerUnits(price: -9, quantity: -9, money: 6),
    ])
    func `every hand-worked case gives its books to the last unit`(_ units: LedgerUnits) throws {
        let cases: LedgerCases = try GoldenFolder.json("accounting/ledger_cases.json")
        #expect(!cases.cases.isEmpty)
        var checks = 0
        for example in cases.cases { checks += try LedgerReplay.check(example, units) }
        print("ledger_cases: \(cases.cases.count) cases, \(checks) values")
        #expect(checks >= cases.cases.count)
    }
}

struct LedgerCases: Decodable {
    let cases: [LedgerCase]
}

struct LedgerCase: Decodable {
    struct FeeRule: Decodable { let percent, per_unit, min, round: String? }
    let id, cash: String
    let method, kind, multiplier, base, quote, fx_mode, foreign_cash: String?
    let allow_short: Bool?
    let fee_rule: FeeRule?
    let steps: [Step]

    struct Fill: Decodable {
        let sym, side, qty, price: String
        let fee, fee_in_base_asset: String?
    }
    struct Split: Decodable { let sym, ratio: String; let lot, cash_in_lieu_price: String? }
    struct Dividend: Decodable { let sym, per_share: String; let tax_percent, round: String? }
    struct Step: Decodable {
        let fill, order: Fill?
        let split: Split?
        let dividend: Dividend?
        let mark, fx: [String: String]?
        let expect: [String: Expected]
    }

    enum Expected: Decodable, Equatable {
        case text(String), flag(Bool), nothing
        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .nothing
            } else if let flag = try? value.decode(Bool.self) {
                self = .flag(flag)
            } else {
                self = .text(try value.decode(String.self))
            }
        }
    }

    /// The symbols it names: the asset first, then pairs of currencies.
    var symbols: [String] {
        var found: [String] = []
        for step in steps {
            let own = [step.fill?.sym, step.order?.sym, step.split?.sym, step.dividend?.sym]
                .compactMap(\.self)
            for name in own + (step.mark?.keys.sorted() ?? []) where !found.contains(name) {
                found.append(name)
            }
        }
        for step in steps {
            for pair in step.fx?.keys.sorted() ?? [] where !found.contains(pair) {
                found.append(pair)
            }
        }
        return found
    }
}

/// A number as text, "1.5" or "20/7", in units of `10^exponent`, half to even.
func units(_ text: String, _ exponent: Int) throws -> Int64 {
    let parts = text.split(separator: "/").map(String.init)
    guard parts.count == 2 else {
        return try DecimalText.count(text, exponent: exponent, rounding: .halfEven)
    }
    let up = try Int128(DecimalText.count(parts[0], exponent: 0)) * PowerOfTen.wide(-exponent)
    return try #require(
        Rounding.halfEven.quotient(up, Int128(DecimalText.count(parts[1], exponent: 0))))
}
