import CTapedeck
import Market

/// Events of a tape in words.
enum EventText {
    /// What a kind of event is called; kinds of a later version by their number.
    static func name(_ type: UInt8) -> String {
        switch EventKind(rawValue: type) {
        case .bar: "bars"
        case .trade: "trades"
        case .quote: "quotes"
        case .depth: "depth"
        case .split: "splits"
        case .dividend: "dividends"
        case .sessionOpen: "openings"
        case .sessionClose: "closings"
        case .timer: "timers"
        case .order: "orders"
        case .fill: "fills"
        case .parameter: "parameters"
        case .gap: "gaps"
        case .funding: "funding rates"
        case .standing: "changes of standing"
        case .command: "commands"
        case nil: "kind \(type)"
        }
    }

    /// `SPY bar 1d  470.1 472.3 469 471.2  volume 81234500`
    static func line(_ event: Event, _ instruments: [Instrument]) -> String {
        let place = Int(event.instrument)
        guard instruments.indices.contains(place) else { return name(event.type) }
        let instrument = instruments[place]
        func price(_ value: Double) -> String { number(value, instrument.priceExponent) }
        func quantity(_ value: Double) -> String { number(value, instrument.quantityExponent) }
        let start = instrument.symbol + " "
        switch EventKind(rawValue: event.type) {
        case .bar:
            let bar = event.bar
            let prices = [bar.open, bar.high, bar.low, bar.close].map(price).joined(separator: " ")
            let frame = TimeFrame(rawValue: event.timeframe)
            return start + "bar \(frame)  \(prices)  volume \(quantity(bar.volume))"
        case .trade:
            let side = event.trade.side > 0 ? " buy" : event.trade.side < 0 ? " sell" : ""
            return start
                + "trade\(side) \(quantity(event.trade.quantity)) at \(price(event.trade.price))"
        case .quote:
            let quote = event.quote
            return start
                + "quote \(quantity(quote.bid_quantity)) x \(price(quote.bid)) / \(price(quote.ask)) x "
                + quantity(quote.ask_quantity)
        case .split: return start + "split \(event.split.numerator):\(event.split.denominator)"
        case .dividend: return start + "dividend \(event.dividend.amount)"
        case .funding: return start + "funding \(event.funding.rate)"
        case .standing: return start + standing(event.standing, instruments)
        case .sessionOpen: return "\(instrument.calendar) opens"
        case .sessionClose: return "\(instrument.calendar) closes"
        default: return start + name(event.type)
        }
    }

    private static func standing(_ standing: td_standing, _ instruments: [Instrument]) -> String {
        switch Int(standing.kind) {
        case Int(TD_STANDING_HALTED): "halted"
        case Int(TD_STANDING_RESUMED): "resumed"
        case Int(TD_STANDING_DELISTED):
            "delisted" + (standing.price < 0 ? "" : " at \(standing.price)")
        default:
            "becomes \(name(of: Int(standing.successor), instruments)), "
                + "\(standing.numerator):\(standing.denominator)"
                + (standing.price > 0 ? ", and \(standing.price) in cash" : "")
        }
    }

    private static func name(of place: Int, _ instruments: [Instrument]) -> String {
        instruments.indices.contains(place) ? instruments[place].symbol : "instrument \(place)"
    }

    /// Exact where it is a count of its unit.
    private static func number(_ value: Double, _ exponent: Int) -> String {
        let scale = DecimalScale(exponent: exponent)
        do {
            let count = try scale.count(of: value)
            if scale.value(of: count) == value {
                return DecimalText.string(count, exponent: exponent, decimals: .trimmed)
            }
        } catch {
            // Too large for its unit: shown as the double it is.
        }
        return "\(value)"
    }
}
