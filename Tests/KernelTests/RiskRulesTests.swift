import Kernel
import Market
import Testing

/// Books and limits over one share bought at 50, with 100,000 dollars.
private struct Desk: ~Copyable {
    var books: Books
    var rules: RiskRules
    let statistics: BarStatistics

    init(_ settings: PortfolioSettings, _ instruments: [Instrument] = [Listings.share()]) {
        books = Books(settings: settings, instruments: instruments)
        rules = RiskRules(settings: settings, instruments: instruments)
        statistics = BarStatistics(BarStatistics.Windows(settings), instruments: instruments.count)
    }

    init(_ set: (inout RiskSettings) -> Void) {
        var settings = Listings.settings()
        set(&settings.risk)
        self.init(settings)
    }

    mutating func trade(_ quantity: Int64, at dollars: Double) {
        let before = books.quantity(of: 0).rawValue
        books.trade(quantity, at: dollars)
        let after = books.quantity(of: 0).rawValue
        rules.positionChanged(
            0, opened: before.signum() != after.signum() && after != 0, books, statistics)
    }

    mutating func breaches(at dollars: Double, time: Int64 = 0) -> [RiskSettings.Rule] {
        books.mark(0, at: Listings.price(dollars), time: Timestamp(nanoseconds: time))
        var found: [RiskSettings.Rule] = []
        while let breach = rules.nextBreach(books, at: Timestamp(nanoseconds: time)) {
            found.append(breach.rule)
        }
        return found
    }

    func refused(
        _ quantity: Int64, at dollars: Double = 50, pending: Int64 = 0, time: Int64 = 0,
        of id: InstrumentID = 0
    ) -> RiskSettings.Rule? {
        rules.refusal(
            of: RiskTicket(
                instrument: id, quantity: Quantity(quantity), price: Listings.price(dollars),
                pending: Quantity(pending), time: Timestamp(nanoseconds: time)),
            books)?.rule
    }
}

@Suite struct RiskRulesTests {
    @Test func `a position may reach its limit and not pass it`() {
        var desk = Desk { $0.maxPositionQuantity = 100 }
        #expect(desk.refused(100) == nil)
        #expect(desk.refused(101) == .maxPositionQuantity)
        #expect(desk.refused(-101) == .maxPositionQuantity)
        desk.trade(60, at: 50)
        #expect(desk.refused(40) == nil)
        #expect(desk.refused(40, pending: 1) == .maxPositionQuantity)
        #expect(desk.refused(-160) == nil, "through zero to the limit")
        #expect(desk.refused(-161) == .maxPositionQuantity)
    }

    @Test func `values are limited in money and as shares of equity`() {
        let notional = Desk { $0.maxPositionNotional = Listings.dollars(5_000) }
        #expect(notional.refused(100) == nil)
        #expect(notional.refused(100, at: 50.01) == .maxPositionNotional)
        let size = Desk { $0.maxPositionSize = .basisPoints(500) }
        #expect(size.refused(100) == nil)
        #expect(size.refused(-101) == .maxPositionSize)
        let order = Desk { $0.maxOrderNotional = Listings.dollars(5_000) }
        #expect(order.refused(100) == nil)
        #expect(order.refused(101) == .maxOrderNotional)
    }

    @Test func `what brings a position nearer to zero is always let through`() {
        var desk = Desk {
            $0.maxPositionQuantity = 10
            $0.maxOrderNotional = Listings.dollars(100)
            $0.tradingWindows = [RiskSettings.TradingWindow(opens: 36_000, closes: 36_001)]
        }
        desk.trade(60, at: 50)
        #expect(desk.refused(-60) == nil)
        #expect(desk.refused(-61) == .tradingWindow)
    }

    @Test func `exposure counts all positions, gross and net`() {
        var settings = Listings.settings(count: 2)
        settings.risk.maxGrossExposure = .one
        settings.risk.maxNetExposure = Rate(perBillion: 500_000_000)
        var desk = Desk(settings, [Listings.share(), Listings.share(1, symbol: "XYZ")])
        desk.books.trade(1_000, at: 50)
        #expect(desk.refused(1, of: 1) == .maxNetExposure)
        #expect(desk.refused(-1_000, of: 1) == nil, "gross 100 %, net zero")
        #expect(desk.refused(-1_001, of: 1) == .maxGrossExposure)
        settings.risk = RiskSettings()
        settings.risk.maxLeverage = Rate(perBillion: 2_000_000_000)
        let levered = Desk(settings, [Listings.share()])
        #expect(levered.refused(4_000) == nil)
        #expect(levered.refused(4_001) == .maxLeverage)
    }

