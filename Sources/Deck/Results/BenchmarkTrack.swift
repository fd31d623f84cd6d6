import CTapedeck
import Kernel
import Market

/// What one unit of an instrument, bought at its first price and held, is worth as time goes on:
/// splits multiply it, dividends are kept as cash.
struct BenchmarkTrack {
    let instrument: InstrumentID
    /// Nothing before it counts, nanoseconds.
    private let begins: Int64
    /// Whether the tape has splits or dividends of it: then every event must be looked at.
    private let hasActions: Bool
    private(set) var first: Double?
    private var price = 0.0
    private var units = 1.0
    private var cash = 0.0

    init(_ instrument: InstrumentID, from: Timestamp, hasActions: Bool) {
        self.instrument = instrument
        begins = from.rawValue
        self.hasActions = hasActions
    }

    /// Its worth over the first price; 1 before that.
    var growth: Double {
        guard let first, first != 0 else { return 1 }
        return (units * price + cash) / first
    }

    /// Takes the events `from ..< to` of a run.
    mutating func advance(_ run: EventRun, from: Int, to: Int) {
        if hasActions || first == nil {
            for index in from..<to { unsafe take(run.events[index]) }
            return
        }
        // Only the last price counts.
        var index = to
        while index > from {
            index -= 1
            if let last = unsafe closingPrice(run.events[index]) {
                price = last
                return
            }
        }
    }

    private mutating func take(_ event: Event) {
        guard event.instrument == instrument, event.time >= begins else { return }
        if let last = closingPrice(event) {
            if first == nil { first = event.type == TD_EVENT_BAR ? event.bar.open : last }
            price = last
        } else if event.type == TD_EVENT_SPLIT {
            units *= event.split.ratio
            price /= event.split.ratio
        } else if event.type == TD_EVENT_DIVIDEND, first != nil {
            cash += units * event.dividend.amount * (1 - event.dividend.tax_rate)
        }
    }

    private func closingPrice(_ event: Event) -> Double? {
        guard event.instrument == instrument else { return nil }
        switch Int(event.type) {
        case Int(TD_EVENT_BAR): return event.bar.close
        case Int(TD_EVENT_TRADE): return event.trade.price
        case Int(TD_EVENT_QUOTE):
            let quote = event.quote
            return quote.bid > 0 && quote.ask > 0 ? (quote.bid + quote.ask) / 2 : nil
        default: return nil
        }
    }
}
