import CTapedeck
import Kernel
import Market

/// A trial's events as the kernel takes them, with their exact prices.
@safe final class KernelTape {
    private let events: UnsafeMutableBufferPointer<Event>
    private let prices: UnsafeMutableBufferPointer<ExactPrices>
    private let instruments: [Instrument]

    init(_ tape: TrialTape, _ instruments: Int) throws(CheckOutcome) {
        self.instruments = TrialBench.instruments(instruments)
        var counted = [ExactPrices](
            repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: tape.events.count)
        var span = counted.mutableSpan
        guard ExactPrices.count(tape.events.span, in: PriceScales(self.instruments), into: &span) == nil else {
            throw .skip("the trial's own events are no good")
        }
        unsafe events = .allocate(capacity: tape.events.count)
        unsafe prices = .allocate(capacity: tape.events.count)
        _ = unsafe events.initialize(from: tape.events)
        _ = unsafe prices.initialize(from: counted)
    }

    deinit {
        unsafe events.deallocate()
        unsafe prices.deallocate()
    }

    private func portfolio(_ seed: UInt64) -> Portfolio {
        var settings = PortfolioSettings(
            cash: Money(100_000_000_000), currency: Currency(code: "USD", exponent: 6),
            instrumentCount: instruments.count)
        settings.allowShort = true
        settings.seed = seed
        return Portfolio(settings: settings, instruments: instruments)
    }

    /// Plays it into the plug-in and a real portfolio. Fails where the strategy does.
    func play(
        _ bench: TrialBench, _ image: PluginImage, slice: Int, run: Int
    ) throws(CheckOutcome) -> (digest: String, orders: Int) {
        var settings = StrategyRunner.Settings(
            setup: bench.setup(), warmUpBars: bench.shape.warmUpBars,
            historyBars: min(bench.manifest.historyBars(bench.parameters), 100_000))
        settings.longestSlice = slice
        bench.say(place: "while the kernel played it")
        do throws(StrategyFault) {
            TrialSeal.enter(.plugin)
            defer { TrialSeal.enter(.host) }
            let runner = try StrategyRunner(.host(image), settings: settings, portfolio: portfolio(bench.seed))
            runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TrialTape.start))
            var index = 0
            while unsafe index < events.count {
                let end = unsafe run == .max ? events.count : min(events.count, index + run)
                unsafe runner.play(EventRun(
                    events: events.baseAddress! + index, prices: prices.baseAddress! + index, count: end - index))
                index = end
            }
            runner.portfolio.finish()
            runner.stop(.end)
            if let fault = runner.standing.fault { throw fault }
            var records = Records()
            runner.portfolio.takeRecords(into: &records)
            let digest = runner.portfolio.digest.text
            runner.destroy()
            return (digest, records.orders.count)
        } catch {
            throw .fail("\(error)")
        }
    }
}
