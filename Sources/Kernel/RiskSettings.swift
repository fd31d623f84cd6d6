package import Market

/// How a strength becomes a quantity, where the strategy leaves the size to the operator.
package enum Sizing: Hashable, Sendable, Codable {
    case fixedQuantity(Double)
    case fixedCash(Money)
    case percentOfEquity(Rate)
    /// Loses `risk` of equity if the stop is hit; the stop comes from the ticket, else from `stop`.
    case riskPerTrade(risk: Rate, stop: StopDistance)
    /// Scales the position so that its yearly volatility is `target`; deviation over `window` bars.
    case volatilityTarget(target: Rate, window: Int)
    /// The Kelly fraction of the portfolio's own closed round trips, capped.
    case kelly(cap: Rate, atLeast: Int)
}

/// How far a stop is from the entry.
package enum StopDistance: Hashable, Sendable, Codable {
    case percent(Rate)
    /// In the instrument's currency per unit, as text's exact value times `10^9`.
    case amount(perBillion: Int64)
    /// A multiple of the average true range over `window` bars.
    case averageTrueRange(multiple: Double, window: Int)
}

/// The limits of one portfolio. Nil means no limit.
package struct RiskSettings: Hashable, Sendable, Codable {
    /// What a breach does.
    package enum Action: String, Hashable, Sendable, Codable, CaseIterable {
        /// The order is refused; of a rule that looks at results, every order that opens, as long
        /// as it is broken.
        case reject
        /// Positions are closed (of a rule about one position, that one), and trading goes on.
        case flatten
        /// Positions are closed, and nothing new is opened until the next session.
        case pauseUntilNextSession = "pause_until_next_session"
        /// Positions are closed, and trading is over.
        case disable
        /// Of the maintenance margin: whole positions are closed, the largest first, until equity
        /// covers the rest.
        case reduce
    }
    /// Every rule that can be breached; the raw value is its key in the configuration.
    package enum Rule: String, Hashable, Sendable, Codable, CaseIterable {
        case maxPositionQuantity = "max_position_quantity"
        case maxPositionNotional = "max_position_notional"
        case maxPositionSize = "max_position_size"
        case maxPositions = "max_positions"
        case maxOrdersPerSecond = "max_orders_per_second"
        case maxOrderNotional = "max_order_notional"
        case maxGrossExposure = "max_gross_exposure"
        case maxNetExposure = "max_net_exposure"
        case maxLeverage = "max_leverage"
        case maintenanceMargin = "maintenance_margin"
        case maxDailyLoss = "max_daily_loss"
        case maxDrawdown = "max_drawdown"
        case maxConsecutiveLosses = "max_consecutive_losses"
        case minSharpe = "min_sharpe"
        case minReturn = "min_return"
        case maxLag = "max_lag_behind_benchmark"
        case stopLoss = "stop_loss"
        case takeProfit = "take_profit"
        case maxHolding = "max_holding"
        case tradingWindow = "trading_windows"
    }
    /// Equity performance over the last `window` sessions against a floor.
    package struct PerformanceFloor: Hashable, Sendable, Codable {
        package var floor: Double
        package var window: Int
        package init(floor: Double, window: Int) { self.floor = floor; self.window = window }
    }
    /// A span of local time of the instrument's calendar in which orders are accepted, in seconds
    /// of the day.
    package struct TradingWindow: Hashable, Sendable, Codable {
        package var opens: Int
        package var closes: Int
        package init(opens: Int, closes: Int) { self.opens = opens; self.closes = closes }
    }

    package var maxPositionQuantity: Double?
    package var maxPositionNotional: Money?
    /// Share of equity.
    package var maxPositionSize: Rate?
    package var maxPositions: Int?
    package var maxOrdersPerSecond: Int?
    package var maxOrderNotional: Money?
    /// Shares of equity.
    package var maxGrossExposure: Rate?
    package var maxNetExposure: Rate?
    package var maxLeverage: Rate?
    /// Share of the positions' worth that equity must be.
    package var maintenanceMargin: Rate?
    package var maxDailyLoss: Rate?
    package var maxDrawdown: Rate?
    package var maxConsecutiveLosses: Int?
    package var minSharpe: PerformanceFloor?
    package var minReturn: PerformanceFloor?
    package var maxLag: PerformanceFloor?
    package var stopLoss: StopDistance?
    package var takeProfit: StopDistance?
    /// Nanoseconds.
    package var maxHolding: Int64?
    package var tradingWindows: [TradingWindow] = []
    /// What a breach does where it is not the rule's own; the last one of a rule counts.
    package var actions: [RuleAction] = []

    package struct RuleAction: Hashable, Sendable, Codable {
        package var rule: Rule
        package var action: Action
        package init(rule: Rule, action: Action) { self.rule = rule; self.action = action }
    }

    package init() {}

    /// What a breach of a rule does.
    package func action(for rule: Rule) -> Action {
        actions.last { $0.rule == rule }?.action ?? rule.usualAction
    }
}

extension RiskSettings.Rule {
    /// What a breach does unless the settings say otherwise.
    package var usualAction: RiskSettings.Action {
        switch self {
        case .maxPositionQuantity, .maxPositionNotional, .maxPositionSize, .maxPositions,
            .maxOrdersPerSecond,
            .maxOrderNotional, .maxGrossExposure, .maxNetExposure, .maxLeverage, .tradingWindow:
            .reject
        case .stopLoss, .takeProfit, .maxHolding: .flatten
        case .maintenanceMargin: .reduce
        case .maxDailyLoss, .maxConsecutiveLosses: .pauseUntilNextSession
        case .maxDrawdown, .minSharpe, .minReturn, .maxLag: .disable
        }
    }
}

/// All that one portfolio is made of.
package struct PortfolioSettings: Hashable, Sendable, Codable {
    package enum Lots: String, Hashable, Sendable, Codable, CaseIterable { case average, fifo }
    /// What happens to money of a currency that is not the portfolio's own.
    package enum ForeignCash: String, Hashable, Sendable, Codable, CaseIterable {
        /// Changed at every fill, at the last rate.
        case convertAtFill = "convert_at_fill"
        /// Kept; equity counts it at the last rate.
        case hold
    }
    /// How often equity is sampled for curves and metrics; drawdown is always exact.
    package enum EquitySampling: String, Hashable, Sendable, Codable, CaseIterable {
        /// After the last event of every time stamp.
        case bar
        /// At every session's close (24/7: at UTC midnight).
        case session
    }

    package var cash: Money
    package var currency: Currency
    package var execution = ExecutionSettings()
    /// One per instrument of the run, by its id.
    package var commissions: [CommissionSettings]
    package var sizing: Sizing = .percentOfEquity(.one)
    package var risk = RiskSettings()
    package var lots: Lots = .average
    package var foreignCash: ForeignCash = .convertAtFill
    package var allowShort = false
    /// Equity times this is what positions may be worth; one is a cash account.
    package var leverage: Rate = .one
    /// Shrink an order that buying power does not cover instead of refusing it.
    package var partial = false
    package var equitySampling: EquitySampling = .session
    package var seed: UInt64 = 0
    /// One per instrument of the run, by its id; empty where nothing is charged for holding.
    package var carries: [CarrySettings] = []
    package var interest = InterestSettings()
    /// One per instrument of the run, by its id; empty where nothing takes any time.
    package var latencies: [LatencySettings] = []

    package init(cash: Money, currency: Currency, instrumentCount: Int) {
        self.cash = cash
        self.currency = currency
        commissions = Array(repeating: CommissionSettings(), count: instrumentCount)
    }
}
