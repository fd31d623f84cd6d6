import CTapedeck
import Kernel
import Market

/// The figures of an account once more, of records and tape alone and in 128 bits: whether one of
/// them has left the range of its money. A portfolio that stops for less was stopped wrongly.
struct RangeAudit {
    /// An order that works: what is left of it, signed, and its own prices.
    struct Waiting {
        var instrument: Int
        var remaining: Int64
        var prices: [Int64]
    }

    /// What is known of one instrument.
    fileprivate struct Holding {
        /// Money in a quantity unit at one price unit: `up / down`.
        let up: Int128
        let down: Int128
        let prices: DecimalScale
        let isFuture: Bool
        /// What a future's position was opened at.
        var cost: Int128 = 0
        var mark: Int64 = 0
        /// Prices told since the position last changed.
        var lowest = Int64.max
        var highest = Int64.min
        /// Prices of the levels that stand.
        var levels: Set<Int64> = []
    }

    private var holdings: [Holding]
    /// Amounts beyond this, either way, are out of range.
    private let largest: Int128

    init(_ instruments: [Instrument], largest: Int128) {
        holdings = instruments.map(Holding.init)
        self.largest = largest
    }

    /// A fill: what was told before it no longer counts.
    mutating func take(_ fill: FillRecord) {
        let place = Int(fill.instrument)
        let paid = holdings[place].money(Int128(fill.quantity.rawValue), fill.price.rawValue) ?? 0
        holdings[place].cost += paid + Int128(fill.realised.rawValue)
        if fill.positionAfter.rawValue == 0 { holdings[place].cost = 0 }
        holdings[place].forgetRange()
        holdings[place].include(fill.price.rawValue)
        holdings[place].mark = fill.price.rawValue
    }

    /// The prices that an event tells.
    mutating func take(_ event: Event, _ prices: ExactPrices) {
        let place = Int(event.instrument)
        switch Int(event.type) {
        case Int(TD_EVENT_BAR), Int(TD_EVENT_TRADE):
            for price in [prices.open, prices.high, prices.low, prices.close] {
                holdings[place].include(price)
            }
            holdings[place].mark = prices.close
        case Int(TD_EVENT_QUOTE):
            holdings[place].include(prices.open)
            holdings[place].include(prices.close)
            holdings[place].mark = prices.open / 2 + prices.close / 2
        case Int(TD_EVENT_DEPTH): holdings[place].showLevel(event)
        case Int(TD_EVENT_SPLIT):
            holdings[place].forgetRange()
            holdings[place].levels = []
            let mark = Int128(holdings[place].mark) * Int128(event.split.denominator)
            holdings[place].mark = Int64(clamping: mark / Int128(event.split.numerator))
        default: break
        }
    }

    /// What has left the range, in words; nil where everything is inside it.
    func figure(cash: Int128, _ positions: [Int64], _ waiting: [Waiting]) -> String? {
        for place in holdings.indices {
            let none = Waiting(instrument: place, remaining: 0, prices: [])
            for order in [none] + waiting.filter({ $0.instrument == place }) {
                if let found = figure(cash, positions, order) { return found }
            }
        }
        return nil
    }

    /// The same once an order has filled whole at a price that was told.
    private func figure(_ cash: Int128, _ positions: [Int64], _ order: Waiting) -> String? {
        let holding = holdings[order.instrument]
        let held = Int128(positions[order.instrument]) + Int128(order.remaining)
        if Int64(exactly: held) == nil { return "a position of \(held) units" }
        var others = cash
        for place in holdings.indices where place != order.instrument {
            guard let value = worth(place, Int128(positions[place]), holdings[place].mark, paid: 0)
            else { return "what is held" }
            others += value
        }
        for price in holding.told + order.prices {
            guard let paid = holding.money(Int128(order.remaining), price),
                let whole = holding.money(held, price),
                let value = worth(order.instrument, held, price, paid: paid)
            else { return "a product of 128 bits" }
            let rest = holding.isFuture ? 0 : paid
            let figures = [
                ("an order's worth", paid), ("a position's worth", whole), ("cash", cash - rest),
                ("equity", others - rest + value),
            ]
            if let found = figures.first(where: { $0.1.magnitude > largest.magnitude }) {
                return "\(found.0) of \(found.1) at \(price)"
            }
        }
        return nil
    }

    /// What equity counts of a position at a price; nil beyond 128 bits.
    private func worth(
        _ place: Int, _ quantity: Int128, _ price: Int64, paid: Int128
    ) -> Int128? {
        let whole = holdings[place].money(quantity, price)
        return holdings[place].isFuture ? whole.map { $0 - holdings[place].cost - paid } : whole
    }
}

extension RangeAudit.Holding {
    fileprivate init(_ instrument: Instrument) {
        let shift =
            instrument.priceExponent + instrument.quantityExponent + instrument.currency.exponent
        up = PowerOfTen.wide(max(0, shift)) * Int128(instrument.multiplier)
        down = PowerOfTen.wide(max(0, -shift))
        prices = instrument.priceScale
        isFuture = instrument.kind == .future
    }

    /// Half a unit more or less; nil beyond 128 bits, which is beyond any money.
    fileprivate func money(_ quantity: Int128, _ price: Int64) -> Int128? {
        let (product, isWide) = quantity.multipliedReportingOverflow(by: Int128(price))
        let (scaled, isTooWide) = product.multipliedReportingOverflow(by: up)
        return isWide || isTooWide ? nil : scaled / down
    }

    /// The extremes of all prices that may be looked at.
    fileprivate var told: [Int64] {
        var ends = [mark]
        if lowest <= highest { ends += [lowest, highest] }
        if let low = levels.min(), let high = levels.max() { ends += [low, high] }
        return ends
    }

    fileprivate mutating func include(_ price: Int64) {
        lowest = min(lowest, price)
        highest = max(highest, price)
    }

    fileprivate mutating func forgetRange() { (lowest, highest) = (.max, .min) }

    fileprivate mutating func showLevel(_ event: Event) {
        do {
            let price = try prices.count(of: event.depth.price)
            if event.depth.quantity > 0 { levels.insert(price) } else { levels.remove(price) }
        } catch {
            // A price that cannot be counted is shown to nobody.
        }
    }
}
