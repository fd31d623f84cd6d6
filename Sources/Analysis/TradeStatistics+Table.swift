extension TradeStatistics {
    /// Every figure of all trades in order, each with its convention.
    package var lines: [MetricLine] { all.lines + accountLines + excursionLines }

    private var accountLines: [MetricLine] {
        [
            .init(
                "sqn", "System quality", .ratio, systemQuality,
                "sqrt(n) x mean / deviation (n-1) of net results"),
            .init(
                "max_drawdown_money", "Maximum drawdown", .money, drawdownMoney,
                "below the highest mark before"),
            .init(
                "max_drawdown_fraction", "Maximum drawdown", .fraction, drawdownFraction,
                "below the highest mark before, positive"),
            .init(
                "recovery_factor_money", "Recovery factor", .ratio, recoveryFactor,
                "net profit of closed trades / maximum drawdown in money"),
            .init(
                "bars_in_market", "Bars in market", .count, Double(barsInMarket),
                "entry to exit, both included"),
            .init("exposure_of_bars", "Exposure", .fraction, exposure, "bars in market / all"),
            .init("long_trades", "Long trades", .count, Double(long.trades), "closed"),
            .init("short_trades", "Short trades", .count, Double(short.trades), "closed"),
        ]
    }

    private var excursionLines: [MetricLine] {
        let found = excursions
        return [
            .init(
                "avg_worst_excursion", "Average worst moment", .money, found.averageWorst,
                "unrealised, per trade"),
            .init(
                "avg_worst_excursion_of_wins", "Average worst moment of wins", .money,
                found.averageWorstOfWins, "unrealised, per winning trade"),
            .init(
                "deepest_worst_excursion", "Worst moment of all", .money, found.deepestWorst,
                "unrealised"),
            .init(
                "avg_best_excursion", "Average best moment", .money, found.averageBest,
                "unrealised, per trade"),
            .init(
                "avg_best_excursion_of_losses", "Average best moment of losses", .money,
                found.averageBestOfLosses, "unrealised, per losing trade"),
            .init(
                "highest_best_excursion", "Best moment of all", .money, found.highestBest,
                "unrealised"),
            .init(
                "edge_ratio", "Edge ratio", .ratio, found.edgeRatio,
                "average best / average worst moment"),
        ]
    }
}

/// As JSON: `figures`, `long`, `short` by key with value, unit and convention; `by_exit_reason`.
extension TradeStatistics: Encodable {
    private enum CodingKeys: String, CodingKey {
        case figures, long, short
        case byExitReason = "by_exit_reason"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(StoredFigures(lines), forKey: .figures)
        try container.encode(StoredFigures(long.lines), forKey: .long)
        try container.encode(StoredFigures(short.lines), forKey: .short)
        try container.encode(byExitReason, forKey: .byExitReason)
    }
}

extension TradeStatistics.ExitReason: Encodable {
    private enum CodingKeys: String, CodingKey {
        case reason, figures
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(reason, forKey: .reason)
        try container.encode(StoredFigures(group.lines), forKey: .figures)
    }
}
