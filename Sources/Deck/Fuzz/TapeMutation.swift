import CTapedeck
import Market

/// What can happen to a market or to its data; each leaves a tape that a reader takes.
package enum TapeMutation: String, Hashable, Sendable, CaseIterable {
    case gap, halt, duplicate, spike
    case zeroVolume = "zero volume"
    case split, dividend
    case limitMove = "limit move"
    case emptySession = "empty session"
    case oneTimeStamp = "one time stamp"
    case missingInstrument = "missing instrument"
    case hugePrices = "huge prices"
    case smallPrices = "small prices"
    case pause, command, funding
    /// A regulator's halt, and most often its end.
    case standing
    case delisting, successor, depth

    /// Changes a tape at a place that is drawn, and says where.
    func apply(to tape: inout FuzzTape, _ random: inout Xoshiro256StarStar) {
        guard tape.events.count > 2 else { return }
        let place = Int(random.below(UInt64(tape.events.count)))
        let count = 1 + Int(random.below(12))
        switch self {
        case .gap: gap(&tape, place, count, &random)
        case .halt: halt(&tape, place, count)
        case .duplicate: tape.events.insert(tape.events[place], at: place)
        case .spike: spike(&tape, place, &random)
        case .zeroVolume: forEachBar(of: &tape, place, count) { $0.bar.volume = 0 }
        case .split: split(&tape, place, &random)
        case .dividend: dividend(&tape, place, &random)
        case .limitMove: limitMove(&tape, place, count, random.below(2) == 0 ? 1.1 : 0.9)
        case .emptySession: emptySession(&tape, place)
        case .oneTimeStamp: oneTimeStamp(&tape, place, count)
        case .missingInstrument:
            let instrument = tape.events[place].instrument
            if tape.instruments.count > 1 {
                tape.events.removeAll { !$0.isOfSession && $0.instrument == instrument }
            }
        case .hugePrices: rescale(&tape, place, huge: true)
        case .smallPrices: rescale(&tape, place, huge: false)
        case .pause: pause(&tape, place, &random)
        case .command:
            let kind = 1 + UInt32(random.below(3))
            tape.events.append(.command(kind, at: tape.events[place].timestamp))
        case .funding:
            let instrument = InstrumentID(random.below(UInt64(tape.instruments.count)))
            let rate = (random.unit() - 0.5) * 0.01
            tape.events.append(.funding(instrument, at: tape.events[place].timestamp, rate: rate))
        case .standing:
            let instrument = InstrumentID(random.below(UInt64(tape.instruments.count)))
            tape.events.append(.halt(instrument, at: tape.events[place].timestamp))
            let end = tape.events[min(tape.events.count - 2, place + count)].timestamp
            if random.below(4) != 0 {
                tape.events.append(.halt(instrument, at: end, resumes: true))
            }
        case .delisting: delist(&tape, place, &random)
        case .successor: succeed(&tape, place, &random)
        case .depth: tape.deepen(tape.events[place].instrument, from: place, &random)
        }
        tape.alterations.append("\(rawValue) at event \(place)")
    }

    private func gap(
        _ tape: inout FuzzTape, _ place: Int, _ count: Int, _ random: inout Xoshiro256StarStar
    ) {
        let end = min(tape.events.count, place + count)
        let (first, last) = (tape.events[place], tape.events[end - 1])
        let all = random.below(2) == 0
        for index in (place..<end).reversed()
        where !tape.events[index].isOfSession
            && (all || tape.events[index].instrument == first.instrument)
        {
            tape.events.remove(at: index)
        }
        if random.below(2) == 0, !first.isOfSession {
            tape.events.append(
                .gap(
                    first.instrument, from: first.timestamp, to: last.timestamp,
                    events: UInt64(count)))
        }
    }

    /// The market stands still: the same price, no volume, from bar to bar.
    private func halt(_ tape: inout FuzzTape, _ place: Int, _ count: Int) {
        guard tape.events[place].type == TD_EVENT_BAR else { return }
        let price = tape.events[place].bar.close
        let still = Bar(open: price, high: price, low: price, close: price, volume: 0)
        forEachBar(of: &tape, place, count) { $0.bar = still }
    }

    /// One print far away, and back again.
    private func spike(_ tape: inout FuzzTape, _ place: Int, _ random: inout Xoshiro256StarStar) {
        let factor = [0.1, 0.5, 0.8, 1.3, 2, 10][Int(random.below(6))]
        let isWhole = random.below(2) == 0
        guard tape.events[place].type == TD_EVENT_BAR, !isWhole else {
            return tape.scale(place..<place + 1, by: factor)
        }
        var other = tape.events[place]
        let instrument = tape.instruments[Int(other.instrument)]
        other.scale(by: factor, volume: 1, instrument)
        // Only the wick goes there.
        tape.events[place].bar.high = max(tape.events[place].bar.high, other.bar.high)
        tape.events[place].bar.low = min(tape.events[place].bar.low, other.bar.low)
    }

    private func split(_ tape: inout FuzzTape, _ place: Int, _ random: inout Xoshiro256StarStar) {
        let instrument = tape.events[place].instrument
        guard !tape.events[place].isOfSession else { return }
        let (n, d): (Int64, Int64) = [(2, 1), (3, 2), (7, 1), (1, 10), (1, 3), (20, 1)][
            Int(random.below(6))]
        let time = tape.events[place].timestamp
        for index in place..<tape.events.count where tape.events[index].instrument == instrument {
            tape.scale(index..<index + 1, by: Double(d) / Double(n))
        }
        tape.events.append(.split(instrument, at: time, numerator: n, denominator: d))
    }

    private func dividend(_ tape: inout FuzzTape, _ place: Int, _ random: inout Xoshiro256StarStar)
    {
        guard !tape.events[place].isOfSession else { return }
        let amount = [0.01, 0.25, 3][Int(random.below(3))]
        tape.events.append(
            .dividend(
                tape.events[place].instrument, at: tape.events[place].timestamp, amount: amount,
                taxRate: random.below(2) == 0 ? 0 : 0.15))
    }

    /// Locked at the day's limit.
    private func limitMove(_ tape: inout FuzzTape, _ place: Int, _ count: Int, _ factor: Double) {
        guard tape.events[place].type == TD_EVENT_BAR else { return }
        var locked = tape.events[place]
        locked.scale(by: factor, volume: 1, tape.instruments[Int(locked.instrument)])
        let price = locked.bar.close
        forEachBar(of: &tape, place, count) { event in
            event.bar = Bar(
                open: price, high: price, low: price, close: price, volume: event.bar.volume)
        }
    }
}

