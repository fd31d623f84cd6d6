import CTapedeck
import Market

/// Made-up events that give a strategy of any kind something to do: trends, turns, quiet and wild
/// stretches.
struct TrialTape {
    /// What a strategy is wired to.
    struct Shape: Hashable {
        var instruments: Int
        /// Seconds, ascending.
        var timeFrames: [UInt32]
        var subscribes: Manifest.Subscription
        var warmUpBars: Int
    }

    /// Monday, 1 January 2024, UTC.
    static let start: Int64 = 1_704_067_200_000_000_000
    /// More than any of the checks needs to see a strategy act.
    static let longest = 24_000

    var events: [Event] = []

    /// - Parameter steps: at least so many of the shortest bars after the warm-up.
    init(_ shape: Shape, seed: UInt64, steps: Int = 500) {
        var writer = Writer(shape: shape, random: SplitMix64(seed: seed))
        let base = shape.timeFrames.first ?? 60
        let longest = shape.timeFrames.last ?? base
        let warmUp = min(shape.warmUpBars, 5000) * Int(longest / max(1, base))
        for step in 1...(warmUp + steps) {
            writer.add(step: step)
            if writer.events.count >= Self.longest { break }
        }
        events = writer.events
        number(shape)
    }

    init(events: [Event], _ shape: Shape) {
        self.events = events
        number(shape)
    }

    /// Sequence numbers, and the mark of warming up.
    private mutating func number(_ shape: Shape) {
        var warmUp = WarmUp(
            bars: shape.warmUpBars, instruments: (0..<shape.instruments).map { InstrumentID($0) },
            timeFrames: shape.timeFrames)
        for index in events.indices {
            events[index].sequence = UInt64(index + 1)
            guard !warmUp.isOver else { continue }
            if warmUp.covers(events[index]) { events[index].flags |= UInt8(TD_FLAG_WARM_UP) }
            warmUp.count(events[index])
        }
    }

    private struct Writer {
        let shape: Shape
        var random: SplitMix64
        var events: [Event] = []
        private var prices: [Double]
        private var drifts: [Double]
        private var wildness: [Double]
        /// Of each instrument and time frame: the bar so far.
        private var growing: [[Bar?]]

        init(shape: Shape, random: SplitMix64) {
            self.shape = shape
            self.random = random
            prices = (0..<shape.instruments).map { 100 + 35 * Double($0 % 7) }
            drifts = Array(repeating: 0, count: shape.instruments)
            wildness = Array(repeating: 0.01, count: shape.instruments)
            growing = Array(
                repeating: Array(repeating: nil, count: shape.timeFrames.count),
                count: shape.instruments)
        }

        private static func cents(_ price: Double) -> Double {
            (max(price, 1) * 100).rounded() / 100
        }
        private mutating func spread() -> Double {
            random.unit() + random.unit() + random.unit() - 1.5
        }

        /// One step of the shortest time frame of every instrument.
        mutating func add(step: Int) {
            let base = Int64(shape.timeFrames.first ?? 60)
            let time = TrialTape.start + Int64(step) * base * 1_000_000_000
            if step % 390 == 1 { session(.sessionOpen, at: time - base * 1_000_000_000, base) }
            for instrument in 0..<shape.instruments {
                add(instrument, step: step, at: time, base: base)
            }
            if step % 390 == 0 { session(.sessionClose, at: time, base) }
        }

        private mutating func add(_ instrument: Int, step: Int, at time: Int64, base: Int64) {
            // Now and then another weather: strategies wait for trends, turns and extremes.
            if random.below(40) == 0 {
                drifts[instrument] = spread() * 0.006
                wildness[instrument] = [0.002, 0.008, 0.02][Int(random.below(3))]
            }
            let open = prices[instrument]
            let pull = (100 - open) / 100 * 0.002
            let close = Self.cents(
                open * (1 + drifts[instrument] + pull + spread() * wildness[instrument]))
            prices[instrument] = close
            let high = Self.cents(max(open, close) * (1 + random.unit() * wildness[instrument] / 2))
            let low = Self.cents(min(open, close) * (1 - random.unit() * wildness[instrument] / 2))
            let bar = Bar(
                open: open, high: max(high, open, close), low: min(low, open, close), close: close,
                volume: Double(100 + random.below(10_000)))
            let id = InstrumentID(instrument)
            ticks(id, close, at: Timestamp(nanoseconds: time - base * 250_000_000), step)
            for (place, frame) in shape.timeFrames.enumerated() {
                let grown = growing[instrument][place].map { $0.extended(by: bar) } ?? bar
                growing[instrument][place] = grown
                guard Int64(step) * base % Int64(frame) == 0 else { continue }
                events.append(
                    .bar(
                        id, TimeFrame(rawValue: frame), closes: Timestamp(nanoseconds: time), grown)
                )
                growing[instrument][place] = nil
            }
        }

        private mutating func ticks(
            _ id: InstrumentID, _ price: Double, at time: Timestamp, _ step: Int
        ) {
            if shape.subscribes.contains(.quotes) {
                events.append(
                    .quote(
                        id, at: time, bid: Self.cents(price - 0.02), bidQuantity: 500,
                        ask: Self.cents(price + 0.02),
                        askQuantity: 400))
            }
            if shape.subscribes.contains(.trades) {
                events.append(
                    .trade(
                        id, at: time, price: price, quantity: Double(1 + random.below(500)),
                        taker: random.below(2) == 0 ? .buy : .sell, id: UInt64(step)))
            }
            guard shape.subscribes.contains(.depth) else { return }
            var event = Event.trade(id, at: time, price: price, quantity: 0)
            event.type = UInt8(TD_EVENT_DEPTH)
            event.depth = DepthLevel(
                price: Self.cents(price - 0.05), quantity: Double(random.below(1000)),
                side: Int32(TD_BUY), level: 1,
                reserved: (0, 0))
            events.append(event)
        }

        private mutating func session(_ kind: EventKind, at time: Int64, _ base: Int64) {
            let length = 390 * base * 1_000_000_000
            let opens = kind == .sessionOpen ? time : time - length
            var event = Event(kind, 0, at: Timestamp(nanoseconds: time))
            event.session = SessionChange(
                opens: opens, closes: opens + length, calendar: 0, kind: 0, reserved: (0, 0))
            events.append(event)
        }
    }
}

extension Bar {
    /// The longer bar of which `next` is the end.
    fileprivate func extended(by next: Bar) -> Bar {
        Bar(
            open: open, high: max(high, next.high), low: min(low, next.low), close: next.close,
            volume: volume + next.volume)
    }
}
