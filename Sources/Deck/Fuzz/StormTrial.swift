import CTapedeck
import Feeds
package import Kernel
import Market

/// The kernel alone under a storm of orders: event by event, with every rule looked at after each;
/// then in slices, as a runner plays it, which must come to the same.
package struct StormTrial: FuzzTrial {
    package let name = "order storm"
    /// Changes what a portfolio has told before it is looked at: how a test plants a broken rule.
    private let tamper: ((inout Records) -> Void)?
    private let largest: Int128

    /// - Parameter largest: amounts beyond this may stop a portfolio.
    package init(
        largest: Int128 = Int128(Books.largestAmount), tamper: ((inout Records) -> Void)? = nil
    ) {
        self.tamper = tamper
        self.largest = largest
    }

    private static let slices = [1, 7, 64, 1_024]

    package func violation(_ tape: FuzzTape, seed: UInt64) -> FuzzViolation? {
        let driver = StormDriver(seed: seed, tape.instruments)
        var prices = [ExactPrices](
            repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: tape.events.count)
        var counted = prices.mutableSpan
        if ExactPrices.count(tape.events.span, in: PriceScales(tape.instruments), into: &counted)
            != nil
        {
            // The deck refuses such a tape before anybody is played it.
            return nil
        }
        do throws(FuzzViolation) {
            if let refusal = try Self.refusalOfTime(tape) { return refusal }
            var first: StormPlay.Answer?
            for length in [0] + Self.slices {
                var play = StormPlay(driver, tape, tamper, largest)
                let answer = try Self.run(&play, tape, prices, slice: length)
                if let first, first.digest != answer.digest {
                    return Self.difference(first, answer, slice: length, tape)
                }
                first = first ?? answer
            }
        } catch {
            return error
        }
        return nil
    }

    /// What the storm does on a tape, event by event, up to the first rule that does not hold.
    package func story(_ tape: FuzzTape, seed: UInt64) -> [String] {
        let driver = StormDriver(seed: seed, tape.instruments)
        var prices = [ExactPrices](
            repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: tape.events.count)
        var counted = prices.mutableSpan
        let refused = ExactPrices.count(
            tape.events.span, in: PriceScales(tape.instruments), into: &counted)
        if let refused { return ["event \(refused) cannot be counted in its instrument's units"] }
        var play = StormPlay(driver, tape, tamper, largest)
        do throws(FuzzViolation) {
            _ = try Self.run(&play, tape, prices, slice: 0)
        } catch {
            return play.story + [error.description]
        }
        return play.story
    }

    private static func run(
        _ play: inout StormPlay, _ tape: FuzzTape, _ prices: [ExactPrices], slice: Int
    ) throws(FuzzViolation) -> StormPlay.Answer {
        try unsafe tape.events.withUnsafeBufferPointer { events throws(FuzzViolation) in
            try unsafe prices.withUnsafeBufferPointer { prices throws(FuzzViolation) in
                guard let event = events.baseAddress, let price = prices.baseAddress else {
                    return StormPlay.Answer()
                }
                // Borrowed for this play.
                return try unsafe play.run(
                    EventRun(events: event, prices: price, count: events.count), slice: slice)
            }
        }
    }

    private static func difference(
        _ first: StormPlay.Answer, _ other: StormPlay.Answer, slice: Int, _ tape: FuzzTape
    ) -> FuzzViolation {
        let text = DecisionText(tape.instruments)
        let start = "slices of \(slice)"
        if let place = first.log.divergence(from: other.log) {
            return FuzzViolation(
                .batches, at: place.earliest?.sequence,
                "\(start): \(place.second.map(text.words) ?? "nothing"); single events: "
                    + "\(place.first.map(text.words) ?? "nothing")")
        }
        for (one, two) in zip(first.equity, other.equity) where one != two {
            return FuzzViolation(
                .batches, at: one.sequence,
                "\(start): equity \(two.equity.rawValue) at \(TimeText.string(two.time)); "
                    + "single events: \(one.equity.rawValue) at \(TimeText.string(one.time))")
        }
        return FuzzViolation(
            .batches,
            "\(start): \(other.equity.count) samples, \(other.digest); single events: "
                + "\(first.equity.count) samples, \(first.digest)")
    }

    /// Two events of different times, exchanged, must not become a tape.
    private static func refusalOfTime(_ tape: FuzzTape) throws(FuzzViolation) -> FuzzViolation? {
        guard
            let place = tape.events.indices.dropFirst().first(where: {
                tape.events[$0].time > tape.events[$0 - 1].time
            })
        else { return nil }
        var events = tape.events
        events.swapAt(place, place - 1)
        do {
            _ = try tape.with(events).write(.memory("out of order"))
            return FuzzViolation(
                .orderOfTime, at: UInt64(place), "events \(place - 1) and \(place) were exchanged")
        } catch {
            return error.kind == .outOfOrder
                ? nil
                : FuzzViolation(
                    .orderOfTime, at: UInt64(place), "it was refused for another reason: \(error)")
        }
    }
}

/// One play of a storm.
private struct StormPlay: ~Copyable {
    struct Answer {
        var digest = ""
        var log = DecisionLog(name: "order storm", decisions: [])
        var equity: [EquitySample] = []
    }

