package import CTapedeck

/// Builds closed bars of one instrument, of several time frames at once, from trades, quotes or
/// shorter bars.
///
/// Events make the shortest bars, these make the longer ones. A bar holds what happens in `opens <=
/// t < closes`, is stamped with its close, and is written when something at or after its close
/// arrives or when time is advanced; of bars that close together the shorter comes first. Spans in
/// which nothing happened have no bar. Nothing is allocated for an event.
package struct BarBuilder: Sendable {
    package enum QuotePrice: String, Hashable, Sendable, Codable, CaseIterable {
        case bid, ask, mid
    }

    package enum Source: Hashable, Sendable {
        case trades
        /// Bars of quotes have no volume; a quote without the side asked for is passed over.
        case quotes(QuotePrice)
        case bars(TimeFrame)
    }

    /// Why bars cannot be built as asked for.
    package enum Problem: Error, Hashable, Sendable {
        case noTimeFrames
        /// Longer than a day, and neither a week nor a month.
        case cannotBeBuilt(TimeFrame)
        /// Not a whole number of the source's bars.
        case notMultiple(TimeFrame, of: TimeFrame)
    }

    struct Frame: Sendable {
        let frame: TimeFrame
        var bar = BarSoFar()
    }

    package let instrument: InstrumentID
    package let source: Source
    /// What is known beside each bar written, in the order of writing, where `keepsDetails`; grows
    /// until `removeDetails`.
    package private(set) var details: [BarDetail] = []
    /// Events that came after their bar was written; they are in no bar.
    package internal(set) var lateCount: UInt64 = 0
    /// Events outside sessions, where bars follow sessions.
    package internal(set) var outsideCount: UInt64 = 0

    var grid: BarGrid
    /// Ascending.
    var frames: [Frame]
    /// What events are gathered in: the longest span of which every time frame is a multiple.
    var base = BarSoFar()
    let baseFrame: TimeFrame
    let quantities: UnitScale
    let prices: UnitScale
    let keepsDetails: Bool
    /// Nothing before this instant is taken any more.
    var takenThrough = Int64.min
    /// The stamp of the newest shorter bar.
    var lastBar = Int64.min

    package init(
        _ instrument: Instrument, from source: Source, frames: [TimeFrame],
        aligned alignment: BarGrid.Alignment = .epoch, keepsDetails: Bool = false
    ) throws(Problem) {
        guard !frames.isEmpty else { throw .noTimeFrames }
        for frame in frames {
            guard frame.canBeBuilt else { throw .cannotBeBuilt(frame) }
            if case .bars(let shorter) = source {
                let isMultiple =
                    shorter.seconds > 0 && frame > shorter
                    && frame.seconds % shorter.seconds == 0
                guard isMultiple else { throw .notMultiple(frame, of: shorter) }
            }
        }
        self.instrument = instrument.id
        self.source = source
        self.keepsDetails = keepsDetails
        grid = BarGrid(alignment)
        self.frames = Set(frames).sorted().map { Frame(frame: $0) }
        baseFrame = Self.base(of: frames)
        quantities = UnitScale(exponent: instrument.quantityExponent)
        prices = UnitScale(exponent: instrument.priceExponent)
    }

    /// The most bars that one event can complete: the room that must be free for it.
    package var largestBurst: Int {
        // A shorter bar closes what ended before it, and what ends with it.
        if case .bars = source { 2 * frames.count } else { frames.count }
    }

    /// When the next bar that has content closes; the far future when none has.
    package var nextClose: Timestamp {
        if !base.isEmpty { return Timestamp(nanoseconds: base.closes) }
        var next = Int64.max
        for frame in frames where !frame.bar.isEmpty { next = min(next, frame.bar.closes) }
        return Timestamp(nanoseconds: next)
    }

    package var longestFrame: TimeFrame? { frames.last?.frame }

    /// Forgets the details given so far.
    package mutating func removeDetails() { details.removeAll(keepingCapacity: true) }

    /// Writes the bars that close at or before `time`, for which all shorter bars stamped until
    /// then were given. False when there was not room for all; call again.
    package mutating func advance(to time: Timestamp, into out: inout OutputSpan<Event>) -> Bool {
        if !base.isEmpty, base.closes <= time.rawValue { foldBase() }
        return write(closingBy: time.rawValue, into: &out)
    }

    /// Ends the base bar and adds it to every time frame.
    mutating func foldBase() {
        for index in frames.indices {
            if frames[index].bar.isEmpty, !begin(index, at: base.opens) { continue }
            frames[index].bar.add(base, quantities)
        }
        takenThrough = max(takenThrough, base.closes)
        base = BarSoFar()
    }

    /// Begins the bar of a time frame that holds `time`.
    mutating func begin(_ index: Int, at time: Int64) -> Bool {
        let found = grid.span(of: Timestamp(nanoseconds: time), frames[index].frame)
        guard let span = found else { return false }
        frames[index].bar.begin(span)
        return true
    }

    /// Writes finished bars by the time of their close, shorter ones first.
    mutating func write(closingBy time: Int64, into out: inout OutputSpan<Event>) -> Bool {
        while let index = firstClosing(by: time) {
            if out.freeCapacity == 0 { return false }
            write(index, into: &out)
        }
        return true
    }

    /// The time frame whose bar closes first, if it closes by `time`.
    func firstClosing(by time: Int64) -> Int? {
        var first: Int?
        var earliest = time
        for index in frames.indices where !frames[index].bar.isEmpty {
            let closes = frames[index].bar.closes
            if closes < earliest || (closes == earliest && first == nil) {
                first = index
                earliest = closes
            }
        }
        return first
    }

    mutating func write(_ index: Int, into out: inout OutputSpan<Event>) {
        let bar = frames[index].bar
        out.append(bar.event(instrument, frames[index].frame, quantities))
        if keepsDetails { details.append(detail(bar)) }
        frames[index].bar = BarSoFar()
    }

    private func detail(_ bar: BarSoFar) -> BarDetail {
        let turnover = bar.tally.isExact ? bar.tally.turnover : nil
        var average: Double?
        if let turnover, bar.volume.units > 0 {
            // Turnover counts 10^(p+q), volume 10^q: what is left is 10^p.
            average = .nearest(
                turnover, over: Int128(bar.volume.units) * PowerOfTen.wide(-prices.decimal.exponent)
            )
        }
        return BarDetail(
            count: bar.tally.count, turnover: turnover, averagePrice: average,
            takerBuyVolume: bar.tally.takerBuys.value(quantities))
    }

    /// The longest length that divides all: dates are whole days.
    private static func base(of frames: [TimeFrame]) -> TimeFrame {
        var base: UInt32 = 0
        for frame in frames {
            var (a, b) = (frame.isOfDates ? TimeFrame.day.seconds : frame.seconds, base)
            while b != 0 { (a, b) = (b, a % b) }
            base = a
        }
        return TimeFrame(rawValue: base)
    }
}
