import Foundation
import Kernel
import Market
import Testing

/// Plays a hand-worked case into books and compares everything that it expects.
struct LedgerReplay: ~Copyable {
    let example: LedgerCase
    let units: LedgerUnits
    let symbols: [String]
    let instruments: [Instrument]
    let settings: PortfolioSettings
    var books: Books
    var records = Records()

    static func check(_ example: LedgerCase, _ units: LedgerUnits) throws -> Int {
        if example.steps.contains(where: { $0.order != nil }) {
            return try OrderedLedgerReplay.check(example, units)
        }
        var replay = try LedgerReplay(example, units)
        var checks = 0
        for (number, step) in example.steps.enumerated() {
            try replay.play(step, isFirst: number == 0)
            #expect(replay.books.fault == nil, "\(example.id) step \(number)")
            #expect(replay.books.difference() == .zero, "\(example.id) step \(number)")
            for (key, expected) in step.expect.sorted(by: { $0.key < $1.key }) {
                try replay.compare(key, expected, "\(example.id) step \(number) \(key)")
                checks += 1
            }
        }
        return checks
    }

    init(_ example: LedgerCase, _ units: LedgerUnits) throws {
        self.example = example
        self.units = units
        symbols = example.symbols
        let base = example.base ?? "USD"
        var made: [Instrument] = []
        for (id, symbol) in example.symbols.enumerated() {
            let isPair = example.steps.contains { $0.fx?[symbol] != nil }
            let code = isPair ? String(symbol.suffix(3)) : example.quote ?? base
            made.append(
                Instrument(
                    id: InstrumentID(id), symbol: symbol,
                    kind: example.kind == "future" ? .future : .spot,
                    currency: Currency(code: code, exponent: units.money),
                    priceExponent: units.price,
                    quantityExponent: units.quantity, priceStep: Price(1),
                    quantityStep: Quantity(1),
                    multiplier: Int64(example.multiplier ?? "1") ?? 0))
        }
        instruments = made
        var settings = PortfolioSettings(
            cash: Money(try KernelTests.units(example.cash, -units.money)),
            currency: Currency(code: base, exponent: units.money), instrumentCount: made.count)
        settings.lots = example.method == "fifo" ? .fifo : .average
        settings.foreignCash = example.fx_mode == "hold_foreign_cash" ? .hold : .convertAtFill
        settings.allowShort = example.allow_short ?? true
        if let rule = example.fee_rule {
            settings.commissions[0] = try Self.commission(rule, units)
        }
        self.settings = settings
        books = Books(settings: settings, instruments: made)
    }

    private static func commission(
        _ rule: LedgerCase.FeeRule, _ units: LedgerUnits
    ) throws -> CommissionSettings {
        var commission = CommissionSettings()
        if let percent = rule.percent {
            commission.rate = Rate(perBillion: try DecimalText.count(percent, exponent: -7))
        }
        if let perUnit = rule.per_unit {
            commission.perUnit = Money(try KernelTests.units(perUnit, -units.money))
        }
        if let least = rule.min {
            commission.minimum = Money(try KernelTests.units(least, -units.money))
        }
        if let round = rule.round?.split(separator: " ").map(String.init) {
            commission.step = Money(try KernelTests.units(round[0], -units.money))
            commission.rounding = try #require(CommissionSettings.Rounding(rawValue: round[1]))
        }
        return commission
    }

