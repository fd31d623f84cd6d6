import CTapedeck
import Kernel
import Market
import TestBacktests
import Testing

/// Plain orders go a short way, and a series of bars is handed over without asking each event; both
/// are to end where the long way ends.
@Suite struct PlainOrderTests {
    /// A tape of bars and what is asked for after which, from one seed.
    struct Play {
        let instruments: [Instrument]
        let tape: Tape
        var settings: PortfolioSettings
        let tickets: [Int: td_order]

        init(seed: UInt64) {
            var random = Xoshiro256StarStar(seed: seed)
            let count = random.below(3) == 0 ? 2 : 1
            instruments = (0..<count).map { place in
                Instrument(
                    id: InstrumentID(place), symbol: "S\(place)",
                    currency: Currency(code: "USD", exponent: 6), priceExponent: -2,
                    quantityExponent: place == 0 ? -1 : 0, priceStep: Price(1),
                    quantityStep: Quantity(place == 0 ? 5 : 1),
                    minimumNotional: Money(random.below(2) == 0 ? 0 : 200_000_000))
            }
            settings = Self.settings(&random, count)
            var tape = Tape(instruments)
            var prices = instruments.map { _ in Int64(5_000 + random.below(10_000)) }
            var tickets: [Int: td_order] = [:]
            for index in 0..<600 {
                let place = index % count
                let open = max(100, prices[place] + Int64(random.below(81)) - 40)
                let close = max(100, open + Int64(random.below(201)) - 100)
                prices[place] = close
                let time = 1_700_000_040 + 60 * Int64(index / count)
                let value = { (units: Int64) in Double(units) / 100 }
                tape.append(
                    .bar(
                        InstrumentID(place), .minutes(1), closes: Timestamp(seconds: time),
                        Bar(
                            open: value(open), high: value(max(open, close) + 7),
                            low: value(min(open, close) - 7), close: value(close), volume: 90)))
                if random.below(4) == 0 { tickets[index] = Self.ticket(&random, count, close) }
            }
            self.tape = tape
            self.tickets = tickets
        }

        private static func settings(
            _ random: inout Xoshiro256StarStar, _ count: Int
        ) -> PortfolioSettings {
            var settings = PortfolioSettings(
                cash: Money(random.below(2) == 0 ? 3_000_000_000 : 900_000_000_000),
                currency: Currency(code: "USD", exponent: 6), instrumentCount: count)
            settings.allowShort = random.below(2) == 0
            settings.partial = random.below(3) == 0
            settings.leverage = random.below(3) == 0 ? Rate(perBillion: 2_000_000_000) : .one
            settings.lots = random.below(4) == 0 ? .fifo : .average
            if random.below(2) == 0 { settings.risk.maxDrawdown = .basisPoints(1_500) }
            if random.below(4) == 0 {
                settings.risk.stopLoss = .percent(.basisPoints(200))
            }
            for place in 0..<count {
                settings.commissions[place].rate = .basisPoints(Int64(random.below(30)))
                if random.below(4) == 0 { settings.commissions[place].perTrade = Money(500_000) }
            }
            return settings
        }

        /// Mostly at the market, of sizes that meet, close, flip and exceed what there is.
        private static func ticket(
            _ random: inout Xoshiro256StarStar, _ count: Int, _ price: Int64
        ) -> td_order {
            let instrument = InstrumentID(random.below(UInt64(count)))
            let sizes = [-20.0, -10, -10, -5, -0.3, 0.2, 5, 10, 10, 20, 400]
            let size = sizes[Int(random.below(UInt64(sizes.count)))]
            if random.below(5) == 0 {
                return td_order(
                    instrument, Int(TD_ORDER_LIMIT), size, limit: Double(price) / 100, tag: 9)
            }
            return td_order(instrument, Int(TD_ORDER_MARKET), size, tag: random.below(100))
        }

