import CTapedeck
import Kernel
import Market
import Testing

/// The books against `PlainLedger` on random fills, bars, splits and dividends.
@Suite struct BooksSecondOpinionTests {
    struct Units: Sendable, CustomTestStringConvertible {
        let price, quantity, money: Int
        var multiplier: Int64 = 1
        var kind = Instrument.Kind.spot
        var testDescription: String { "\(kind) \(price) \(quantity) \(money) x\(multiplier)" }
    }

    static let units = [
        Units(price: -2, quantity: 0, money: 6), Units(price: -4, quantity: -6, money: 6),
        Units(price: -2, quantity: -8, money: 6), Units(price: -8, quantity: -3, money: 8),
        Units(price: -2, quantity: 0, money: 2, multiplier: 50, kind: .future),
        Units(price: -5, quantity: -1, money: 4, multiplier: 100, kind: .future),
    ]

    @Test(arguments: units, [PortfolioSettings.Lots.average, .fifo])
    func `random ledgers agree with exact fractions after every event`(
        _ units: Units, _ lots: PortfolioSettings.Lots
    ) throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            var story = Story(units, lots, seed: seed)
            for step in 0..<60 {
                story.step()
                guard story.agrees("seed \(seed) step \(step)") else { return }
            }
        }
    }

    @Test(arguments: units)
    func `a run of marks is the same as its events one by one`(_ units: Units) throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            var story = Story(units, .average, seed: seed)
            for _ in 0..<20 { story.markInRuns() }
            guard story.agrees("seed \(seed)") else { return }
        }
    }
}

/// One random life of both ledgers.
private struct Story: ~Copyable {
    let instrument: Instrument
    let lots: PortfolioSettings.Lots
    var random: SplitMix64
    var books: Books
    var plain: PlainLedger
    var records = Records()
    var price: Int64
    var sequence: UInt64 = 0

    init(_ units: BooksSecondOpinionTests.Units, _ lots: PortfolioSettings.Lots, seed: UInt64) {
        self.lots = lots
        random = SplitMix64(seed: seed)
        instrument = Instrument(
            id: 0, symbol: "ABC", kind: units.kind,
            currency: Currency(code: "USD", exponent: units.money),
            priceExponent: units.price, quantityExponent: units.quantity, priceStep: Price(1),
            quantityStep: Quantity(1), multiplier: units.multiplier)
        let cash = Int64(random.below(2) == 0 ? 1_000 : 1_000_000) * PowerOfTen.integer(units.money)
        var settings = PortfolioSettings(
            cash: Money(cash), currency: instrument.currency, instrumentCount: 1)
        settings.lots = lots
        books = Books(settings: settings, instruments: [instrument])
        plain = PlainLedger(instrument, cash: cash, isFIFO: lots == .fifo)
        price = Int64(random.below(50_000)) + 100
    }

    mutating func step() {
        sequence += 1
        switch random.below(16) {
        case 0..<8: fill()
        case 8..<14: bar()
        case 14: split()
        default: dividend()
        }
    }

    mutating func draw(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(random.below(UInt64(range.upperBound - range.lowerBound + 1)))
    }

    mutating func movePrice() { price = max(1, price + draw(-200...200)) }

    mutating func fill() {
        movePrice()
        let held = books.quantity(of: 0).rawValue
        var quantity =
            draw(1...(random.below(2) == 0 ? 40 : 9_000_000)) * (random.below(2) == 0 ? 1 : -1)
        if held != 0, random.below(4) == 0 { quantity = -held }
        let fee = draw(-20...5_000)
        books.apply(
            Execution(
                instrument: 0, quantity: Quantity(quantity), price: Price(price), fee: Money(fee)),
            &records)
        plain.fill(quantity, at: price, fee: fee)
    }

    mutating func bar() {
        movePrice()
        let (high, low) = (price + draw(0...50), max(1, price - draw(0...50)))
        books.mark(
            0, ExactPrices(open: price, high: high, low: low, close: price), isBar: true,
            time: Timestamp(nanoseconds: 0))
        plain.bar(high: high, low: low, close: price)
    }

