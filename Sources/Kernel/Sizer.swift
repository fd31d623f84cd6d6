package import Market

/// Turns a strength into a size by the operator's rule.
package struct Sizer: Hashable, Sendable {
    /// What a rule gives. The portfolio makes lots of it, and never more than it can pay.
    package enum Size: Hashable, Sendable {
        /// Money of the base currency to be spent, costs included.
        case budget(Money)
        /// Units, cut to the lot.
        case units(Quantity)
        case refused(Reason)
    }

    private static let billion: Int128 = 1_000_000_000

    private let rule: Sizing
    private let scales: ContiguousArray<ValueScale>
    private let priceExponents: ContiguousArray<Int>
    private let quantityExponents: ContiguousArray<Int>
    private let lots: ContiguousArray<Int64>
    /// By instrument; what a bar's deviation is multiplied with, squared, to make it a year's.
    private let barsPerYear: ContiguousArray<Double>

    /// - Parameter matching: per instrument the length in seconds of the bars that mark it.
    package init(settings: PortfolioSettings, instruments: [Instrument], matching: [UInt32] = []) {
        rule = settings.sizing
        scales = ContiguousArray(instruments.map(ValueScale.init))
        priceExponents = ContiguousArray(instruments.map(\.priceExponent))
        quantityExponents = ContiguousArray(instruments.map(\.quantityExponent))
        lots = ContiguousArray(instruments.map { max(1, $0.quantityStep.rawValue) })
        guard case .volatilityTarget = settings.sizing else {
            barsPerYear = []
            return
        }
        barsPerYear = ContiguousArray(
            instruments.map { instrument in
                let id = Int(instrument.id)
                let frame = TimeFrame(rawValue: id < matching.count ? matching[id] : 0)
                guard let calendar = try? TradingCalendar.named(instrument.calendar) else {
                    return 0
                }
                return calendar.periodsPerYear(frame)
            })
    }

    /// The size of `strength` (0...1) of a full position at a price.
    /// - Parameter stop: the ticket's own stop; risk per trade measures against it where there is
    ///   one.
    package func size(
        _ strength: Double, of instrument: InstrumentID, at price: Price, stop: Price? = nil,
        _ books: borrowing Books, _ statistics: borrowing BarStatistics
    ) -> Size {
        guard strength >= 0, strength <= 1 else { return .refused(.notFinite) }
        let share = Rate(perBillion: Int64((strength * 1e9).rounded(.toNearestOrEven)))
        switch rule {
        case .fixedQuantity(let quantity):
            return units(quantity * strength, instrument)
        case .fixedCash(let cash):
            return .budget(Self.part(share, of: cash))
        case .percentOfEquity(let rate):
            return .budget(Self.part(share, of: Self.part(rate, of: books.equity)))
        case .riskPerTrade(let risk, let distance):
            let budget = Self.part(share, of: Self.part(risk, of: books.equity))
            guard
                let width = Self.width(
                    distance, stop, price, instrument, priceExponents, statistics)
            else {
                return .refused(.noPrice)
            }
            return units(losing: budget, over: width, instrument, books)
        case .volatilityTarget(let target, let window):
            guard let deviation = statistics.deviation(instrument, window: window),
                barsPerYear[Int(instrument)] > 0
            else { return .refused(.noPrice) }
            let yearly = deviation * barsPerYear[Int(instrument)].squareRoot()
            guard yearly > 0 else { return .refused(.noPrice) }
            return Self.budget(Double(target.rawValue) / 1e9 / yearly * strength, of: books.equity)
        case .kelly(let cap, let atLeast):
            let most = Double(cap.rawValue) / 1e9
            let results = books.results
            // Until there is evidence the cap is all that is known.
            let fraction = results.count < atLeast ? most : min(most, max(0, results.kelly ?? most))
            return Self.budget(fraction * strength, of: books.equity)
        }
    }

    /// Units that lose no more than `budget` when the price moves by `width`, in price units times
    /// 10^9.
    private func units(
        losing budget: Money, over width: Int128, _ instrument: InstrumentID,
        _ books: borrowing Books
    ) -> Size {
        let id = Int(instrument)
        guard width > 0 else { return .refused(.badPrice) }
        guard let money = books.fromBase(budget, of: instrument) else { return .refused(.noPrice) }
        let (risk, overflow) = (Int128(max(0, money.rawValue)) * Self.billion)
            .multipliedReportingOverflow(by: Int128(scales[id].denominator))
        let (loss, tooLarge) = width.multipliedReportingOverflow(by: Int128(scales[id].numerator))
        guard !overflow, !tooLarge, let units = Int64(exactly: risk / loss) else {
            return .refused(.overflow)
        }
        return .units(Quantity(units - units % lots[id]))
    }

    private func units(_ quantity: Double, _ instrument: InstrumentID) -> Size {
        let id = Int(instrument)
        let exponent = quantityExponents[id]
        let scaled =
            exponent <= 0
            ? quantity * PowerOfTen.double(-exponent) : quantity / PowerOfTen.double(exponent)
        guard scaled.magnitude <= DecimalScale.largestCount else { return .refused(.overflow) }
        // What the double's own rounding left below a whole unit is that unit.
        let nearest = scaled.rounded(.toNearestOrEven)
        let isWhole = (scaled - nearest).magnitude <= scaled.magnitude * 0x1p-48
        let units = Int64(isWhole ? nearest : scaled.rounded(.down))
        return .units(Quantity(units - units % lots[id]))
    }

    /// A share of an amount, cut toward minus infinity.
    private static func part(_ share: Rate, of amount: Money) -> Money {
        if share == .one { return amount }
        let product = Int128(amount.rawValue) * Int128(share.rawValue)
        return Money(Rounding.floor.quotient(product, billion) ?? Books.largestAmount)
    }

    private static func budget(_ share: Double, of equity: Money) -> Size {
        let amount = (share * Double(equity.rawValue)).rounded(.down)
        guard amount.magnitude <= Double(Books.largestAmount / 2) else {
            return .refused(.overflow)
        }
        return .budget(Money(Int64(amount)))
    }

    /// How far the stop is, in price units times 10^9; nil while bars are missing or the number is
    /// too large.
    private static func width(
        _ distance: StopDistance, _ stop: Price?, _ price: Price, _ instrument: InstrumentID,
        _ exponents: ContiguousArray<Int>, _ statistics: borrowing BarStatistics
    ) -> Int128? {
        if let stop {
            let width = Int128(price.rawValue) - Int128(stop.rawValue)
            return Int128(width.magnitude) * billion
        }
        return distance.width(
            at: price, exponent: exponents[Int(instrument)], instrument, statistics)
    }
}

extension StopDistance {
    /// The distance from a price, in price units times 10^9; nil while bars are missing or it does
    /// not fit.
    func width(
        at price: Price, exponent: Int, _ instrument: InstrumentID,
        _ statistics: borrowing BarStatistics
    ) -> Int128? {
        switch self {
        case .percent(let rate): return Int128(price.rawValue.magnitude) * Int128(rate.rawValue)
        case .amount(let perBillion):
            if exponent <= 0 { return Int128(perBillion) * PowerOfTen.wide(-exponent) }
            return Int128(perBillion) / PowerOfTen.wide(exponent)
        case .averageTrueRange(let multiple, let window):
            guard let range = statistics.averageTrueRange(instrument, window: window) else {
                return nil
            }
            let width = multiple * range * 1e9
            return width.magnitude < 0x1p96 ? Int128(width.rounded(.toNearestOrEven)) : nil
        }
    }
}
