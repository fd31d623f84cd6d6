import CTapedeck
import Market

/// The span of all prices that each instrument's market has shown so far, in the shares of now:
/// outside of it nobody can be filled at the market's prices.
struct ShownPrices {
    private let instruments: [Instrument]
    private var spans: [ClosedRange<Int64>?]

    init(_ instruments: [Instrument]) {
        self.instruments = instruments
        spans = instruments.map { _ in nil }
    }

    /// Nil before the first price.
    subscript(place: Int) -> ClosedRange<Int64>? { spans[place] }

    /// Takes in what an event shows; its prices are counted in the instrument's units.
    mutating func take(_ event: Event, _ prices: ExactPrices) {
        let place = Int(event.instrument)
        guard !event.isOfSession, place < spans.count else { return }
        switch Int(event.type) {
        case Int(TD_EVENT_BAR), Int(TD_EVENT_TRADE), Int(TD_EVENT_QUOTE):
            for price in [prices.open, prices.high, prices.low, prices.close] {
                // A quote's side that nobody is on.
                if price == 0, event.type == TD_EVENT_QUOTE { continue }
                include(price, place)
            }
        case Int(TD_EVENT_DEPTH): include(event.depth.price, place)
        case Int(TD_EVENT_SPLIT):
            spans[place] = restated(place, event.split.numerator, event.split.denominator)
        case Int(TD_EVENT_STANDING): take(event.standing, place)
        default: break
        }
    }

    private mutating func take(_ standing: td_standing, _ place: Int) {
        if standing.kind == UInt32(TD_STANDING_DELISTED), standing.price >= 0 {
            include(standing.price, place)
        }
        let successor = Int(standing.successor)
        guard standing.kind == UInt32(TD_STANDING_SUCCEEDED), successor < spans.count,
            let span = restated(place, standing.numerator, standing.denominator)
        else { return }
        include(span.lowerBound, successor)
        include(span.upperBound, successor)
    }

    /// A split's fractions of a unit are rounded either way.
    private func restated(_ place: Int, _ new: Int64, _ old: Int64) -> ClosedRange<Int64>? {
        guard let span = spans[place], new > 0, old > 0 else { return spans[place] }
        let low = Int128(span.lowerBound) * Int128(old) / Int128(new) - 1
        let high = Int128(span.upperBound) * Int128(old) / Int128(new) + 1
        return Int64(clamping: low)...Int64(clamping: high)
    }

    private mutating func include(_ price: Double, _ place: Int) {
        do {
            include(try instruments[place].priceScale.count(of: price), place)
        } catch {
            // What cannot be counted is shown to nobody.
        }
    }

    private mutating func include(_ price: Int64, _ place: Int) {
        let span = spans[place] ?? price...price
        spans[place] = min(span.lowerBound, price)...max(span.upperBound, price)
    }
}
