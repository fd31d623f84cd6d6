import Market

/// What the rules that look at the mark ask of every event that is not quiet, made ready for it:
/// the settings are large, and few events break anything.
struct LossLimits: Hashable, Sendable {
    /// Nil where there is no such limit, or where it only refuses orders.
    private let drawdown: Rate?
    private let dailyLoss: Rate?
    private let losses: Int?
    /// The share of exposure that equity must not fall below.
    let margin: Rate?
    /// Positions are closed at prices or after a time of their own.
    let watchesExits: Bool
    /// Orders are checked against something.
    let checksOrders: Bool

    /// The equity at which the drawdown from `peak`, and the day's loss, reach their limits.
    private var peak = Int64.min
    private var drawdownFloor = Int64.min
    private(set) var dailyFloor = Int64.min

    init(_ settings: RiskSettings) {
        func acts(_ rule: RiskSettings.Rule) -> Bool { settings.action(for: rule) != .reject }
        drawdown = acts(.maxDrawdown) ? settings.maxDrawdown : nil
        dailyLoss = acts(.maxDailyLoss) ? settings.maxDailyLoss : nil
        margin = settings.maintenanceMargin
        losses = acts(.maxConsecutiveLosses) ? settings.maxConsecutiveLosses : nil
        watchesExits =
            settings.stopLoss != nil || settings.takeProfit != nil || settings.maxHolding != nil
        var onOrders = settings
        onOrders.stopLoss = nil
        onOrders.takeProfit = nil
        onOrders.maxHolding = nil
        if acts(.maxDrawdown) { onOrders.maxDrawdown = nil }
        if acts(.maxDailyLoss) { onOrders.maxDailyLoss = nil }
        if acts(.maxConsecutiveLosses) { onOrders.maxConsecutiveLosses = nil }
        onOrders.actions = []
        checksOrders = onOrders != RiskSettings()
    }

    var watchesDrawdown: Bool { drawdown != nil }

    /// There is a limit on equity.
    var watchesEquity: Bool { drawdown != nil || dailyLoss != nil || margin != nil }

    mutating func startDay(_ equity: Money) {
        dailyFloor = dailyLoss.flatMap { RiskRules.floor(equity, $0) }?.rawValue ?? .min
    }

    /// Whether a look at the rules could find something broken.
    @inline(__always)
    mutating func mayBeBroken(_ books: borrowing Books) -> Bool {
        if watchesExits { return true }
        let equity = books.equity.rawValue
        if drawdown != nil, equity <= floor(of: books.drawdown.peak.rawValue) { return true }
        if equity <= dailyFloor { return true }
        guard let losses else { return false }
        return books.results.losingStreak >= losses
    }

    /// The floor under a peak, computed once for each.
    @inline(__always)
    mutating func floor(of peak: Int64) -> Int64 {
        if peak != self.peak {
            self.peak = peak
            drawdownFloor = drawdown.flatMap { RiskRules.floor(Money(peak), $0) }?.rawValue ?? .min
        }
        return drawdownFloor
    }
}