    @Test func `open positions are counted`() {
        var settings = Listings.settings(count: 2)
        settings.risk.maxPositions = 1
        var desk = Desk(settings, [Listings.share(), Listings.share(1, symbol: "XYZ")])
        desk.books.trade(10, at: 50)
        #expect(desk.refused(10) == nil, "the same position")
        #expect(desk.refused(10, of: 1) == .maxPositions)
    }

    @Test func `no more orders than so many within a second`() {
        var desk = Desk { $0.maxOrdersPerSecond = 2 }
        let second: Int64 = 1_000_000_000
        for time in [0, second / 2] { desk.rules.countOrder(at: Timestamp(nanoseconds: time)) }
        #expect(desk.refused(1, time: second - 1) == .maxOrdersPerSecond)
        #expect(desk.refused(1, time: second) == nil, "the first is a whole second ago")
        desk.rules.countOrder(at: Timestamp(nanoseconds: second))
        #expect(desk.refused(1, time: second + 1) == .maxOrdersPerSecond)
    }

    @Test(arguments: [
        ("2024-07-01T13:59:59", false), ("2024-07-01T14:00:00", true),
        ("2024-07-01T19:59:59", true),
        ("2024-07-01T20:00:00", false), ("2024-01-08T14:00:00", false),
        ("2024-01-08T15:00:00", true),
    ])
    func `windows are in local time, summer and winter`(_ text: String, _ isInside: Bool) throws {
        let desk = Desk {
            $0.tradingWindows = [RiskSettings.TradingWindow(opens: 36_000, closes: 57_600)]
        }
        let time = try TimeText.timestamp(text)
        #expect(desk.refused(1, time: time.rawValue) == (isInside ? nil : .tradingWindow))
    }

    @Test func `drawdown is broken at its limit, once a peak`() {
        var desk = Desk { $0.maxDrawdown = .basisPoints(1_000) }
        desk.trade(1_000, at: 50)
        #expect(desk.breaches(at: 70).isEmpty, "a peak of 120,000")
        #expect(desk.breaches(at: 58.01).isEmpty)
        #expect(desk.breaches(at: 58) == [.maxDrawdown], "108,000")
        #expect(desk.breaches(at: 50).isEmpty, "told already")
        #expect(desk.breaches(at: 70.01).isEmpty)
        #expect(desk.breaches(at: 57) == [.maxDrawdown], "from the new peak")
    }

    @Test func `daily loss counts from the day's opening equity, once a day`() {
        var desk = Desk { $0.maxDailyLoss = .basisPoints(500) }
        desk.trade(1_000, at: 50)
        #expect(desk.breaches(at: 45.01).isEmpty)
        #expect(desk.breaches(at: 45) == [.maxDailyLoss])
        #expect(desk.breaches(at: 44).isEmpty)
        desk.rules.startDay(desk.books)
        #expect(desk.breaches(at: 43).isEmpty)
        #expect(desk.breaches(at: 39.3) == [.maxDailyLoss], "4,700 of 94,000")
    }

    @Test func `losing trips in a row are counted until one does not lose`() {
        var desk = Desk { $0.maxConsecutiveLosses = 2 }
        func trip(_ result: Double, _ desk: inout Desk) -> [RiskSettings.Rule] {
            desk.trade(1, at: 50)
            desk.trade(-1, at: 50 + result)
            return desk.breaches(at: 50 + result)
        }
        #expect(trip(-1, &desk).isEmpty)
        #expect(trip(0, &desk).isEmpty, "no loss")
        #expect(trip(-1, &desk).isEmpty)
        #expect(trip(-1, &desk) == [.maxConsecutiveLosses])
        #expect(trip(-1, &desk).isEmpty, "counted anew")
        #expect(trip(-1, &desk) == [.maxConsecutiveLosses])
    }

    @Test func `a rule that rejects lets nothing open while it is broken`() {
        var desk = Desk {
            $0.maxDrawdown = .basisPoints(1_000)
            $0.actions = [RiskSettings.RuleAction(rule: .maxDrawdown, action: .reject)]
        }
        desk.trade(1_000, at: 50)
        #expect(desk.breaches(at: 39).isEmpty, "nothing acts by itself")
        #expect(desk.refused(1) == .maxDrawdown)
        #expect(desk.refused(-1_000) == nil)
        #expect(desk.breaches(at: 45).isEmpty)
        #expect(desk.refused(1) == nil)
    }

