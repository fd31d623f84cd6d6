/// Figures of some trades. Money is in the account's currency, net of costs where not said
/// otherwise.
///
/// A figure is nil where it has no meaning: a mean of nothing, a factor without a loss.
package struct TradeGroup: Hashable, Sendable {
    package private(set) var trades = 0
    package private(set) var wins = 0
    package private(set) var losses = 0
    package private(set) var net = 0.0
    /// Sums of the winning and of the losing trades, the latter as a positive number.
    package private(set) var grossProfit = 0.0
    package private(set) var grossLoss = 0.0
    package private(set) var costs = 0.0
    package private(set) var barsHeld = 0
    /// The largest and the least result, whatever their signs.
    package private(set) var largestWin: Double?
    package private(set) var largestLoss: Double?
    package private(set) var longestWins = 0
    package private(set) var longestLosses = 0
    private var winsInRow = 0
    private var lossesInRow = 0

    init() {}

    /// In the order in which they ended.
    mutating func add(_ trade: TradeOutcome) {
        let net = trade.net
        trades += 1
        self.net += net
        costs += trade.costs
        barsHeld += trade.bars
        wins += net > 0 ? 1 : 0
        losses += net < 0 ? 1 : 0
        grossProfit += max(net, 0)
        grossLoss += max(-net, 0)
        largestWin = max(largestWin ?? net, net)
        largestLoss = min(largestLoss ?? net, net)
        winsInRow = net > 0 ? winsInRow + 1 : 0
        lossesInRow = net < 0 ? lossesInRow + 1 : 0
        longestWins = max(longestWins, winsInRow)
        longestLosses = max(longestLosses, lossesInRow)
    }

    /// Of all trades, those that came out even included.
    package var winRate: Double? { quotient(Double(wins), Double(trades)) }
    /// Sum won / sum lost; nil without a loss.
    package var profitFactor: Double? { quotient(grossProfit, grossLoss) }
    /// Mean result of a trade.
    package var expectancy: Double? { quotient(net, Double(trades)) }
    package var averageWin: Double? { quotient(grossProfit, Double(wins)) }
    /// Negative.
    package var averageLoss: Double? { quotient(-grossLoss, Double(losses)) }
    /// Average win / average loss, both as positive numbers; nil unless there are both.
    package var payoffRatio: Double? {
        wins > 0 ? quotient(averageWin, averageLoss.map { -$0 }) : nil
    }
    /// p - (1 - p) / payoff ratio with p the win rate. Kelly 1956.
    package var kelly: Double? {
        guard let p = winRate, let odds = quotient(1 - p, payoffRatio) else { return nil }
        return p - odds
    }
    package var averageBars: Double? { quotient(Double(barsHeld), Double(trades)) }

    /// The table, with the names that these figures have in JSON.
    package var lines: [MetricLine] {
        [
            .init("trades", "Trades", .count, Double(trades), "round trips, closed"),
            .init("wins", "Winning trades", .count, Double(wins), "net above zero"),
            .init("losses", "Losing trades", .count, Double(losses), "net below zero"),
            .init("win_rate", "Win rate", .fraction, winRate, "of all trades"),
            .init("net_profit", "Net profit", .money, net, "of closed trades, after costs"),
            .init("gross_profit", "Sum of wins", .money, grossProfit, "after costs"),
            .init("gross_loss", "Sum of losses", .money, grossLoss, "after costs, positive"),
            .init("costs", "Costs", .money, costs, "of closed trades"),
            .init(
                "profit_factor_money", "Profit factor", .ratio, profitFactor,
                "sum of wins / sum of losses; undefined without a loss"),
            .init("expectancy_money", "Expectancy", .money, expectancy, "mean net per trade"),
            .init("avg_win", "Average win", .money, averageWin, "after costs"),
            .init("avg_loss", "Average loss", .money, averageLoss, "after costs"),
            .init(
                "payoff_ratio", "Payoff ratio", .ratio, payoffRatio,
                "average win / average loss"),
            .init("kelly", "Kelly fraction", .fraction, kelly, "from win rate and payoff ratio"),
            .init("largest_win", "Largest result", .money, largestWin, "after costs"),
            .init("largest_loss", "Least result", .money, largestLoss, "after costs"),
            .init(
                "max_consecutive_wins", "Longest winning streak", .count, Double(longestWins),
                "trades in order of exit"),
            .init(
                "max_consecutive_losses", "Longest losing streak", .count, Double(longestLosses),
                "trades in order of exit"),
            .init("avg_bars_held", "Average bars held", .ratio, averageBars, "per trade"),
        ]
    }
}
