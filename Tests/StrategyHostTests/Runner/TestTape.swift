import CTapedeck
import Kernel
import Market
import Testing

@testable import StrategyHost

/// Events in memory that does not move, with their exact prices.
final class TestTape {
    let events: UnsafeMutableBufferPointer<Event>
    private let prices: UnsafeMutableBufferPointer<ExactPrices>
    var count: Int { events.count }

    init(_ made: [Event]) throws {
        var numbered = made
        for index in numbered.indices { numbered[index].sequence = UInt64(index + 1) }
        var counted = [ExactPrices](
            repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: made.count)
        var span = counted.mutableSpan
        try #require(
            ExactPrices.count(numbered.span, in: PriceScales(Self.instruments), into: &span) == nil)
        events = .allocate(capacity: made.count)
        prices = .allocate(capacity: made.count)
        _ = events.initialize(from: numbered)
        _ = prices.initialize(from: counted)
    }

    deinit {
        events.deallocate()
        prices.deallocate()
    }

    func run(_ range: Range<Int>) -> EventRun {
        EventRun(
            events: events.baseAddress! + range.lowerBound,
            prices: prices.baseAddress! + range.lowerBound,
            count: range.count)
    }

    static let instruments = ["AAA", "BBB", "CCC"].enumerated().map {
        Instrument(
            id: InstrumentID($0), symbol: $1, currency: Currency(code: "USD", exponent: 6),
            priceExponent: -2,
            quantityExponent: 0, priceStep: Price(1), quantityStep: Quantity(1))
    }

    static let start: Int64 = 1_700_000_000_000_000_000

    /// `count` minute bars of instrument 0 with the closes 100, 101, 102 ...
    static func rising(_ count: Int) throws -> TestTape {
        try bars((0..<count).map { Double(100 + $0) })
    }

    /// Minute bars of instrument 0 with these closes.
    static func bars(_ closes: [Double]) throws -> TestTape {
        try TestTape(
            closes.enumerated().map { index, close in
                .bar(
                    0, TimeFrame(rawValue: 60), closes: time(minutes: index + 1),
                    Bar(
                        open: close - 0.5, high: close + 1, low: close - 1, close: close,
                        volume: 1000))
            })
    }

    static func time(minutes: Int) -> Timestamp {
        Timestamp(nanoseconds: start + Int64(minutes) * 60_000_000_000)
    }

    /// Bars of two time frames and trades and quotes of three instruments, with splits and
    /// dividends, by a seed.
    static func random(_ count: Int, seed: UInt64) throws -> TestTape {
        var random = SeededBytes(seed: seed)
        var last = [100.0, 50.0, 20.0]
        var events: [Event] = []
        var minute = 0
        func cents(_ price: Double) -> Double { (max(price, 1) * 100).rounded() / 100 }
        while events.count < count {
            minute += 1
            let at = time(minutes: minute)
            if random.next() % 401 == 0 {
                events.append(.split(0, at: at, numerator: 2, denominator: 1))
            }
            if random.next() % 301 == 0 { events.append(.dividend(1, at: at, amount: 0.25)) }
            for instrument in 0..<3 {
                let open = last[instrument]
                let close = cents(open * (1 + Double.random(in: -0.01...0.01, using: &random)))
                last[instrument] = close
                if random.next() % 7 == 0 {
                    events.append(
                        .trade(InstrumentID(instrument), at: at, price: close, quantity: 5))
                }
                if random.next() % 9 == 0 {
                    events.append(
                        .quote(
                            InstrumentID(instrument), at: at, bid: cents(close - 0.02),
                            bidQuantity: 9,
                            ask: cents(close + 0.02), askQuantity: 9))
                }
                let high = cents(
                    max(open, close) * (1 + Double.random(in: 0...0.004, using: &random)))
                let low = cents(
                    min(open, close) * (1 - Double.random(in: 0...0.004, using: &random)))
                let bar = Bar(
                    open: open, high: max(high, open, close), low: min(low, open, close),
                    close: close,
                    volume: 10_000)
                events.append(
                    .bar(InstrumentID(instrument), TimeFrame(rawValue: 60), closes: at, bar))
                if minute % 5 == 0 {
                    events.append(
                        .bar(InstrumentID(instrument), TimeFrame(rawValue: 300), closes: at, bar))
                }
            }
        }
        return try TestTape(events)
    }
}

/// What a whole run of one strategy came to.
struct Outcome: Equatable {
    var digest: String
    var log: [String]
    var signals: [SignalRecord]
    var points: [PlotPoint]
    var plotNames: [String]
    var orders: [OrderRecord]
    var fills: [FillRecord]
    var fault: StrategyFault?
    var standing: String

    /// Values plotted under `name`, in their order.
    func plotted(_ name: String) -> [Double] {
        guard let place = plotNames.firstIndex(of: name) else { return [] }
        return points.filter { $0.name == UInt32(place) }.map(\.value)
    }
}

/// Plays strategies of fixtures.
enum Stage {
    static func portfolio(_ change: (inout PortfolioSettings) -> Void = { _ in }) -> Portfolio {
        var settings = PortfolioSettings(
            cash: Money(1_000_000_000_000), currency: Currency(code: "USD", exponent: 6),
            instrumentCount: TestTape.instruments.count)
        settings.allowShort = true
        settings.leverage = Rate(perBillion: 2_000_000_000)
        settings.seed = 42
        change(&settings)
        return Portfolio(settings: settings, instruments: TestTape.instruments)
    }

    static func runner(
        _ image: PluginImage, _ parameters: [String: String] = [:],
        instruments: [InstrumentID] = [0],
        timeFrames: [UInt32] = [60], seed: UInt64 = 1,
        execution: ExecutionSettings = ExecutionSettings(),
        change: (inout StrategyRunner.Settings) -> Void = { _ in }
    ) throws -> StrategyRunner {
        let given = parameters.sorted { $0.key < $1.key }.map {
            GivenParameter(name: $0.key, text: $0.value)
        }
        let values = try image.manifest.resolve(
            parameters: given, instruments: TestTape.instruments)
        var settings = StrategyRunner.Settings(
            setup: StrategySetup(
                parameters: values, instruments: instruments, timeFrames: timeFrames, seed: seed),
            warmUpBars: 0, historyBars: image.manifest.historyBars(values))
        change(&settings)
        return try StrategyRunner(
            .host(image), settings: settings, portfolio: portfolio { $0.execution = execution })
    }

    /// Plays a tape in runs of the given length, and ends.
    static func play(_ runner: StrategyRunner, _ tape: TestTape, runLength: Int = .max) -> Outcome {
        var outcome = Outcome(
            digest: "", log: [], signals: [], points: [], plotNames: [], orders: [], fills: [],
            fault: nil, standing: "")
        var output = StrategyOutput()
        var records = Records()
        func drain() {
            runner.takeOutput(into: &output)
            outcome.log += output.log.lines.map(\.text)
            outcome.signals += output.signals
            outcome.points += output.points
            runner.portfolio.takeRecords(into: &records)
            outcome.orders += records.orders
            outcome.fills += records.fills
        }
        if runner.standing == .created {
            runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        }
        var index = 0
        while index < tape.count {
            let end = min(tape.count, runLength == .max ? .max : index + runLength)
            runner.play(tape.run(index..<end))
            drain()
            index = end
        }
        runner.portfolio.finish()
        runner.stop(.end)
        drain()
        outcome.digest = runner.portfolio.digest.text
        outcome.plotNames = runner.plotNames
        outcome.fault = runner.standing.fault
        outcome.standing = "\(runner.standing)"
        return outcome
    }
}
