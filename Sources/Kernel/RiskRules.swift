package import Market

/// One portfolio's limits, and what has to be remembered to watch them. It says what was broken and
/// never acts.
///
/// Loss limits are broken at the limit, not only beyond it. Each acts once: drawdown again after a
/// new peak, daily loss on the next day, a losing streak after as many losses more.
package struct RiskRules: ~Copyable {
    /// Never set: a struct with a weak reference is handed on by its address, not copied to every
    /// method that asks.
    private weak var anchor: AnyObject?
    let settings: RiskSettings
    let instruments: ContiguousArray<Listed>
    /// Equity when the session, or the UTC day, began.
    package internal(set) var dayEquity: Money
    /// The last daily loss acted already.
    var hasActedToday = false
    /// The peak whose drawdown acted already.
    var actedPeak: Money?
    /// Round trips closed when a losing streak last acted.
    var actedTrips = 0
    var limits: LossLimits
    var room = EquityRoom()
    var exits: ContiguousArray<PositionExits>
    var sessions: SessionHistory
    /// Times of the orders accepted last, as a ring; empty without a limit.
    var orderTimes: ContiguousArray<Int64>
    var nextOrderTime = 0

    /// An instrument's limits in its units.
    struct Listed: Hashable, Sendable {
        let scale: ValueScale
        let priceExponent: Int
        let lot: Int64
        /// Of the position, in quantity units.
        let largest: Int64
        let zone: ZoneRules
    }

    package init(settings: PortfolioSettings, instruments: [Instrument]) {
        self.settings = settings.risk
        self.instruments = ContiguousArray(instruments.map { Listed($0, settings.risk) })
        dayEquity = settings.cash
        limits = LossLimits(settings.risk)
        limits.startDay(settings.cash)
        exits = ContiguousArray(repeating: PositionExits(), count: instruments.count)
        sessions = SessionHistory(settings, instruments)
        orderTimes = ContiguousArray(repeating: .min, count: settings.risk.maxOrdersPerSecond ?? 0)
    }

    /// No rule has to be looked at after marks.
    package var isIdleOnMarks: Bool {
        settings.maxDailyLoss == nil && settings.maxDrawdown == nil
            && settings.maxConsecutiveLosses == nil
            && settings.stopLoss == nil && settings.takeProfit == nil && settings.maxHolding == nil
    }

    /// A session, or a UTC day, begins.
    package mutating func startDay(_ books: borrowing Books) {
        dayEquity = books.equity
        limits.startDay(dayEquity)
        hasActedToday = false
    }

    func breach(
        _ rule: RiskSettings.Rule, _ reason: Reason, of instrument: InstrumentID = .max,
        _ measured: Double,
        over allowed: Double
    ) -> RiskBreach {
        RiskBreach(
            rule: rule, action: settings.action(for: rule), reason: reason, instrument: instrument,
            measured: measured, allowed: allowed)
    }
}

extension RiskRules.Listed {
    init(_ instrument: Instrument, _ risk: RiskSettings) {
        scale = ValueScale(instrument)
        priceExponent = instrument.priceExponent
        lot = max(1, instrument.quantityStep.rawValue)
        if let limit = risk.maxPositionQuantity {
            let exponent = instrument.quantityExponent
            let units =
                exponent <= 0
                ? limit * PowerOfTen.double(-exponent) : limit / PowerOfTen.double(exponent)
            // The double's own rounding does not take a unit away.
            largest =
                units < DecimalScale.largestCount
                ? Int64((units * (1 + 0x1p-50)).rounded(.down)) : .max
        } else {
            largest = .max
        }
        zone = (try? TradingCalendar.named(instrument.calendar))?.zone ?? .utc
    }
}
