import Analysis
import CTapedeck
import Kernel
import Market

/// What is remembered of a slot's records for its result, as they come: samples in a compact form,
/// everything else as counts and sums.
struct SlotTally {
    /// One equity sample.
    struct Sample {
        var time: Int64
        var equity: Int64
        /// Growth of the benchmark from its start.
        var benchmark: Double
    }

    static let breachesKept = 20

    private(set) var samples: [Sample] = []
    private(set) var trades = TradeAccumulator()
    private(set) var counts = SlotResult.Counts()
    /// By reason code.
    private(set) var rejections = [Int](repeating: 0, count: 64)
    private(set) var breaches: [BreachRecord] = []
    private(set) var periodsInMarket = 0
    /// Value of all purchases and sales, in units of the money.
    private(set) var traded = 0.0
    private(set) var benchmark: BenchmarkTrack?
    private(set) var doubt: FillDoubt
    private(set) var ledger: LedgerTotals

    /// Of the portfolio's money.
    private let scale: DecimalScale

    init(
        benchmark: BenchmarkTrack?, instruments: [Instrument], base: Currency, expectedSamples: Int
    ) {
        self.benchmark = benchmark
        scale = DecimalScale(exponent: -base.exponent)
        doubt = FillDoubt(instruments)
        ledger = LedgerTotals(instruments, base: base)
        samples.reserveCapacity(min(expectedSamples, 4_096))
    }

    /// Takes what a portfolio has recorded over `run`.
    mutating func absorb(_ records: borrowing Records, over run: EventRun) {
        unsafe absorbEquity(records, run)
        // By place: a record is large, and little of it is looked at.
        for place in records.orders.indices {
            absorb(records.orders[place].state, records.orders[place].reason)
        }
        counts.fills += records.fills.count
        for place in records.ledger.indices { ledger.add(records.ledger[place]) }
        var found = 0
        for place in records.fills.indices {
            unsafe doubt.judge(records.fills, place, run, &found)
            traded +=
                Double(records.fills[place].cash.rawValue.magnitude) * records.fills[place].rate
        }
        for place in records.roundTrips.indices { absorb(records.roundTrips[place]) }
        counts.breaches += records.breaches.count
        for place in records.breaches.indices where breaches.count < Self.breachesKept {
            breaches.append(records.breaches[place])
        }
    }

    /// With what may be doubted about fills.
    var allCounts: SlotResult.Counts {
        var counts = counts
        counts.ambiguousFills = doubt.ambiguous
        counts.ambiguousBars = doubt.ambiguousBars
        counts.staleFills = doubt.stale
        counts.thinFills = doubt.thin
        return counts
    }

    private mutating func absorb(_ state: OrderState, _ reason: Reason) {
        switch state {
        case .accepted, .held: counts.orders += 1
        case .rejected:
            counts.rejected += 1
            rejections[min(Int(reason.rawValue), rejections.count - 1)] += 1
        default: break
        }
    }

    private mutating func absorb(_ trip: RoundTrip) {
        /// In the portfolio's own currency, at the rate of the trip's end.
        func value(_ units: Int64) -> Double {
            scale.value(of: trip.inBase(Money(units)).rawValue)
        }
        let (gross, costs) = (value(trip.gross.rawValue), value(trip.costs.rawValue))
        counts.roundTrips += 1
        trades.add(
            TradeOutcome(
                side: trip.side > 0 ? .long : .short,
                net: trip.rate == 1
                    ? scale.value(of: trip.gross.rawValue - trip.costs.rawValue) : gross - costs,
                gross: gross, costs: costs, entryIndex: place(of: trip.entryTime.rawValue),
                exitIndex: place(of: trip.exitTime.rawValue), bars: Int(trip.bars),
                exitReason: trip.exitReason.words,
                worstExcursion: value(trip.worst.rawValue), bestExcursion: value(trip.best.rawValue)
            ))
    }

    /// The place of the sample that covers `time`, which may not have come yet.
    private func place(of time: Int64) -> Int {
        var low = 0
        var high = samples.count
        // Most are after the last one.
        if high > 0, samples[high - 1].time < time { low = high }
        while low < high {
            let middle = (low + high) / 2
            if samples[middle].time < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func absorbEquity(_ records: borrowing Records, _ run: EventRun) {
        var place = 0
        for number in records.equity.indices {
            let sample = records.equity[number]
            let end = unsafe Self.place(after: sample.sequence, in: run, from: place)
            unsafe benchmark?.advance(run, from: place, to: end)
            place = end
            counts.equitySamples += 1
            if sample.exposure > .zero { periodsInMarket += 1 }
            samples.append(
                Sample(
                    time: sample.time.rawValue, equity: sample.equity.rawValue,
                    benchmark: benchmark?.growth ?? 1))
        }
        unsafe benchmark?.advance(run, from: place, to: run.count)
    }

    /// The place of the first event, from `start` on, whose number is above `sequence`.
    static func place(after sequence: UInt64, in run: EventRun, from start: Int) -> Int {
        var low = start
        var high = unsafe run.count
        // Where every number stands on one event, its place is known.
        if high > 0, unsafe sequence >= run.events[0].sequence {
            let place = unsafe Int(truncatingIfNeeded: sequence &- run.events[0].sequence)
            if place >= low, place < high, unsafe run.events[place].sequence == sequence,
                unsafe place + 1 == high || run.events[place + 1].sequence > sequence
            {
                return place + 1
            }
        }
        while low < high {
            let middle = (low + high) / 2
            if unsafe run.events[middle].sequence <= sequence {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
