import Deck
import Journal
import Kernel
import Market
import StrategyHost

/// One thing that happened to a slot, as a line for people or for a script.
struct HappeningText {
    private let happening: Happening
    private let slot: SlotIdentity
    private let instruments: [Instrument]
    private let name: String

    init(
        _ happening: Happening, _ slot: SlotIdentity, _ instruments: [Instrument], slot name: String
    ) {
        self.happening = happening
        self.slot = slot
        self.instruments = instruments
        self.name = name
    }

    /// `2024-01-31 14:30:00  momentum  buy 0.5 BTCUSDT at 42000.10, fee 2.10, position 0.5`
    func line(_ terminal: Terminal) -> String {
        let time = happening.time.map { time in
            let text = TimeText.string(time, precision: .seconds)
            return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
        }
        let start = (time ?? "").padded(to: 19) + "  " + name + "  "
        switch happening {
        case .fill(let fill): return start + words(fill)
        case .roundTrip(let trip):
            let net = trip.gross.rawValue - trip.costs.rawValue
            let text = signed(net, instruments[Int(trip.instrument)])
            return start + words(trip, net: terminal.styled(text, net < 0 ? .red : .green))
        case .breach(let breach):
            let measures = BreachText.measures(
                breach.rule.rawValue, breach.measured, breach.allowed)
            let action = BreachText.action(breach.action.rawValue)
            return start
                + terminal.styled(
                    "limit \(breach.rule.rawValue): \(measures); \(action)", .yellow)
        case .log(let line): return start + "says: \(line.text)"
        case .fault(_, _, let text): return start + terminal.styled("stopped: \(text)", .red)
        }
    }

    private func words(_ fill: FillRecord) -> String {
        let instrument = instruments[Int(fill.instrument)]
        let side = fill.quantity.rawValue > 0 ? "buy" : "sell"
        var text = "\(side) \(quantity(fill.quantity.magnitude, instrument)) \(instrument.symbol)"
        text += " at \(price(fill.price, instrument))"
        if fill.reason != .none { text += " (\(fill.reason.words))" }
        if fill.fee != .zero { text += ", fee \(money(fill.fee.rawValue, instrument))" }
        return text + ", position \(quantity(fill.positionAfter, instrument))"
    }

    private func words(_ trip: RoundTrip, net: String) -> String {
        let instrument = instruments[Int(trip.instrument)]
        let side = trip.side > 0 ? "long" : "short"
        return "ended \(side) \(quantity(trip.quantity, instrument)) \(instrument.symbol), "
            + "\(price(trip.entryPrice, instrument)) -> \(price(trip.exitPrice, instrument)), "
            + "\(net) \(instrument.currency.code)\(inBase(trip, instrument)), "
            + "\(trip.bars) bar\(trip.bars == 1 ? "" : "s"), \(trip.exitReason.words)"
    }

    private func quantity(_ quantity: Quantity, _ instrument: Instrument) -> String {
        DecimalText.string(
            quantity.rawValue, exponent: instrument.quantityExponent, decimals: .trimmed)
    }

    private func price(_ price: Price, _ instrument: Instrument) -> String {
        DecimalText.string(price.rawValue, exponent: instrument.priceExponent, decimals: .trimmed)
    }

    /// Of what trades in another currency than the account's: ` (+112 USD)`.
    private func inBase(_ trip: RoundTrip, _ instrument: Instrument) -> String {
        guard instrument.currency != slot.currency else { return "" }
        let net = trip.inBase(Money(trip.gross.rawValue - trip.costs.rawValue)).rawValue
        let text = DecimalText.string(net, exponent: -slot.currency.exponent, decimals: .trimmed)
        return " (\(net > 0 ? "+" : "")\(text) \(slot.currency.code))"
    }

    private func money(_ units: Int64, _ instrument: Instrument) -> String {
        DecimalText.string(units, exponent: -instrument.currency.exponent, decimals: .trimmed)
    }

    private func signed(_ units: Int64, _ instrument: Instrument) -> String {
        (units > 0 ? "+" : "") + money(units, instrument)
    }
}

extension HappeningText {
    /// What one line of `run --json` says; numbers are exact decimals, as text.
    private struct Line: Encodable {
        var type: String
        var time: String?
        var event: UInt64
        var strategy: String
        var symbol: String?
        var side: String?
        var quantity: String?
        var price: String?
        var fee: String?
        var position: String?
        var reason: String?
        var isAmbiguous: Bool?
        var entryTime: String?
        var entryPrice: String?
        var exitPrice: String?
        var gross: String?
        var costs: String?
        var net: String?
        var currency: String?
        var bars: UInt32?
        var rule: String?
        var action: String?
        var measured: Double?
        var allowed: Double?
        var level: String?
        var text: String?

        private enum CodingKeys: String, CodingKey {
            case type, time, event, strategy, symbol, side, quantity, price, fee, position, reason,
                gross, costs, net, currency
            case bars, rule, action, measured, allowed, level, text
            case isAmbiguous = "is_ambiguous"
            case entryTime = "entry_time"
            case entryPrice = "entry_price"
            case exitPrice = "exit_price"
        }
    }

    var json: String {
        var line = Line(
            type: "", time: happening.time.map { TimeText.string($0) }, event: happening.sequence,
            strategy: slot.name)
        switch happening {
        case .fill(let fill): describe(fill, &line)
        case .roundTrip(let trip): describe(trip, &line)
        case .breach(let breach):
            line.type = "breach"
            line.rule = breach.rule.rawValue
            line.action = breach.action.rawValue
            line.measured = breach.measured
            line.allowed = breach.allowed
        case .log(let said):
            line.type = "log"
            line.level = "\(said.level)"
            line.text = said.text
        case .fault(_, _, let text):
            line.type = "fault"
            line.text = text
        }
        do { return try JSONText.compact(line) } catch { return "{\"type\":\"\(line.type)\"}" }
    }

    private func describe(_ fill: FillRecord, _ line: inout Line) {
        let instrument = instruments[Int(fill.instrument)]
        line.type = "fill"
        line.symbol = instrument.symbol
        line.side = fill.quantity.rawValue > 0 ? "buy" : "sell"
        line.quantity = quantity(fill.quantity.magnitude, instrument)
        line.price = price(fill.price, instrument)
        line.fee = money(fill.fee.rawValue, instrument)
        line.currency = instrument.currency.code
        line.position = quantity(fill.positionAfter, instrument)
        line.reason = fill.reason.words
        line.isAmbiguous = fill.isAmbiguous
    }

    private func describe(_ trip: RoundTrip, _ line: inout Line) {
        let instrument = instruments[Int(trip.instrument)]
        line.type = "round_trip"
        line.symbol = instrument.symbol
        line.side = trip.side > 0 ? "long" : "short"
        line.quantity = quantity(trip.quantity, instrument)
        line.entryTime = TimeText.string(trip.entryTime)
        line.entryPrice = price(trip.entryPrice, instrument)
        line.exitPrice = price(trip.exitPrice, instrument)
        line.currency = instrument.currency.code
        line.gross = money(trip.gross.rawValue, instrument)
        line.costs = money(trip.costs.rawValue, instrument)
        line.net = money(trip.gross.rawValue - trip.costs.rawValue, instrument)
        line.reason = trip.exitReason.words
        line.bars = trip.bars
    }
}
