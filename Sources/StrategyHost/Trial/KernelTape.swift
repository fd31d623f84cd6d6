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
        guard
            ExactPrices.count(tape.events.span, in: PriceScales(self.instruments), into: &span)
                == nil
        else {
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

    private func making(
        _ seed: UInt64, _ cash: Money = Money(100_000_000_000)
    ) -> PortfolioMaking {
        var settings = PortfolioSettings(
            cash: cash, currency: Currency(code: "USD", exponent: 6),
            instrumentCount: instruments.count)
        settings.allowShort = true
        settings.seed = seed
        return PortfolioMaking(settings: settings, instruments: instruments)
    }

    private func settings(_ bench: TrialBench) -> StrategyRunner.Settings {
        StrategyRunner.Settings(
            setup: bench.setup(), warmUpBars: bench.shape.warmUpBars,
            historyBars: min(bench.manifest.historyBars(bench.parameters), 100_000))
    }

    /// Plays it into the plug-in in a worker, and a real portfolio here: nothing of the plug-in
    /// runs in this process.
    /// - Parameter swaps: before each block but the first, another worker takes over.
    /// - Returns: the portfolio's digest.
    func playIsolated(
        _ bench: TrialBench, isSealed: Bool, block: Int, swaps: Bool = false
    ) throws(CheckOutcome) -> String {
        bench.say(place: "while a worker played it")
        let module: StagedModule
        let shared: SharedTape?
        do {
            module = try StagedModule(bench.file, bench.bytes)
            shared = isSealed ? nil : try SharedTape(events: 3 * block, blocks: 64)
        } catch {
            throw .skip("no worker: \(error)")
        }
        do throws(StrategyFault) {
            let runner = try WorkerRunner(
                isSealed ? .sealed(module) : .worker(module), settings: settings(bench),
                making: making(bench.seed),
                tape: shared, largestBlock: block)
            runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TrialTape.start))
            var index = 0
            while unsafe index < events.count {
                let end = unsafe min(events.count, index + block)
                if swaps, index > 0 {
                    try unsafe swap(runner, settings(bench), at: events[index - 1].time)
                }
                try unsafe runner.play(part(index..<end, shared))
                index = end
            }
            runner.portfolio.finish()
            runner.stop(.end)
            if let fault = runner.standing.fault { throw fault }
            let digest = runner.portfolio.digest.text
            runner.destroy()
            return digest
        } catch {
            if case .worker(.notStarted(let why)) = error.cause { throw .skip("no worker: \(why)") }
            throw .fail("in a worker, \(error)")
        }
    }

    /// A part of it where it lies, or where a shared tape has it; what fits is played before the
    /// next is written.
    private func part(_ range: Range<Int>, _ shared: SharedTape?) throws(StrategyFault) -> EventRun
    {
        let source = unsafe EventRun(
            events: events.baseAddress! + range.lowerBound,
            prices: prices.baseAddress! + range.lowerBound,
            count: range.count)
        guard let shared else { return unsafe source }
        guard let room = unsafe shared.reserve(range.count) else {
            throw WorkerRunner.notStarted("its tape is full")
        }
        unsafe room.events.update(from: source.events, count: range.count)
        unsafe room.prices.update(from: source.prices, count: range.count)
        shared.publish(count: range.count)
        return unsafe EventRun(events: room.events, prices: room.prices, count: range.count)
    }

    /// Hands over to another instance of the same, as a running deck does.
    private func swap(
        _ runner: some SlotRunner, _ settings: StrategyRunner.Settings, at time: Int64
    ) throws(StrategyFault) {
        runner.endProbation()
        do throws(HandOverFailure) {
            _ = try runner.handOver(
                to: Successor(placement: runner.placement, settings: settings),
                time: Timestamp(nanoseconds: time))
        } catch {
            throw StrategyFault(
                call: .start, cause: .answered(td_status(TD_E_STATE)),
                text: "it did not take over (\(error.stage.rawValue)): \(error.reason)")
        }
    }

    /// Plays it into the plug-in and a real portfolio. Fails where the strategy does.
    func play(
        _ bench: TrialBench, _ image: PluginImage, slice: Int, run: Int, swaps: Bool = false,
        cash: Money = Money(100_000_000_000)
    ) throws(CheckOutcome) -> (digest: String, orders: ContiguousArray<OrderRecord>) {
        var settings = settings(bench)
        settings.longestSlice = slice
        bench.say(place: "while the kernel played it")
        do throws(StrategyFault) {
            TrialSeal.enter(.plugin)
            defer { TrialSeal.enter(.host) }
            let runner = try StrategyRunner(
                .host(image), settings: settings, portfolio: making(bench.seed, cash).make())
            runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TrialTape.start))
            var index = 0
            while unsafe index < events.count {
                let end = unsafe run == .max ? events.count : min(events.count, index + run)
                if swaps, index > 0 {
                    try unsafe swap(runner, settings, at: events[index - 1].time)
                }
                unsafe runner.play(
                    EventRun(
                        events: events.baseAddress! + index, prices: prices.baseAddress! + index,
                        count: end - index))
                index = end
            }
            runner.portfolio.finish()
            runner.stop(.end)
            if let fault = runner.standing.fault { throw fault }
            var records = Records()
            runner.portfolio.takeRecords(into: &records)
            let digest = runner.portfolio.digest.text
            runner.destroy()
            return (digest, records.orders)
        } catch {
            throw .fail("\(error)")
        }
    }
}
