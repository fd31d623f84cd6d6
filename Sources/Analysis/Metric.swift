/// The figures of a return series, in the order they are printed.
///
/// r are the n returns, P the periods of a year, f the risk-free return of a period, equity starts
/// at 1. Where several conventions are in use they stand side by side. Definitions after quantstats
/// and empyrical where those two agree.
package enum Metric: Int, CaseIterable, Hashable, Sendable {
    /// n.
    case periods
    /// prod(1 + r) - 1.
    case totalReturn
    /// (1 + total)^(P/n) - 1; -1 after a total loss.
    case annualReturn
    /// (1 + total)^(365.25/days) - 1 over calendar days from the start capital to the last mark.
    case annualReturnByCalendar
    /// sum(r).
    case sumOfReturns
    /// mean(r).
    case meanReturn
    /// (1 + total)^(1/n) - 1.
    case geometricMeanReturn
    /// sd(r, n - 1) sqrt(P).
    case volatility

    /// mean(r - f) / sd(r - f, n - 1) sqrt(P). Sharpe 1994.
    case sharpe
    /// The same dividing by n.
    case sharpePopulation
    /// The same with f = 0.
    case sharpeWithoutRiskFree
    /// mean(r - f) / sqrt(sum(min(r - f, 0)^2) / n) sqrt(P), over ALL n periods. Sortino and Price
    /// 1994.
    case sortino
    /// mean(r - f) over the deviation (n - 1) of the negative r - f alone, sqrt(P).
    case sortinoOfNegatives
    /// sqrt(sum(min(r - f, 0)^2) / n) sqrt(P).
    case downsideDeviation
    /// Annual return by periods over the depth of the maximum drawdown. Young 1991.
    case calmar
    /// sum(max(r, 0)) / sum(max(-r, 0)). Keating and Shadwick 2002, at threshold zero.
    case omega

    /// min(equity / highest equity so far - 1), the start capital included.
    case maximumDrawdown
    case maximumDrawdownPeriodsToTrough
    case maximumDrawdownPeriodsToRecovery
    /// Mean depth of all falls below a high.
    case averageDrawdown
    /// How many falls there were, an open one included.
    case drawdownCount
    /// The most periods in a row below the high.
    case longestUnderwater
    /// The share of periods below the high.
    case timeUnderwater
    /// sqrt(sum(drawdown^2) / (n - 1)). Martin 1987, with n - 1 as quantstats has it.
    case ulcerIndex
    /// Total return over the depth of the maximum drawdown.
    case recoveryFactor
    /// sum(r) over it.
    case recoveryFactorOfSum
    /// |sum(r)| over it, as quantstats has it: never negative.
    case recoveryFactorOfAbsoluteSum

    /// Winning periods of those that were not zero.
    case winRate
    /// Winning periods of all.
    case winRateOfAll
    /// sum of wins / sum of losses; infinite without a loss.
    case profitFactor
    case averageWin
    case averageLoss
    /// Average win / average loss.
    case payoffRatio
    /// (b p - (1 - p)) / b with b the payoff ratio, p the win rate. Kelly 1956.
    case kelly
    case best
    case worst
    case longestWins
    case longestLosses

    /// Third standardised moment, bias-corrected.
    case skew
    /// Fourth, less 3, bias-corrected.
    case kurtosis
    /// The 5 % quantile (type 7) of r.
    case valueAtRiskHistorical
    /// mean + sd z with z the 5 % point of the normal distribution.
    case valueAtRiskNormal
    /// Mean of the floor(0.05 (n - 1)) + 1 worst.
    case shortfallOfWorst
    /// mean - sd phi(z) / 0.05.
    case shortfallNormal
    /// Mean of the returns below the normal value at risk.
    case shortfallBelowNormal
    /// Mean of the returns up to the historical value at risk.
    case shortfallBelowHistorical
    /// |95 % quantile| / |5 % quantile|.
    case tailRatio

    /// Periods with an open position, of all.
    case exposure
    /// Value of all purchases and sales a year over the mean equity.
    case turnover

    /// cov(r, b) / var(b), n - 1.
    case beta
    /// (mean(r) - beta mean(b)) P. Jensen 1968.
    case alphaSimple
    /// (1 + mean(r) - beta mean(b))^P - 1.
    case alphaCompound
    case correlation
    case rSquared
    /// sd(r - b, n - 1) sqrt(P).
    case trackingError
    /// mean(r - b) / sd(r - b, n - 1).
    case informationRatioPerPeriod
    /// The same times sqrt(P).
    case informationRatio
    /// Annual growth over the periods in which the benchmark rose, over the benchmark's own.
    case upCapture
    /// Likewise where it fell.
    case downCapture
    /// (total - annual risk-free rate) / beta, as quantstats has it. Treynor 1965.
    case treynor
}

/// A value for each metric, or none.
struct Figures: Hashable, Sendable {
    private var values = [Double?](repeating: nil, count: Metric.allCases.count)

    subscript(metric: Metric) -> Double? {
        get { values[metric.rawValue] }
        set { values[metric.rawValue] = newValue.flatMap { $0.isNaN ? nil : $0 } }
    }
}
