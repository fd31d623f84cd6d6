import Foundation
import Kernel
import Market
import TestGround
import Testing

/// A sizing rule over one share, with bars before it.
private struct Sizing100 {
    static func size(
        _ sizing: Sizing, strength: Double = 1, at dollars: Double = 50, stop: Double? = nil,
        closes: [Double] = [],
        trips: [Double] = [], instrument: Instrument = Listings.share()
    ) -> Sizer.Size {
        var settings = Listings.settings()
        settings.sizing = sizing
        var books = Books(settings: settings, instruments: [instrument])
        for result in trips {
            books.trade(1, at: 50)
            books.trade(-1, at: 50 + result)
        }
        var statistics = BarStatistics(BarStatistics.Windows(settings), instruments: 1)
        for close in closes {
            let close = Int64((close * 1e4).rounded())
            statistics.observe(
                0, ExactPrices(open: close, high: close + 5_000, low: close - 5_000, close: close))
        }
        return Sizer(settings: settings, instruments: [instrument], matching: [86_400]).size(
            strength, of: 0, at: Listings.price(dollars), stop: stop.map { Listings.price($0) },
            books, statistics)
    }
}

@Suite struct SizerTests {
    private typealias S = Sizing100

    @Test func `trap 28: a size in cash is no quantity; both are scaled by the strength`() {
        #expect(S.size(.fixedQuantity(250)) == .units(Quantity(250)))
        #expect(S.size(.fixedQuantity(250), strength: 0.333) == .units(Quantity(83)))
        #expect(
            S.size(.fixedCash(Listings.dollars(10_000)), strength: 0.25)
                == .budget(Listings.dollars(2_500)))
        #expect(S.size(.percentOfEquity(.basisPoints(1_000))) == .budget(Listings.dollars(10_000)))
        #expect(S.size(.percentOfEquity(.one), strength: 1.5) == .refused(Reason(rawValue: 2)))
    }

    @Test func `risk per trade measures against the ticket's stop, else against its own`() {
        let rule = Sizing.riskPerTrade(risk: .basisPoints(100), stop: .percent(.basisPoints(500)))
        #expect(S.size(rule) == .units(Quantity(400)), "1,000 over 2.50")
        #expect(S.size(rule, stop: 48) == .units(Quantity(500)), "1,000 over 2.00")
        #expect(S.size(rule, stop: 52) == .units(Quantity(500)), "a short's stop lies above")
        #expect(S.size(rule, stop: 50) == .refused(Reason(rawValue: 18)), "no distance")
        let amount = Sizing.riskPerTrade(
            risk: .basisPoints(100), stop: .amount(perBillion: 1_500_000_000))
        #expect(S.size(amount) == .units(Quantity(666)))
    }

    @Test func `a range needs its bars`() {
        let rule = Sizing.riskPerTrade(
            risk: .basisPoints(100), stop: .averageTrueRange(multiple: 2.5, window: 3))
        #expect(S.size(rule, closes: [50, 50, 50]) == .refused(Reason(rawValue: 32)))
        #expect(S.size(rule, closes: [50, 50, 50, 50]) == .units(Quantity(400)), "2.5 x 1.00")
    }

    @Test func `a volatility target scales the position to a year of sessions`() {
        let rule = Sizing.volatilityTarget(target: .basisPoints(1_000), window: 2)
        // Deviation 10 % a day, 158.7 % a year: 10 / 158.7 of equity.
        guard case .budget(let budget) = S.size(rule, closes: [100, 110, 99]) else {
            Issue.record("a budget")
            return
        }
        // 100,000 over the root of 252.
        let difference = Double(budget.rawValue) / 1e6 - 6_299.4079
        #expect(difference.magnitude < 0.001)
        #expect(S.size(rule, closes: [100, 110]) == .refused(Reason(rawValue: 32)))
    }

    @Test func `Kelly bets the cap until there is evidence, and nothing against itself`() {
        let rule = Sizing.kelly(cap: .basisPoints(5_000), atLeast: 4)
        #expect(S.size(rule) == .budget(Listings.dollars(50_000)))
        // Half of the trips win twice what the others lose: 1/2 - (1/2) / 2 = 1/4; the account won
        // two dollars.
        let good = S.size(rule, trips: [2, -1, 2, -1])
        #expect(good == .budget(Money(25_000_500_000)))
        #expect(S.size(rule, trips: [1, -1, -1, -1]) == .budget(.zero))
        #expect(S.size(rule, trips: [1, 1, 1, 1]) == .budget(Listings.dollars(50_002)))
    }

    @Test func `sized orders are cut to the limits`() {
        var settings = Listings.settings()
        settings.risk.maxPositionSize = .basisPoints(500)
        settings.risk.maxPositionQuantity = 90
        let books = Books(settings: settings, instruments: [Listings.share()])
        let rules = RiskRules(settings: settings, instruments: [Listings.share()])
        func cut(_ quantity: Int64, at dollars: Double, pending: Int64 = 0) -> Int64 {
            rules.cut(
                Quantity(quantity), of: 0, at: Listings.price(dollars), pending: Quantity(pending),
                books
            ).rawValue
        }
        #expect(cut(80, at: 50) == 80)
        #expect(cut(400, at: 50) == 90)
        #expect(cut(400, at: 60) == 83, "5,000 over 60")
        #expect(cut(-400, at: 60) == -83)
        #expect(cut(-400, at: 60, pending: 10) == -93)
        #expect(cut(400, at: 60, pending: 80) == 3)
        #expect(cut(400, at: 60, pending: 85) == 0)
    }
}

