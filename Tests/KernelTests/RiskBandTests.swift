import Market
import Testing
@testable import Kernel

/// Between two looks at the rules an event may pass unseen only if it breaks nothing.
@Suite struct RiskBandTests {
    private static let setups: [@Sendable (inout RiskSettings) -> Void] = [
        { $0.maxDrawdown = .basisPoints(500) },
        { $0.maxDailyLoss = .basisPoints(200) },
        {
            $0.maxDrawdown = .basisPoints(300); $0.maxDailyLoss = .basisPoints(100)
        },
        {
            $0.stopLoss = .percent(.basisPoints(150)); $0.takeProfit = .percent(.basisPoints(250))
        },
        {
            $0.maxDrawdown = .basisPoints(400); $0.stopLoss = .amount(perBillion: 700_000_000)
        },
    ]

    @Test(arguments: setups.indices, [1, 3])
    func `a walk looked at only outside its bands breaks the same rules at the same events`(
        _ setup: Int, _ count: Int
    ) {
        for seed in 1...8 as ClosedRange<UInt64> {
            let all = walk(seed, setup, count, skipsQuiet: false)
            let few = walk(seed, setup, count, skipsQuiet: true)
            #expect(all.breaches == few.breaches, "seed \(seed)")
            // Several positions share what equity may move by, and keep something back.
            let most = count == 1 ? all.looks / 2 : all.looks * 2 / 3
            #expect(few.looks < most, "seed \(seed): bands let most events pass")
        }
    }

    private struct Walk {
        var breaches: [Found] = []
        var looks = 0
    }

    private struct Found: Equatable {
        var index: Int
        var rule: RiskSettings.Rule
        var instrument: InstrumentID
    }

    private func walk(_ seed: UInt64, _ setup: Int, _ count: Int, skipsQuiet: Bool) -> Walk {
        var random = SplitMix64(seed: seed)
        var settings = Listings.settings(count: count)
        Self.setups[setup](&settings.risk)
        let shares = (0..<count).map { Listings.share(InstrumentID($0), symbol: "S\($0)") }
        var books = Books(settings: settings, instruments: shares)
        var rules = RiskRules(settings: settings, instruments: shares)
        let statistics = BarStatistics(BarStatistics.Windows(settings), instruments: count)
        var prices = [Int64](repeating: 500_000, count: count)
        for id in 0..<count {
            let side: Int64 = random.below(3) == 0 ? -1 : 1
            books.trade(side * Int64(1_500 / count), at: 50, of: InstrumentID(id))
            rules.positionChanged(InstrumentID(id), opened: true, books, statistics)
        }
        rules.shareRoom(books)
        var bands = rules.exits.indices.map { Self.band(InstrumentID($0), rules, books) }
        var found = Walk()
        for index in 0..<2_000 {
            let id = index % count
            prices[id] = max(1, prices[id] + Int64(random.below(2_001)) - 1_000)
            let four = Listings.flat(Price(prices[id]))
            let isQuiet = bands[id].isQuiet(four)
            books.mark(
                InstrumentID(id), four, isBar: true, time: Timestamp(nanoseconds: Int64(index)))
            if index % 500 == 499 { rules.startDay(books) }
            if skipsQuiet && isQuiet && index % 500 != 499 { continue }
            found.looks += 1
            while let breach = rules.nextBreach(books, at: Timestamp(nanoseconds: Int64(index))) {
                found.breaches.append(
                    Found(index: index, rule: breach.rule, instrument: breach.instrument))
            }
            if index % 500 != 499, rules.roomHolds(books, but: InstrumentID(id)) {
                bands[id] = Self.band(InstrumentID(id), rules, books)
            } else {
                rules.shareRoom(books)
                bands = rules.exits.indices.map { Self.band(InstrumentID($0), rules, books) }
            }
        }
        return found
    }

    private static func band(
        _ id: InstrumentID, _ rules: borrowing RiskRules, _ books: borrowing Books
    ) -> QuietBand {
        var band = QuietBand()
        rules.narrow(&band, of: id, books)
        return band
    }
}
