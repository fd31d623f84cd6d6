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

    /// What an account has, without looking at any price.
    struct Account {
        /// In the base currency.
        var cash: Int128
        var positions: [Int64]
        var waiting: [Waiting]
    }

    /// What is known of one instrument.
    fileprivate struct Holding {
        /// Money in a quantity unit at one price unit: `up / down`.
        let up: Int128
        let down: Int128
        let prices: DecimalScale
        let isFuture: Bool
        /// The pair that leads to the base currency, and what a unit at one of its price units
        /// comes to there; nil for the base currency itself.
        var pair: (place: Int, up: Int128, down: Int128)?
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

    init(_ instruments: [Instrument], base: Currency, largest: Int128) {
        holdings = instruments.map { Holding($0, base: base, instruments) }
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
    func figure(_ account: Account) -> String? {
        for place in holdings.indices {
            let none = Waiting(instrument: place, remaining: 0, prices: [])
            for order in [none] + account.waiting.filter({ $0.instrument == place }) {
                for price in holdings[place].told + order.prices {
                    for rate in holdings[place].pair.map({ holdings[$0.place].told }) ?? [1] {
                        let state = State(order: order, price: price, rate: rate)
                        if let found = figure(account, state) { return found }
                    }
                }
            }
        }
        return nil
    }

    /// An order that has filled whole at a price, while its currency had a rate.
    private struct State {
        let order: Waiting
        let price: Int64
        let rate: Int64
    }

    private func figure(_ account: Account, _ state: State) -> String? {
        let place = state.order.instrument
        let held = Int128(account.positions[place]) + Int128(state.order.remaining)
        if Int64(exactly: held) == nil { return "a position of \(held) units" }
        guard let others = worthOfOthers(account, than: place),
            let paid = holdings[place].money(Int128(state.order.remaining), state.price),
            let whole = holdings[place].money(held, state.price),
            let inBase = inBase(whole, place, state.rate),
            let rest = self.inBase(holdings[place].isFuture ? 0 : paid, place, state.rate),
            let result = self.inBase(whole - holdings[place].cost - paid, place, state.rate)
        else { return "a product of 128 bits" }
        let cash = account.cash - rest
        let figures = [
            ("an order's worth", paid), ("a position's worth", whole),
            ("its worth in the base currency", inBase), ("cash", cash),
            ("equity", others + cash + (holdings[place].isFuture ? result : inBase)),
        ]
        return figures.first { $0.1.magnitude > largest.magnitude }
            .map { "\($0.0) of \($0.1) at \(state.price)" }
    }

    /// What equity counts of all other positions at their last prices; nil beyond 128 bits.
    private func worthOfOthers(_ account: Account, than place: Int) -> Int128? {
        var sum: Int128 = 0
        for other in holdings.indices where other != place {
            let holding = holdings[other]
            let rate = holding.pair.map { holdings[$0.place].mark } ?? 1
            guard let whole = holding.money(Int128(account.positions[other]), holding.mark),
                let worth = inBase(whole - (holding.isFuture ? holding.cost : 0), other, rate)
            else { return nil }
            sum += worth
        }
        return sum
    }

    /// An amount of an instrument's currency in the base currency; nil beyond 128 bits.
    private func inBase(_ amount: Int128, _ place: Int, _ rate: Int64) -> Int128? {
        guard let pair = holdings[place].pair else { return amount }
        let (product, isWide) = amount.multipliedReportingOverflow(by: Int128(rate))
        let (scaled, isTooWide) = product.multipliedReportingOverflow(by: pair.up)
        return isWide || isTooWide ? nil : scaled / pair.down
    }
}

extension RangeAudit.Holding {
    fileprivate init(_ instrument: Instrument, base: Currency, _ all: [Instrument]) {
        let shift =
            instrument.priceExponent + instrument.quantityExponent + instrument.currency.exponent
        up = PowerOfTen.wide(max(0, shift)) * Int128(instrument.multiplier)
        down = PowerOfTen.wide(max(0, -shift))
        prices = instrument.priceScale
        isFuture = instrument.kind == .future
        let name = instrument.currency.code + base.code
        guard instrument.currency != base,
            let place = all.firstIndex(where: { $0.symbol == name && $0.currency == base })
        else { return }
        let ratio = all[place].priceExponent + base.exponent - instrument.currency.exponent
        pair = (place, PowerOfTen.wide(max(0, ratio)), PowerOfTen.wide(max(0, -ratio)))
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