    private func id(_ symbol: String) throws -> InstrumentID {
        InstrumentID(try #require(symbols.firstIndex(of: symbol)))
    }

    private func price(_ text: String) throws -> Price {
        Price(try DecimalText.count(text, exponent: units.price))
    }

    private mutating func play(_ step: LedgerCase.Step, isFirst: Bool) throws {
        let time = Timestamp(nanoseconds: 0)
        for marks in [step.fx, step.mark].compactMap(\.self) {
            for (symbol, text) in marks.sorted(by: { $0.key < $1.key }) {
                books.mark(try id(symbol), at: try price(text), time: time)
            }
        }
        if isFirst, let foreign = example.foreign_cash {
            let amount = Money(try KernelTests.units(foreign, -units.money))
            books.deposit(amount, in: instruments[0].currency, sequence: 0, time: time, &records)
        }
        if let fill = step.fill { _ = books.apply(try execution(fill), &records) }
        if let split = step.split { try play(split) }
        if let dividend = step.dividend { try play(dividend) }
    }

    private func execution(_ fill: LedgerCase.Fill) throws -> Execution {
        let magnitude = try DecimalText.count(fill.qty, exponent: units.quantity)
        let quantity = Quantity(fill.side == "buy" ? magnitude : -magnitude)
        let price = try price(fill.price)
        let inAsset = Quantity(
            try DecimalText.count(fill.fee_in_base_asset ?? "0", exponent: units.quantity))
        let instrument = try id(fill.sym)
        let fee =
            if let text = fill.fee {
                Money(try KernelTests.units(text, -units.money))
            } else {
                try Commission(settings.commissions[0], instruments[0]).fee(
                    quantity, at: price, isMaker: false)
            }
        return Execution(
            instrument: instrument, quantity: quantity, price: price, fee: fee, feeInAsset: inAsset)
    }

    private mutating func play(_ split: LedgerCase.Split) throws {
        let parts = split.ratio.split(separator: "/").compactMap { Int64($0) }
        let terms = SplitTerms(
            numerator: parts[0], denominator: parts.count == 2 ? parts[1] : 1,
            lot: Quantity(
                try split.lot.map { try DecimalText.count($0, exponent: units.quantity) } ?? 1),
            cashInLieu: try split.cash_in_lieu_price.map { try price($0) })
        books.split(
            try id(split.sym), terms, sequence: 0, time: Timestamp(nanoseconds: 0), &records)
    }

    private mutating func play(_ dividend: LedgerCase.Dividend) throws {
        var terms = DividendTerms(
            perBillion: try DecimalText.count(dividend.per_share, exponent: -9))
        if let percent = dividend.tax_percent {
            terms.tax = Rate(perBillion: try DecimalText.count(percent, exponent: -7))
            let round = try #require(dividend.round?.split(separator: " ").map(String.init))
            terms.taxStep = Money(try KernelTests.units(round[0], -units.money))
            terms.taxRounding = try #require(CommissionSettings.Rounding(rawValue: round[1]))
                .rounding
        }
        books.dividend(
            try id(dividend.sym), terms, sequence: 0, time: Timestamp(nanoseconds: 0), &records)
    }

    private func compare(
        _ key: String, _ expected: LedgerCase.Expected, _ place: String
    ) throws {
        guard case .text(let text) = expected else {
            let average = books.averagePrice(of: 0)
            #expect(key == "avg" && expected == .nothing && average == nil, "\(place)")
            return
        }
        switch key {
        case "qty":
            let quantity = books.quantity(of: 0)
            #expect(
                quantity.rawValue == (try DecimalText.count(text, exponent: units.quantity)),
                "\(place)")
        case "avg":
            let (cost, average) = (books.averageCost(of: 0), books.averagePrice(of: 0) ?? 0)
            #expect(cost?.rawValue == (try KernelTests.units(text, units.price)), "\(place)")
            let exact = try Double(KernelTests.units(text, -12)) * 1e-12
            let found = average / Double(PowerOfTen.integer(-units.price))
            #expect(abs(found - exact) <= 1e-12 * exact, "\(place): \(found) is not \(exact)")
        default:
            let found = amount(key)
            let amount = try #require(found, "\(place): nothing is known by this name")
            #expect(amount.rawValue == (try KernelTests.units(text, -units.money)), "\(place)")
        }
    }

    private func amount(_ key: String) -> Money? {
        switch key {
        case "cash": books.cash
        case "foreign_cash": books.cash(in: instruments[0].currency)
        case "realised": books.realised
        case "unrealised": books.unrealised
        case "unrealised_quote": books.unrealised(of: 0)
        case "fees": books.fees
        case "income": books.income
        case "equity": books.equity
        case "fx_pnl": books.currencyResult
        default: nil
        }
    }
}
