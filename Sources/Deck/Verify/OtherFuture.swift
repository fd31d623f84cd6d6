import CTapedeck
import Feeds
import Market

/// A tape that is the same up to a moment, and something else after it.
package struct OtherFuture {
    /// What the other future is like.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Prices jump up and climb on.
        case rally
        /// Prices jump down and fall on.
        case slump
        /// Every third event is missing, and prices and volumes go their own way.
        case thinned
    }

    /// Events after the moment that are kept: more than any strategy is handed at once.
    static let length = 4_096

    let kind: Kind
    let seed: UInt64

    /// - Parameter cut: place of the first event that differs.
    func tape(_ tape: TapeFile, cut: Int, to end: Int) throws(DeckFailure) -> TapeFile {
        var events = unsafe Array(tape.events[..<min(end, cut + Self.length)])
        alter(&events, from: cut, tape.contents.instruments)
        return try tape.remade(events, name: "\(kind.rawValue) from event \(cut) on")
    }

    /// Changes everything from `place` on; times stay, so that the order stays.
    func alter(_ events: inout [Event], from place: Int, _ instruments: [Instrument]) {
        var random = SplitMix64(
            seed: seed &+ UInt64(truncatingIfNeeded: place) &* 0x9E37_79B9_7F4A_7C15)
        var factors = instruments.map { _ in startingFactor(&random) }
        var index = place
        while index < events.count {
            let instrument = Int(events[index].instrument)
            if kind == .thinned, index + 1 < events.count, random.below(3) == 0,
                !events[index].isOfSession
            {
                events.remove(at: index)
                continue
            }
            if instrument < factors.count {
                factors[instrument] *= step(&random)
                events[index].scale(
                    by: factors[instrument], volume: 0.25 + 2 * random.unit(),
                    instruments[instrument])
            }
            index += 1
        }
        for index in events.indices { events[index].sequence = UInt64(index) }
    }

    private func startingFactor(_ random: inout SplitMix64) -> Double {
        switch kind {
        case .rally: 1.03 + 0.05 * random.unit()
        case .slump: 0.97 - 0.05 * random.unit()
        case .thinned: 0.9 + 0.2 * random.unit()
        }
    }

    private func step(_ random: inout SplitMix64) -> Double {
        let noise = 0.002 * (random.unit() - 0.5)
        switch kind {
        case .rally: return 1.0005 + noise
        case .slump: return 0.9995 + noise
        case .thinned: return 1 + 4 * noise
        }
    }
}

extension Event {
    var isOfSession: Bool { type == TD_EVENT_SESSION_OPEN || type == TD_EVENT_SESSION_CLOSE }

    /// Market data at other prices, in whole units, in their order; everything else stays.
    mutating func scale(by factor: Double, volume: Double, _ instrument: Instrument) {
        let scale = instrument.priceScale
        func price(_ value: Double) -> Double {
            // Beyond its unit nothing is played anyway: such a price stays.
            guard let units = Self.units(value * factor, scale) else { return value }
            let least: Int64 = instrument.allowsNonPositivePrices ? .min : 1
            return scale.value(of: max(least, units))
        }
        switch Int(type) {
        case Int(TD_EVENT_BAR):
            bar = Bar(
                open: price(bar.open), high: price(bar.high), low: price(bar.low),
                close: price(bar.close),
                volume: (bar.volume * volume).rounded())
        case Int(TD_EVENT_TRADE):
            trade.price = price(trade.price)
            trade.quantity *= 2
        case Int(TD_EVENT_QUOTE):
            if quote.bid != 0 { quote.bid = price(quote.bid) }
            if quote.ask != 0 { quote.ask = price(quote.ask) }
        case Int(TD_EVENT_DEPTH): depth.price = price(depth.price)
        default: break
        }
    }

    /// Nil for what is no number of the unit.
    private static func units(_ value: Double, _ scale: DecimalScale) -> Int64? {
        do { return try scale.count(of: value) } catch { return nil }
    }
}