    mutating func split() {
        // Lots by themselves may hold fractions; the books' count in whole units. Average has one
        // lot.
        let denominator = lots == .fifo ? 1 : draw(1...10)
        let numerator = draw(1...10)
        let lot = lots == .fifo ? 1 : draw(1...3)
        let terms = SplitTerms(numerator: numerator, denominator: denominator, lot: Quantity(lot))
        books.split(0, terms, sequence: sequence, time: Timestamp(nanoseconds: 0), &records)
        plain.split(numerator, denominator, lot: lot)
        price = max(1, price * denominator / numerator)
    }

    mutating func dividend() {
        let perUnit = draw(0...2_000_000_000)
        let paid = books.dividend(
            0, DividendTerms(perBillion: perUnit), sequence: sequence,
            time: Timestamp(nanoseconds: 0), &records)
        let shift = instrument.quantityExponent + instrument.currency.exponent - 9
        let exact =
            ExactFraction(Int128(plain.quantity) * Int128(perUnit))
            * ExactFraction(PowerOfTen.wide(max(0, shift)), PowerOfTen.wide(max(0, -shift)))
        #expect(paid.rawValue == exact.halfEven)
        plain.earn(exact.halfEven)
    }

    /// A fill or two, then bars, trades and bars of another time frame in runs of random lengths.
    mutating func markInRuns() {
        for _ in 0..<random.below(3) { fill() }
        var events: [Event] = []
        var prices: [ExactPrices] = []
        for index in 0..<40 {
            movePrice()
            let (high, low) = (price + draw(0...50), max(1, price - draw(0...50)))
            var event = Event()
            event.time = Int64(index)
            event.type = EventKind.bar.rawValue
            var four = ExactPrices(open: price, high: high, low: low, close: price)
            if random.below(4) == 0 {
                event.type = EventKind.quote.rawValue
                four = ExactPrices(open: low, high: high, low: low, close: high)
                price = ExactFraction(Int128(low + high), 2).halfEven
            }
            events.append(event)
            prices.append(four)
            if event.type == EventKind.bar.rawValue {
                plain.bar(high: high, low: low, close: price)
            } else {
                plain.quote(price)
            }
        }
        events.withUnsafeBufferPointer { events in
            prices.withUnsafeBufferPointer { prices in
                guard let first = events.baseAddress, let prices = prices.baseAddress else {
                    return
                }
                let run = EventRun(events: first, prices: prices, count: events.count)
                var from = 0
                while from < run.count {
                    let to = min(run.count, from + 1 + Int(random.below(12)))
                    books.mark(run, from: from, to: to)
                    from = to
                }
            }
        }
    }

    func agrees(_ place: String) -> Bool {
        let found =
            [
                books.cash, books.realised, books.unrealised, books.equity, books.fees,
                books.income, books.drawdown.peak,
                books.drawdown.trough, books.difference(),
            ].map(\.rawValue) + [books.quantity(of: 0).rawValue]
        let expected = [
            plain.cash, plain.realised, plain.unrealised, plain.equity, plain.fees, plain.income,
            plain.peak,
            plain.lowest, 0, plain.quantity,
        ]
        let deepest = Double(plain.deepest.from - plain.deepest.to) / Double(plain.deepest.from)
        let fall = books.drawdown.deepest
        let trips = records.roundTrips.map { PlainTrip($0) }
        let isSame =
            found == expected && abs(fall - deepest) <= 1e-15 * max(1, deepest)
            && trips == plain.trips
        #expect(isSame && books.fault == nil, "\(place): \(found) \(expected) \(fall) \(deepest)")
        if trips != plain.trips, let bad = zip(trips, plain.trips).first(where: { $0 != $1 }) {
            print(place, bad.0, bad.1)
        }
        return isSame && books.fault == nil
    }
}