private struct SizingTables: Decodable {
    struct RiskRow: Decodable {
        let equity, risk_percent, entry, stop_percent, lot, cash, expect: String
        let max_units: String?
    }
    struct RangeRow: Decodable { let equity, risk_percent, atr, k, lot, expect: String }
    struct LossRow: Decodable {
        let day_open_equity, limit_percent, equity: String; let expect: Bool
    }
    struct DrawdownRow: Decodable { let peak, equity, limit_percent: String; let expect: Bool }
    let risk_sizing: [RiskRow]
    let atr_sizing: [RangeRow]
    let daily_loss_limit: [LossRow]
    let max_drawdown_stop: [DrawdownRow]
}

@Suite struct SizingGoldenTests {
    private func tables() throws -> SizingTables {
        try GoldenFolder.json("accounting/sizing_and_rounding.json")
    }

    private func money(_ text: String) throws -> Money {
        Money(try DecimalText.count(text, exponent: -6))
    }
    private func percent(_ text: String) throws -> Rate {
        Rate(perBillion: try DecimalText.count(text, exponent: -7))
    }

    private func instrument(lot: String, price: Int = -4) throws -> Instrument {
        Instrument(
            id: 0, symbol: "ABC", currency: Listings.dollars, priceExponent: price,
            quantityExponent: -8,
            priceStep: Price(1), quantityStep: Quantity(try DecimalText.count(lot, exponent: -8)))
    }

    @Test func `ranges size as the tables say`() throws {
        let rows = try tables().atr_sizing
        #expect(!rows.isEmpty)
        for row in rows {
            let instrument = try instrument(lot: row.lot)
            var settings = PortfolioSettings(
                cash: try money(row.equity), currency: Listings.dollars, instrumentCount: 1)
            let multiple = try #require(Double(row.k))
            settings.sizing = .riskPerTrade(
                risk: try percent(row.risk_percent),
                stop: .averageTrueRange(multiple: multiple, window: 14))
            var statistics = BarStatistics(BarStatistics.Windows(settings), instruments: 1)
            let range = try DecimalText.count(row.atr, exponent: -4)
            for _ in 0..<15 {
                statistics.observe(0, ExactPrices(open: 0, high: range, low: 0, close: range / 2))
            }
            let books = Books(settings: settings, instruments: [instrument])
            let size = Sizer(settings: settings, instruments: [instrument]).size(
                1, of: 0, at: Price(1_000_000), books, statistics)
            #expect(
                size == .units(Quantity(try DecimalText.count(row.expect, exponent: -8))), "\(row)")
        }
        print("atr_sizing: \(rows.count) cases")
    }

    @Test func `a daily loss is broken as the tables say`() throws {
        let rows = try tables().daily_loss_limit
        #expect(!rows.isEmpty)
        for row in rows {
            var settings = PortfolioSettings(
                cash: try money(row.day_open_equity), currency: Listings.dollars, instrumentCount: 1
            )
            settings.risk.maxDailyLoss = try percent(row.limit_percent)
            let found = try breach(settings, through: [row.equity])
            #expect((found?.rule == .maxDailyLoss) == row.expect, "\(row)")
        }
        print("daily_loss_limit: \(rows.count) cases")
    }

    @Test func `a drawdown is broken as the tables say`() throws {
        let rows = try tables().max_drawdown_stop
        #expect(!rows.isEmpty)
        for row in rows {
            var settings = PortfolioSettings(
                cash: try money("100000"), currency: Listings.dollars, instrumentCount: 1)
            settings.risk.maxDrawdown = try percent(row.limit_percent)
            let found = try breach(settings, through: [row.peak, row.equity])
            #expect((found?.rule == .maxDrawdown) == row.expect, "\(row)")
        }
        print("max_drawdown_stop: \(rows.count) cases")
    }

    /// Leads equity through some values, by one unit whose price is equity itself.
    private func breach(
        _ settings: PortfolioSettings, through equities: [String]
    ) throws -> RiskBreach? {
        let instrument = try instrument(lot: "1", price: -2)
        var books = Books(settings: settings, instruments: [instrument])
        var rules = RiskRules(settings: settings, instruments: [instrument])
        var records = Records()
        let start = Price(settings.cash.rawValue / 10_000)
        books.apply(
            Execution(instrument: 0, quantity: Quantity(100_000_000), price: start), &records)
        var found: RiskBreach?
        for text in equities {
            books.mark(
                0, at: Price(try DecimalText.count(text, exponent: -2)),
                time: Timestamp(nanoseconds: 0))
            let equity = try money(text)
            #expect(books.cash == .zero && books.equity == equity)
            found = rules.nextBreach(books, at: Timestamp(nanoseconds: 0))
        }
        return found
    }
}
