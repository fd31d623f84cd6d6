import CTapedeck
import Kernel
import Market
import Testing

/// What holding costs: each is a line of the ledger, and the books still close.
@Suite struct CarryTests {
    private static let day: Double = 86_400

    private func settings(_ change: (inout CarrySettings) -> Void) -> [CarrySettings] {
        var carry = CarrySettings()
        change(&carry)
        return [carry]
    }

    @Test func `a short position pays its borrow fee for every day that ends, weekends too`() {
        var play = TickPlay { [carries = settings { $0.borrow = .basisPoints(1_000) }] in
            $0.carries = carries
        }
        play.trade(100, 10)
        play.send(td_order(0, TD_ORDER_MARKET, -365))
        play.trade(100, 10)
        play.wait(Self.day)
        play.trade(100, 10)
        play.wait(3 * Self.day)
        play.trade(100, 10)
        // 10 % of 36,500 a year is 10 a day.
        #expect(play.ledger.map(\.kind) == [.borrowFee, .borrowFee])
        #expect(play.ledger.map(\.amount) == [Listings.dollars(-10), Listings.dollars(-30)])
        #expect(play.portfolio.books.income == Listings.dollars(-40))
        #expect(play.portfolio.books.difference() == .zero)
        play.send(td_order(0, TD_ORDER_MARKET, 365))
        play.trade(100, 10)
        #expect(play.trips.map(\.costs) == [Listings.dollars(40)])
        #expect(play.portfolio.books.equity == Listings.dollars(1_000_000 - 40))
    }

    @Test func `a long position pays none`() {
        var play = TickPlay { [carries = settings { $0.borrow = .basisPoints(1_000) }] in
            $0.carries = carries
        }
        play.trade(100, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 365))
        play.trade(100, 10)
        play.wait(Self.day)
        play.trade(100, 10)
        #expect(play.ledger.isEmpty)
    }

    @Test func `interest is paid on what is owed, and earned on what is one's own`() {
        var play = TickPlay {
            $0.leverage = Rate(perBillion: 2_000_000_000)
            $0.interest.debit = .basisPoints(730)
            $0.interest.credit = .basisPoints(365)
        }
        play.trade(100, 10)
        play.wait(Self.day)
        play.trade(100, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 15_000))
        play.trade(100, 10)
        play.wait(Self.day)
        play.trade(100, 10)
        // 3.65 % of 1,000,000 for a day; then 7.3 % of the 499,900 that are owed.
        #expect(play.ledger.map(\.kind) == [.interest, .interest])
        #expect(play.ledger.map(\.amount) == [Listings.dollars(100), Listings.dollars(-99.98)])
        #expect(play.ledger.map(\.instrument) == [.max, .max])
        #expect(play.portfolio.books.difference() == .zero)
    }

    @Test func `what a short sale brought earns nothing`() {
        var play = TickPlay { $0.interest.credit = .basisPoints(365) }
        play.trade(100, 10)
        play.send(td_order(0, TD_ORDER_MARKET, -1_000))
        play.trade(100, 10)
        play.wait(Self.day)
        play.trade(100, 10)
        #expect(play.ledger.map(\.amount) == [Listings.dollars(100)])
    }

    private static var perpetual: Instrument {
        Instrument(
            id: 0, symbol: "BTCPERP", kind: .future, currency: Listings.dollars, priceExponent: -4,
            quantityExponent: 0, priceStep: Price(1), quantityStep: Quantity(1))
    }

    @Test func `funding is paid by longs and got by shorts at its own times`() {
        for (quantity, sign) in [(10.0, -1.0), (-10, 1)] {
            var play = TickPlay([Self.perpetual]) {
                [
                    carries = settings {
                        $0.funding = .basisPoints(1)
                        $0.fundingInterval = 8 * 3_600_000_000_000
                    }
                ] in $0.carries = carries
            }
            play.trade(50_000, 10)
            play.send(td_order(0, TD_ORDER_MARKET, quantity))
            play.trade(50_000, 10)
            // 22:13 UTC, then the next day 14:13: midnight and eight o'clock have passed.
            play.wait(16 * 3_600)
            play.trade(50_000, 10)
            #expect(play.ledger.map(\.kind) == [.funding, .funding])
            #expect(
                play.ledger.map(\.amount) == [
                    Listings.dollars(sign * 50), Listings.dollars(sign * 50),
                ])
            #expect(play.ledger.map { $0.time.rawValue % (8 * 3_600_000_000_000) } == [0, 0])
            #expect(play.portfolio.books.difference() == .zero)
        }
    }

    @Test func `a rate on the tape is charged at its price, or at the mark`() {
        var play = TickPlay([Self.perpetual])
        play.trade(50_000, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 2))
        play.trade(50_000, 10)
        play.play(.funding(0, at: play.now, rate: 0.0001))
        play.play(.funding(0, at: play.now, rate: -0.00025, price: 40_000))
        #expect(play.ledger.map(\.amount) == [Listings.dollars(-10), Listings.dollars(20)])
    }
}

/// The margin call, by its stated rules.
@Suite struct MarginTests {
    @Test
    func
        `equity below the maintenance margin closes the largest position first, until it is covered`()
    {
        var play = TickPlay([Listings.share(), Listings.share(1, symbol: "DEF")]) {
            $0.leverage = Rate(perBillion: 4_000_000_000)
            $0.risk.maintenanceMargin = .basisPoints(2_500)
        }
        play.trade(100, 10)
        play.trade(100, 10, of: 1)
        play.send(td_order(0, TD_ORDER_MARKET, 20_000))
        play.send(td_order(1, TD_ORDER_MARKET, 10_000))
        play.send(td_order(1, TD_ORDER_LIMIT, 100, limit: 50))
        play.trade(100, 10)
        play.trade(100, 10, of: 1)
        // Equity 600,000 of 2,600,000: covered only without the larger one.
        play.trade(80, 10)
        #expect(play.fills.count == 2)
        #expect(play.reason(of: 3) == Reason(rawValue: UInt16(TD_REASON_MARGIN_CALL)))
        play.trade(79, 10)
        #expect(play.text == ["20000@100.0", "10000@100.0", "-20000@79.0"])
        #expect(play.trips.map(\.exitReason) == [Reason(rawValue: UInt16(TD_REASON_MARGIN_CALL))])
        play.trade(99, 10, of: 1)
        #expect(play.fills.count == 3)
        #expect(play.portfolio.position(of: 1).quantity == 10_000)
    }

    @Test func `no quiet stretch passes over a margin call`() {
        for seed in 1...40 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            var play = TickPlay {
                $0.leverage = Rate(perBillion: 3_000_000_000)
                $0.risk.maintenanceMargin = .basisPoints(3_000)
            }
            play.trade(100, 10)
            play.send(td_order(0, TD_ORDER_MARKET, random.below(2) == 0 ? 25_000 : -25_000))
            play.trade(100, 10)
            var price = 10_000
            while play.trips.isEmpty {
                let books = (
                    play.portfolio.books.equity.rawValue,
                    play.portfolio.books.exposure.gross.rawValue
                )
                let isCalled = play.orders.contains {
                    $0.reason.rawValue == UInt16(TD_REASON_MARGIN_CALL)
                }
                #expect(
                    isCalled == (Double(books.0) < 0.3 * Double(books.1)),
                    "seed \(seed) at \(price)")
                price = max(100, price + Int(random.below(401)) - 200)
                play.trade(Double(price) / 100, 10)
            }
        }
    }
}
