import CTapedeck
import Foundation
import Kernel
import Market
import TestGround
import Testing

@Suite struct CommissionTests {
    @Test func `a bar that closes with the month counts in it`() {
        var play = TickPlay { settings in
            settings.commissions[0].tiers = [
                .init(from: .zero, rate: .basisPoints(10)), .init(from: Money(1), rate: .zero),
            ]
        }
        play.bar(100, 100, 100, 100)
        // To the last bar of November 2023.
        play.wait(1_701_388_800 - 1_700_000_000 - 61)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        play.bar(100, 100, 100, 100)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        play.wait(59)
        #expect(play.now == Timestamp(nanoseconds: 1_701_388_800_000_000_000))
        play.bar(100, 100, 100, 100)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        play.wait(59)
        play.bar(100, 100, 100, 100)
        #expect(play.fills.map(\.fee) == [Money(1_000_000), .zero, Money(1_000_000)])
    }

    private func fee(
        _ quantity: Int64, at dollars: Double, isMaker: Bool = false,
        _ set: (inout CommissionSettings) -> Void
    ) throws -> Money {
        var settings = CommissionSettings()
        set(&settings)
        return try Commission(settings, Listings.share()).fee(
            Quantity(quantity), at: Listings.price(dollars), isMaker: isMaker)
    }

    @Test func `parts add up before they are rounded once`() throws {
        // 1 + 3 x 0.0000005 + 1.00005 x 3 x 0.1 % = 1.00300165 -> 1.003002
        let total = try fee(3, at: 1.0001) {
            $0.perTrade = Money(1_000_000)
            $0.rate = .basisPoints(10)
            $0.perUnit = Money(0)
        }
        #expect(total == Money(1_003_000))
        let rounded = try fee(7, at: 0.0001) { $0.rate = Rate(perBillion: 500_000_000) }
        #expect(rounded == Money(350))
    }

    @Test func `a fee per unit has a least and a most`() throws {
        let set: (inout CommissionSettings) -> Void = {
            $0.perUnit = Money(5_000)
            $0.minimum = Money(1_000_000)
            $0.maximum = Money(10_000_000)
        }
        #expect(try fee(100, at: 10, set) == Money(1_000_000))
        #expect(try fee(500, at: 10, set) == Money(2_500_000))
        #expect(try fee(-500, at: 10, set) == Money(2_500_000))
        #expect(try fee(50_000, at: 10, set) == Money(10_000_000))
    }

    @Test func `maker and taker pay their own rates, a rebate is negative`() throws {
        let set: (inout CommissionSettings) -> Void = {
            $0.rate = .basisPoints(50)
            $0.maker = .basisPoints(-2)
            $0.taker = .basisPoints(5)
        }
        #expect(try fee(10, at: 20, isMaker: true, set) == Money(-40_000))
        #expect(try fee(10, at: 20, set) == Money(100_000))
    }

    @Test func `fees beyond 64 bits are a fault`() {
        #expect(throws: Fault.overflow) {
            try fee(.max / 2, at: 1_000_000) { $0.rate = .one }
        }
    }

    @Test func `tiers count what was traded since the month began`() throws {
        var settings = Listings.settings()
        settings.commissions[0].rate = .basisPoints(10)
        settings.commissions[0].tiers = [
            CommissionSettings.Tier(from: Listings.dollars(1_000), rate: .basisPoints(5)),
            CommissionSettings.Tier(from: Listings.dollars(5_000), rate: .basisPoints(1)),
        ]
        var commissions = Commissions(settings: settings, instruments: [Listings.share()])
        func charge(_ quantity: Int64, _ text: CivilDate?) throws -> Money {
            let time = Timestamp(try #require(text))
            return try commissions.charge(
                0, Quantity(quantity), at: Listings.price(10), isMaker: false, time: time)
        }
        let (january, last) = (
            CivilDate(year: 2024, month: 1, day: 5), CivilDate(year: 2024, month: 1, day: 31)
        )
        #expect(try charge(100, january) == Money(1_000_000), "1,000 at 10 bps")
        #expect(
            try charge(-400, january) == Money(2_000_000),
            "4,000 at 5 bps, now that 1,000 were traded")
        #expect(try charge(100, last) == Money(100_000), "1,000 at 1 bp")
        #expect(
            try charge(100, CivilDate(year: 2024, month: 2, day: 1)) == Money(1_000_000),
            "a new month")
    }
}

private struct FeeTable: Decodable {
    struct Row: Decodable { let notional, percent, round, expect: String }
    let fee_rounding: [Row]
}

@Suite struct CommissionGoldenTests {
    @Test func `fees are rounded to their step as the tables say`() throws {
        let table: FeeTable = try GoldenFolder.json("accounting/sizing_and_rounding.json")
        #expect(!table.fee_rounding.isEmpty)
        for row in table.fee_rounding {
            let words = row.round.split(separator: " ").map(String.init)
            let instrument = Instrument(
                id: 0, symbol: "ABC", currency: Currency(code: "USD", exponent: 8),
                priceExponent: -4,
                quantityExponent: 0, priceStep: Price(1), quantityStep: Quantity(1))
            var settings = CommissionSettings()
            settings.rate = Rate(perBillion: try DecimalText.count(row.percent, exponent: -7))
            settings.step = Money(try DecimalText.count(words[0], exponent: -8))
            settings.rounding = try #require(CommissionSettings.Rounding(rawValue: words[1]))
            let fee = try Commission(settings, instrument).fee(
                Quantity(1), at: Price(try DecimalText.count(row.notional, exponent: -4)),
                isMaker: false)
            #expect(fee.rawValue == (try DecimalText.count(row.expect, exponent: -8)), "\(row)")
        }
        print("fee_rounding: \(table.fee_rounding.count) cases")
    }
}
