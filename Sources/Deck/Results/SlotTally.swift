import Analysis
import CTapedeck
import Kernel
import Market

/// What is remembered of a slot's records for its result, as they come: samples and round trips in a compact
/// form, everything else as counts.
struct SlotTally {
    /// One equity sample.
    struct Sample {
        var time: Int64
        var equity: Int64
        /// Growth of the benchmark from its start.
        var benchmark: Double
    }

    /// Its money is the portfolio's own, at the rate of its end.
    struct Trip {
        var entryTime: Int64
        var exitTime: Int64
        var gross: Int64
        var costs: Int64
        var worst: Int64
        var best: Int64
        var bars: UInt32
        var reason: Reason
        var side: Int8
    }

    static let breachesKept = 20

    private(set) var samples: [Sample] = []
    private(set) var trips: [Trip] = []
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

    init(benchmark: BenchmarkTrack?, instruments: [Instrument], base: Currency, expectedSamples: Int) {
        self.benchmark = benchmark
        doubt = FillDoubt(instruments)
        ledger = LedgerTotals(instruments, base: base)
        samples.reserveCapacity(min(expectedSamples, 4_096))
    }

    /// Takes what a portfolio has recorded over `run`.
    mutating func absorb(_ records: borrowing Records, over run: EventRun) {
        unsafe absorbEquity(records, run)
        // By place: a record is large, and little of it is looked at.
        for place in records.orders.indices { absorb(records.orders[place].state, records.orders[place].reason) }
        counts.fills += records.fills.count
        for line in records.ledger { ledger.add(line) }
        var found = 0
        for place in records.fills.indices {
            unsafe doubt.judge(records.fills, place, run, &found)
            traded += Double(records.fills[place].cash.rawValue.magnitude) * records.fills[place].rate
        }
        for trip in records.roundTrips { absorb(trip) }
        for breach in records.breaches {
            counts.breaches += 1
            if breaches.count < Self.breachesKept { breaches.append(breach) }
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
        func inBase(_ money: Money) -> Int64 {
            trip.rate == 1 ? money.rawValue : Int64(clamping: Int128((Double(money.rawValue) * trip.rate).rounded()))
        }
        counts.roundTrips += 1
        trips.append(Trip(
            entryTime: trip.entryTime.rawValue, exitTime: trip.exitTime.rawValue, gross: inBase(trip.gross),
            costs: inBase(trip.costs), worst: inBase(trip.worst), best: inBase(trip.best), bars: trip.bars,
            reason: trip.exitReason, side: trip.side))
    }

    private mutating func absorbEquity(_ records: borrowing Records, _ run: EventRun) {
        var place = 0
        for sample in records.equity {
            let end = unsafe Self.place(after: sample.sequence, in: run, from: place)
            unsafe benchmark?.advance(run, from: place, to: end)
            place = end
            counts.equitySamples += 1
            if sample.exposure > .zero { periodsInMarket += 1 }
            samples.append(Sample(
                time: sample.time.rawValue, equity: sample.equity.rawValue, benchmark: benchmark?.growth ?? 1))
        }
        unsafe benchmark?.advance(run, from: place, to: run.count)
    }

    /// The place of the first event, from `start` on, whose number is above `sequence`.
    static func place(after sequence: UInt64, in run: EventRun, from start: Int) -> Int {
        var low = start
        var high = unsafe run.count
        while low < high {
            let middle = (low + high) / 2
            if unsafe run.events[middle].sequence <= sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