    @Test func `stop loss and take profit are measured from the average price`() {
        var desk = Desk {
            $0.stopLoss = .percent(.basisPoints(500))
            $0.takeProfit = .amount(perBillion: 3_000_000_000)
        }
        desk.trade(100, at: 50)
        desk.trade(100, at: 52)
        // Average 51: stop 48.45, target 54.
        #expect(desk.breaches(at: 48.46).isEmpty)
        #expect(desk.breaches(at: 53.99).isEmpty)
        #expect(desk.breaches(at: 48.45) == [.stopLoss])
        #expect(desk.breaches(at: 48).isEmpty, "asked for once")
        desk.trade(-300, at: 48)
        #expect(desk.breaches(at: 50.39).isEmpty, "short from 48: stop 50.4, target 45")
        #expect(desk.breaches(at: 45) == [.takeProfit])
        desk.trade(100, at: 45)
        desk.trade(-10, at: 48)
        #expect(desk.breaches(at: 50.4) == [.stopLoss])
    }

    @Test func `a range is measured when the position is opened and kept`() {
        var settings = Listings.settings()
        settings.risk.stopLoss = .averageTrueRange(multiple: 2, window: 2)
        let share = Listings.share()
        var books = Books(settings: settings, instruments: [share])
        var rules = RiskRules(settings: settings, instruments: [share])
        var statistics = BarStatistics(BarStatistics.Windows(settings), instruments: 1)
        func bar(_ dollars: Double, range: Int64) {
            let close = Listings.price(dollars).rawValue
            statistics.observe(
                0, ExactPrices(open: close, high: close + range, low: close - range, close: close))
        }
        books.trade(100, at: 50)
        rules.positionChanged(0, opened: true, books, statistics)
        for _ in 0..<3 { bar(50, range: 5_000) }
        rules.barClosed(0, books, statistics)
        bar(50, range: 50_000)
        books.trade(100, at: 52)
        rules.positionChanged(0, opened: false, books, statistics)
        // Range 1.00 when it was first known; average 51, stop 49.
        books.mark(at: 49.01)
        let early = rules.nextBreach(books, at: Timestamp(nanoseconds: 0))
        #expect(early == nil)
        books.mark(at: 49)
        let stopped = rules.nextBreach(books, at: Timestamp(nanoseconds: 0))
        #expect(
            stopped?.rule == .stopLoss && stopped?.reason == .stopLoss && stopped?.instrument == 0)
    }

    @Test func `a position is not held longer than allowed`() {
        var desk = Desk { $0.maxHolding = 1_000 }
        desk.trade(1, at: 50)
        #expect(desk.rules.deadline(desk.books) == 1_000)
        #expect(desk.breaches(at: 50, time: 999).isEmpty)
        #expect(desk.breaches(at: 50, time: 1_000) == [.maxHolding])
        #expect(desk.rules.deadline(desk.books) == .max)
    }

    @Test func `performance over sessions is held to its floors`() {
        var desk = Desk {
            $0.minReturn = RiskSettings.PerformanceFloor(floor: -0.05, window: 2)
            $0.maxLag = RiskSettings.PerformanceFloor(floor: 0.10, window: 2)
        }
        func end(_ dollars: Double, _ desk: inout Desk) -> [RiskSettings.Rule] {
            desk.books.mark(at: dollars)
            return desk.rules.endSession(desk.books).map(\.rule)
        }
        desk.trade(1_000, at: 50)
        #expect(end(50, &desk).isEmpty)
        #expect(end(40, &desk).isEmpty, "two sessions are not over yet")
        #expect(end(46, &desk).isEmpty, "-4 % and -8 %")
        #expect(end(34, &desk) == [.minReturn], "from 90,000 to 84,000")
        #expect(end(54, &desk).isEmpty, "104,000 of 96,000: 8.3 % against 17.4 %")
        #expect(end(41, &desk) == [.maxLag], "91,000 of 84,000: 8.3 % against 20.6 %")
    }

    @Test func `a Sharpe ratio below its floor is a breach`() throws {
        var desk = Desk { $0.minSharpe = RiskSettings.PerformanceFloor(floor: 0, window: 3) }
        desk.trade(1_000, at: 50)
        var found: [RiskBreach] = []
        for dollars in [50.0, 51, 50, 48.5] {
            desk.books.mark(at: dollars)
            found += desk.rules.endSession(desk.books)
        }
        // Returns 1 %, -0.990 %, -1.5 %: mean -0.497 %, deviation 1.319 %, times the root of 252.
        let breach = try #require(found.first)
        #expect(found.count == 1 && breach.rule == .minSharpe && breach.action == .disable)
        #expect(abs(breach.measured - -5.976) < 0.02, "\(breach.measured)")
    }
}
