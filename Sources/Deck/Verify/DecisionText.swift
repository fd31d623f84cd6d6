package import Journal
import Kernel
package import Market
import StrategyHost

/// Decisions in words, with prices and quantities as decimals.
package struct DecisionText: Sendable {
    private let instruments: [RunInstrument]
    /// Of money: the currency's exponent.
    private let moneyExponent: Int

    package init(_ instruments: [Instrument]) {
        self.instruments = instruments.map { one in
            RunInstrument(
                symbol: one.symbol, currency: one.currency.code, priceExponent: one.priceExponent,
                quantityExponent: one.quantityExponent)
        }
        moneyExponent = instruments.first?.currency.exponent ?? 6
    }

    /// Of a run of the journal.
    package init(_ instruments: [RunInstrument], moneyExponent: Int) {
        self.instruments = instruments
        self.moneyExponent = moneyExponent
    }

    /// `order 12 accepted: buy 0.5 BTCUSDT, market`
    package func words(_ decision: Decision) -> String {
        switch decision.act {
        case .order(let order): return words(order)
        case .fill(let fill):
            let side = fill.quantity.rawValue > 0 ? "bought" : "sold"
            return
                "order \(fill.order) \(side) \(quantity(fill.quantity.magnitude, fill.instrument)) "
                + "\(symbol(fill.instrument)) at \(price(fill.price, fill.instrument)), fee \(money(fill.fee)), "
                + "position \(quantity(fill.positionAfter, fill.instrument)), cash \(money(fill.cashAfter))"
        case .ledger(let line):
            return "\(line.kind) \(money(line.amount)) of \(symbol(line.instrument))"
        case .breach(let breach):
            return "limit \(breach.rule.rawValue): \(breach.measured) against \(breach.allowed), "
                + breach.action.rawValue
        case .signal(let signal):
            return
                "signal \(signal.forecast) for \(symbol(signal.instrument)), confidence \(signal.confidence)"
        case .plot(let name, let bits): return "plot \(name) = \(Double(bitPattern: bits))"
        case .fault(let text): return "stopped: \(text)"
        }
    }

    private func words(_ order: OrderRecord) -> String {
        let side = order.quantity.rawValue < 0 ? "sell" : "buy"
        var text =
            "order \(order.order) \(order.state): \(side) "
            + "\(quantity(order.quantity.magnitude, order.instrument)) \(symbol(order.instrument)), \(order.kind)"
        if order.limit != .zero { text += " limit \(price(order.limit, order.instrument))" }
        if order.stop != .zero { text += " stop \(price(order.stop, order.instrument))" }
        if !order.filled.isZero {
            text += ", filled \(quantity(order.filled.magnitude, order.instrument))"
        }
        if order.reason != .none { text += " (\(order.reason.words))" }
        return text
    }

    private func symbol(_ id: InstrumentID) -> String {
        Int(id) < instruments.count ? instruments[Int(id)].symbol : "instrument \(id)"
    }

    private func quantity(_ quantity: Quantity, _ id: InstrumentID) -> String {
        guard Int(id) < instruments.count else { return "\(quantity.rawValue)" }
        return DecimalText.string(
            quantity.rawValue, exponent: instruments[Int(id)].quantityExponent, decimals: .trimmed)
    }

    private func price(_ price: Price, _ id: InstrumentID) -> String {
        guard Int(id) < instruments.count else { return "\(price.rawValue)" }
        return DecimalText.string(
            price.rawValue, exponent: instruments[Int(id)].priceExponent, decimals: .trimmed)
    }

    private func money(_ money: Money) -> String {
        DecimalText.string(money.rawValue, exponent: -moneyExponent, decimals: .trimmed)
    }
}