        /// Every event advanced for itself.
        func stepwise(isPlain: Bool) -> StormResult {
            var portfolio = Portfolio(settings: settings, instruments: instruments)
            if !isPlain { portfolio.isPlain = false }
            var result = StormResult()
            var records = Records()
            tape.withRun { run in
                for index in 0..<run.count {
                    portfolio.advance(run, index)
                    if let ticket = tickets[index] { _ = portfolio.submit(ticket) }
                    result.take(&portfolio, &records)
                }
            }
            return result.ended(by: &portfolio, &records)
        }

        /// In stretches, of runs that say what their events have in common.
        func quietly(length: Int) -> (StormResult, isSeries: Bool) {
            var portfolio = Portfolio(settings: settings, instruments: instruments)
            var result = StormResult()
            var records = Records()
            var isSeries = false
            tape.withRun { found in
                let header = header
                isSeries = header.isKnown
                let run = EventRun(
                    events: found.events, prices: found.prices, count: found.count, header: header)
                var index = 0
                while index < run.count {
                    let quiet = portfolio.quietPrefix(
                        run, from: index, limit: min(run.count, index + length))
                    if quiet == 0 {
                        portfolio.advance(run, index)
                        index += 1
                    } else {
                        let stretch = index..<index + quiet
                        let stop = stretch.first { tickets[$0] != nil }.map { $0 + 1 }
                        portfolio.mark(run, from: index, to: stop ?? stretch.upperBound)
                        index = stop ?? stretch.upperBound
                    }
                    if let ticket = tickets[index - 1] { _ = portfolio.submit(ticket) }
                    result.take(&portfolio, &records)
                }
            }
            return (result.ended(by: &portfolio, &records), isSeries)
        }

        private var header: RunHeader {
            var prices = [ExactPrices](
                repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0),
                count: tape.events.count)
            var header = RunHeader.unknown
            var span = prices.mutableSpan
            _ = ExactPrices.count(
                tape.events.span, in: PriceScales(instruments), into: &span, &header)
            return header
        }
    }

    @Test func `the short way of a plain order leaves what the long way leaves`() {
        var (fills, refusals, series) = (0, 0, 0)
        for seed in UInt64(1)...200 {
            let play = Play(seed: seed)
            let long = play.stepwise(isPlain: false)
            if let difference = play.stepwise(isPlain: true).difference(from: long) {
                Issue.record("seed \(seed): \(difference)")
                return
            }
            for length in [1, 9, 1_000] {
                let (quiet, isSeries) = play.quietly(length: length)
                if let difference = quiet.difference(from: long) {
                    Issue.record("seed \(seed), stretches of \(length): \(difference)")
                    return
                }
                series += isSeries ? 1 : 0
            }
            fills += long.fills.count
            refusals += long.orders.filter { $0.state == .rejected }.count
        }
        print("plain orders: \(fills) fills, \(refusals) refusals, \(series) runs of one series")
        #expect(fills > 2_000 && refusals > 200 && series > 100)
    }

    @Test func `bars of one series say so, others do not`() {
        let instruments = Play(seed: 1).instruments
        func bar(_ time: Int64, _ price: Double = 10, frame: Int64 = 1) -> Event {
            .bar(
                0, .minutes(UInt32(frame)), closes: Timestamp(seconds: time),
                Bar(open: price, high: price, low: price, close: price, volume: 1))
        }
        func isKnown(_ events: [Event]) -> Bool {
            var prices = [ExactPrices](
                repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: events.count)
            var header = RunHeader.unknown
            var span = prices.mutableSpan
            let stop = ExactPrices.count(
                events.span, in: PriceScales(instruments), into: &span, &header)
            #expect(stop == nil)
            return header.isKnown
        }
        var flagged = bar(120)
        flagged.flags = 2
        #expect(isKnown([bar(60), flagged, bar(120), bar(180)]))
        // A price beyond the quick way's reach does not make another series of it.
        #expect(isKnown([bar(60), bar(120, 0x1p45)]))
        #expect(!isKnown([bar(120), bar(60)]))
        #expect(!isKnown([bar(60), bar(120, frame: 5)]))
        #expect(!isKnown([bar(60), .trade(0, at: Timestamp(seconds: 90), price: 1, quantity: 1)]))
    }
}