extension TapeMutation {
    /// Bars of one instrument from `place` on.
    private func forEachBar(
        of tape: inout FuzzTape, _ place: Int, _ count: Int, _ change: (inout Event) -> Void
    ) {
        let instrument = tape.events[place].instrument
        var left = count
        for index in place..<tape.events.count where left > 0 {
            guard tape.events[index].type == TD_EVENT_BAR,
                tape.events[index].instrument == instrument
            else { continue }
            change(&tape.events[index])
            left -= 1
        }
    }

    /// It opens and closes, and nothing trades; without sessions a stretch of the tape.
    private func emptySession(_ tape: inout FuzzTape, _ place: Int) {
        var first = place
        while first > 0, tape.events[first].type != TD_EVENT_SESSION_OPEN, place - first < 60 {
            first -= 1
        }
        var end = place
        while end < tape.events.count, tape.events[end].type != TD_EVENT_SESSION_CLOSE,
            end - place < 60
        { end += 1 }
        for index in (first..<end).reversed() where !tape.events[index].isOfSession {
            tape.events.remove(at: index)
        }
    }

    /// Everything of a stretch happens at once.
    private func oneTimeStamp(_ tape: inout FuzzTape, _ place: Int, _ count: Int) {
        let end = min(tape.events.count, place + 2 + count)
        let time = tape.events[end - 1].time
        for index in place..<end where !tape.events[index].isOfSession {
            tape.events[index].time = time
        }
    }

    /// To the edge of what is a number of the price's unit; or to a few units.
    private func rescale(_ tape: inout FuzzTape, _ place: Int, huge: Bool) {
        let instrument = tape.events[place].instrument
        let first = tape.events.first { $0.type == TD_EVENT_BAR && $0.instrument == instrument }
        guard let price = first?.bar.close, price > 0 else { return }
        let unit = tape.instruments[Int(instrument)].priceScale.value(of: 1)
        let target = huge ? unit * DecimalScale.largestCount / 64 : unit * 3
        for index in tape.events.indices where tape.events[index].instrument == instrument {
            tape.scale(index..<index + 1, by: target / price)
        }
        if huge { tape.isExtreme = true }
    }

    /// Weeks without an event.
    private func pause(_ tape: inout FuzzTape, _ place: Int, _ random: inout Xoshiro256StarStar) {
        let length = Int64(1 + random.below(40)) * 86_400_000_000_000
        for index in place..<tape.events.count {
            tape.events[index].time += length
            if tape.events[index].isOfSession {
                tape.events[index].session.opens += length
                tape.events[index].session.closes += length
            }
        }
    }
}

extension FuzzTape {
    /// Other prices, in whole units.
    package mutating func scale(_ range: Range<Int>, by factor: Double) {
        for index in range where Int(events[index].instrument) < instruments.count {
            events[index].scale(by: factor, volume: 1, instruments[Int(events[index].instrument)])
        }
    }

    /// Some mutations one after the other, drawn by the seed.
    package mutating func alter(seed: UInt64, most: Int = 5) {
        var random = Xoshiro256StarStar(seed: seed)
        for _ in 0..<random.below(UInt64(most) + 1) {
            let kinds = TapeMutation.allCases
            kinds[Int(random.below(UInt64(kinds.count)))].apply(to: &self, &random)
            settle()
        }
    }
}
