import CTapedeck
import Foundation
import Kernel
import Market
import StrategyHost

/// One strategy in a worker that is shown one event at a time, as by a live feed.
final class OneWorker {
    let runner: WorkerRunner
    private let tape: SharedTape
    private let events: [Event]
    private let prices: [ExactPrices]
    private(set) var next = 0

    private static let instrument = Instrument(
        id: 0, symbol: "S", currency: Currency(code: "USD", exponent: 6), priceExponent: -2,
        quantityExponent: 0,
        priceStep: Price(1), quantityStep: Quantity(1))
    private static let start: Int64 = 1_700_000_000_000_000_000

    init(
        _ plugin: String, _ parameters: [String: String], count: Int = 4_096,
        _ limits: WorkerLimits = WorkerLimits()
    )
        throws
    {
        let module = try StagedModule.read(plugin)
        let given = parameters.sorted { $0.key < $1.key }.map {
            GivenParameter(name: $0.key, text: $0.value)
        }
        let values = try module.file.manifest.resolve(
            parameters: given, instruments: [Self.instrument])
        var settings = PortfolioSettings(
            cash: Money(1_000_000_000_000), currency: Self.instrument.currency, instrumentCount: 1)
        settings.allowShort = true
        tape = try SharedTape(events: 8_192)
        tape.prepare()
        runner = try WorkerRunner(
            .worker(module),
            settings: StrategyRunner.Settings(
                setup: StrategySetup(
                    parameters: values, instruments: [0], timeFrames: [60], seed: 1), warmUpBars: 0,
                historyBars: 0),
            making: PortfolioMaking(settings: settings, instruments: [Self.instrument]), tape: tape,
            largestBlock: 64,
            limits: limits)
        let made = (0..<count).map { minute in
            let price = 100 + Double(minute * 7 % 23)
            var event = Event.bar(
                0, TimeFrame(rawValue: 60),
                closes: Timestamp(nanoseconds: Self.start + Int64(minute) * 60_000_000_000),
                Bar(open: price, high: price + 1, low: price - 1, close: price + 0.5, volume: 1000))
            event.sequence = UInt64(minute + 1)
            return event
        }
        var counted = [ExactPrices](
            repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: count)
        var span = counted.mutableSpan
        let wrong = ExactPrices.count(made.span, in: PriceScales([Self.instrument]), into: &span)
        guard wrong == nil else { throw BenchmarkFailure("a price that cannot be") }
        (events, prices) = (made, counted)
        runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: Self.start))
    }

    /// Of the next event.
    var time: Timestamp { Timestamp(nanoseconds: events[next].time) }

    /// Publishes the next event and plays it: what the strategy decides at it is done when this
    /// returns.
    func play() throws {
        guard let room = tape.reserve(1) else { throw BenchmarkFailure("the tape is full") }
        room.events.pointee = events[next]
        room.prices.pointee = prices[next]
        next += 1
        tape.publish(count: 1)
        runner.play(tape.block(tape.published - 1))
    }
}

/// Nanoseconds of a clock that never goes back.
func monotonic() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// What many measurements of one thing came to, in nanoseconds.
struct Spread {
    private let sorted: [Int64]
    init(_ values: [Int64]) { sorted = values.sorted() }
    func percentile(_ share: Int) -> Int64 {
        sorted[min(sorted.count - 1, sorted.count * share / 100)]
    }
    var most: Int64 { sorted[sorted.count - 1] }

    /// On standard error, beside the one figure of the task.
    func tell(_ name: String, _ rest: String = "") {
        let shares = "p50 \(percentile(50)) ns, p99 \(percentile(99)) ns, most \(most) ns"
        FileHandle.standardError.write(
            Data("\(name): \(sorted.count) times, \(shares)\(rest)\n".utf8))
    }
}

/// Processor time in nanoseconds.
enum Spent {
    /// Of this process and of those that it has started and that have ended.
    static var now: Int64 { spent(RUSAGE_SELF) + byChildren }
    /// Of those that have ended.
    static var byChildren: Int64 { spent(RUSAGE_CHILDREN) }

    /// Of a process that has not ended.
    static func by(_ process: pid_t) -> Int64 {
        var time = timespec()
        // The clock of a process: its number, inverted and shifted, with the kind in the low bits.
        clock_gettime(clockid_t((~process << 3) | 2), &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func spent(_ who: __rusage_who) -> Int64 {
        var usage = rusage()
        getrusage(who.rawValue, &usage)
        let (user, system) = (usage.ru_utime, usage.ru_stime)
        return Int64(user.tv_sec + system.tv_sec) * 1_000_000_000 + Int64(
            user.tv_usec + system.tv_usec) * 1_000
    }
}