    private var decisions: [Decision] = []
    private var equity: [EquitySample] = []
    private let driver: StormDriver
    private var portfolio: Portfolio
    private var audit: RecordAudit
    private var records = Records()
    private let tamper: ((inout Records) -> Void)?
    private let isExtreme: Bool
    /// Its fault has been looked at.
    private var hasStopped = false
    private let matching: [UInt32]
    private let instruments: [Instrument]
    private let stretches: [(end: Int, header: RunHeader)]
    /// What each order says at its end was filled.
    private var filled: [UInt64: Int64] = [:]

    init(
        _ driver: StormDriver, _ tape: FuzzTape, _ tamper: ((inout Records) -> Void)?,
        _ largest: Int128
    ) {
        self.driver = driver
        self.tamper = tamper
        isExtreme = tape.isExtreme
        instruments = tape.instruments
        stretches = Self.stretches(tape)
        matching = StormDriver.matching(seed: driver.seed, tape)
        portfolio = Portfolio(
            settings: driver.settings, instruments: tape.instruments, matching: matching)
        audit = RecordAudit(driver.settings, tape.instruments, largest: largest)
    }

    var story: [String] {
        let text = DecisionText(instruments)
        return decisions.map { "event \($0.sequence): \(text.words($0))" }
    }

    /// - Parameter slice: the most events that are marked at once; zero advances each, and looks at
    ///   everything.
    mutating func run(_ run: EventRun, slice: Int) throws(FuzzViolation) -> Answer {
        var start = 0
        while unsafe start < run.count {
            let stretch = slice == 0 ? nil : stretches.first { $0.end > start }
            let end = unsafe stretch?.end ?? run.count
            let part = unsafe EventRun(
                events: run.events + start, prices: run.prices + start, count: end - start,
                header: stretch?.header ?? .unknown)
            try unsafe play(part, slice: slice)
            start = end
        }
        portfolio.finish()
        take()
        if slice == 0, portfolio.fault == nil { try audit.finish(filled) }
        let fault = portfolio.fault.map { " \($0)" } ?? ""
        return Answer(
            digest: portfolio.digest.text + fault,
            log: DecisionLog(name: "order storm", decisions: decisions),
            equity: equity)
    }

    private mutating func play(_ run: EventRun, slice: Int) throws(FuzzViolation) {
        var index = 0
        while unsafe index < run.count {
            let limit = unsafe min(index + slice, run.count)
            let quiet =
                unsafe slice == 0 ? 0 : portfolio.quietPrefix(run, from: index, limit: limit)
            if quiet == 0 {
                unsafe portfolio.advance(run, index)
                let event = unsafe run.events[index]
                if let choice = driver.choice(event) { driver.act(choice, &portfolio) }
                take()
                if slice == 0 { unsafe try look(event, run.prices[index]) }
                index += 1
            } else {
                index = unsafe playQuiet(run, index, quiet)
            }
        }
    }

    /// Where events of one kind and length follow each other, and what they have in common: what a
    /// deck knows of a block.
    private static func stretches(_ tape: FuzzTape) -> [(end: Int, header: RunHeader)] {
        var found: [(end: Int, header: RunHeader)] = []
        let scales = PriceScales(tape.instruments)
        var start = 0
        while start < tape.events.count {
            let first = tape.events[start]
            let end =
                tape.events[start...].firstIndex {
                    $0.type != first.type || $0.timeframe != first.timeframe
                } ?? tape.events.count
            var prices = [ExactPrices](
                repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: end - start)
            var counted = prices.mutableSpan
            var header = RunHeader.unknown
            let events = Array(tape.events[start..<end])
            _ = ExactPrices.count(events.span, in: scales, into: &counted, &header)
            found.append((end, header))
            start = end
        }
        return found
    }

    private mutating func playQuiet(_ run: EventRun, _ index: Int, _ count: Int) -> Int {
        for place in index..<index + count {
            guard let choice = unsafe driver.choice(run.events[place]) else { continue }
            unsafe portfolio.mark(run, from: index, to: place + 1)
            driver.act(choice, &portfolio)
            take()
            return place + 1
        }
        unsafe portfolio.mark(run, from: index, to: index + count)
        return index + count
    }

    private mutating func take() {
        portfolio.takeRecords(into: &records)
        tamper?(&records)
        portfolio.clearUpdates()
        for record in records.orders {
            filled[record.order] = record.filled.rawValue
            decisions.append(
                Decision(sequence: record.sequence, time: record.time, act: .order(record)))
        }
        decisions += records.fills.map {
            Decision(sequence: $0.sequence, time: $0.time, act: .fill($0))
        }
        decisions += records.ledger.map {
            Decision(sequence: $0.sequence, time: $0.time, act: .ledger($0))
        }
        decisions += records.breaches.map {
            Decision(sequence: $0.sequence, time: $0.time, act: .breach($0))
        }
        equity += records.equity
    }

    private mutating func look(_ event: Event, _ prices: ExactPrices) throws(FuzzViolation) {
        let place = Int(event.instrument)
        let isMatched =
            place >= matching.count || matching[place] == 0 || matching[place] == event.timeframe
        try audit.take(records, event, prices, isMatched: isMatched)
        try audit.compare(portfolio, event)
        guard let fault = portfolio.fault, !hasStopped else { return }
        hasStopped = true
        if fault == .overflow, isExtreme || audit.figureOutOfRange(portfolio) != nil { return }
        let doubt = fault == .overflow ? ", and no figure has left its range" : ""
        throw FuzzViolation(
            .booksClose, at: event.sequence, "the portfolio stopped: \(fault)\(doubt)")
    }
}
