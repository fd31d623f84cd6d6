/// How a metric is called and counted, and by which convention.
package struct MetricDefinition: Sendable {
    package enum Unit: String, Sendable, Codable {
        /// 0.01 is one per cent.
        case fraction
        /// A plain number.
        case ratio
        /// A number of periods, or of things.
        case count
        /// The account's currency.
        case money
    }

    /// Block of the table that it is printed in.
    package enum Group: String, CaseIterable, Sendable, Codable {
        case returns, ratios, drawdown, periods, shape, activity, benchmark, trades
    }

    let metric: Metric
    /// Its name in JSON and CSV.
    package let key: String
    /// Its name for people.
    package let label: String
    package let unit: Unit
    package let group: Group
    /// `{P}` stands for the periods of a year, `{rf}` for the risk-free rate.
    let convention: String

    init(
        _ metric: Metric, _ key: String, _ label: String, _ unit: Unit, _ group: Group,
        _ convention: String
    ) {
        self.metric = metric
        self.key = key
        self.label = label
        self.unit = unit
        self.group = group
        self.convention = convention
    }

    /// The convention with its numbers filled in.
    package func convention(_ used: MetricConventions) -> String {
        var text = ""
        var rest = convention[...]
        while let open = rest.firstIndex(of: "{"), let close = rest.firstIndex(of: "}") {
            text += rest[..<open]
            text +=
                rest[open...close] == "{P}"
                ? plain(used.periodsPerYear) : plain(used.riskFreeAnnual * 100) + " %"
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    private func plain(_ x: Double) -> String {
        let rounded = (x * 1e6).rounded() / 1e6
        return rounded == rounded.rounded() && rounded.magnitude < 1e15
            ? String(Int64(rounded)) : "\(rounded)"
    }
}

extension Metric {
    package var definition: MetricDefinition { Metric.definitions[rawValue] }

    /// The metric that `key` names.
    package init?(key: String) {
        guard let found = Metric.definitions.first(where: { $0.key == key }) else { return nil }
        self = found.metric
    }

    /// In the order of the cases.
    static let definitions: [MetricDefinition] =
        ofReturns + ofRatios + ofDrawdown + ofPeriods + ofShape + ofActivity + ofBenchmark

    private static let ofReturns = define(
        .returns,
        [
            (.periods, "periods", "Periods", .count, "returns in the series"),
            (.totalReturn, "total_return", "Total return", .fraction, "compound"),
            (
                .annualReturn, "cagr_by_periods", "Annual return", .fraction,
                "compound, by count of periods, {P} a year"
            ),
            (
                .annualReturnByCalendar, "cagr_by_calendar", "Annual return (calendar)", .fraction,
                "compound, by calendar days, 365.25 a year"
            ),
            (.sumOfReturns, "sum_of_returns", "Sum of returns", .fraction, "not compounded"),
            (.meanReturn, "mean_period_return", "Mean return", .fraction, "arithmetic, per period"),
            (
                .geometricMeanReturn, "geometric_mean_period_return", "Geometric mean return",
                .fraction,
                "per period"
            ),
            (
                .volatility, "volatility_annual", "Volatility", .fraction,
                "deviation (n-1) x sqrt({P})"
            ),
        ])

    private static let ofRatios = define(
        .ratios,
        [
            (
                .sharpe, "sharpe", "Sharpe ratio", .ratio,
                "mean excess / deviation (n-1) x sqrt({P}), risk-free {rf} a year"
            ),
            (
                .sharpePopulation, "sharpe_ddof0", "Sharpe ratio (population)", .ratio,
                "mean excess / deviation (n) x sqrt({P}), risk-free {rf} a year"
            ),
            (
                .sharpeWithoutRiskFree, "sharpe_rf0", "Sharpe ratio (no risk-free rate)", .ratio,
                "mean / deviation (n-1) x sqrt({P})"
            ),
            (
                .sortino, "sortino", "Sortino ratio", .ratio,
                "mean excess / root mean square loss of all periods x sqrt({P}), risk-free {rf} a year"
            ),
            (
                .sortinoOfNegatives, "sortino_std_of_negative_returns_only",
                "Sortino ratio (negatives only)", .ratio,
                "mean excess / deviation (n-1) of negative ones x sqrt({P}), risk-free {rf} a year"
            ),
            (
                .downsideDeviation, "downside_deviation_annual", "Downside deviation", .fraction,
                "root mean square loss of all periods x sqrt({P}), risk-free {rf} a year"
            ),
            (
                .calmar, "calmar", "Calmar ratio", .ratio,
                "annual return by periods ({P} a year) / maximum drawdown"
            ),
            (.omega, "omega_0", "Omega", .ratio, "gains / losses, threshold 0"),
        ])

    private static let ofDrawdown = define(
        .drawdown,
        [
            (
                .maximumDrawdown, "max_drawdown", "Maximum drawdown", .fraction,
                "of the highest equity before, start capital included"
            ),
            (
                .maximumDrawdownPeriodsToTrough, "max_drawdown_periods_peak_to_trough",
                "Peak to trough",
                .count, "periods"
            ),
            (
                .maximumDrawdownPeriodsToRecovery, "max_drawdown_periods_peak_to_recovery",
                "Peak to recovery", .count, "periods; none while not recovered"
            ),
            (
                .averageDrawdown, "average_drawdown", "Average drawdown", .fraction,
                "mean depth of all drawdowns"
            ),
            (.drawdownCount, "drawdown_count", "Drawdowns", .count, "an open one included"),
            (
                .longestUnderwater, "longest_underwater_periods", "Longest time under water",
                .count,
                "periods in a row below the high"
            ),
            (
                .timeUnderwater, "time_underwater", "Time under water", .fraction,
                "periods below the high / all"
            ),
            (
                .ulcerIndex, "ulcer_index_ddof1", "Ulcer index", .fraction,
                "root mean square drawdown (n-1)"
            ),
            (
                .recoveryFactor, "recovery_factor_compound", "Recovery factor", .ratio,
                "total return / maximum drawdown"
            ),
            (
                .recoveryFactorOfSum, "recovery_factor_sum", "Recovery factor (sum)", .ratio,
                "sum of returns / maximum drawdown"
            ),
            (
                .recoveryFactorOfAbsoluteSum, "recovery_factor_abs_sum",
                "Recovery factor (absolute sum)",
                .ratio, "absolute sum of returns / maximum drawdown"
            ),
        ])

    private static let ofPeriods = define(
        .periods,
        [
            (
                .winRate, "win_rate_nonzero", "Winning periods", .fraction,
                "of periods that were not zero"
            ),
            (
                .winRateOfAll, "win_rate_all", "Winning periods (of all)", .fraction,
                "of all periods"
            ),
            (
                .profitFactor, "profit_factor", "Profit factor (periods)", .ratio,
                "sum of wins / sum of losses"
            ),
            (.averageWin, "avg_win", "Average win", .fraction, "mean of positive returns"),
            (.averageLoss, "avg_loss", "Average loss", .fraction, "mean of negative returns"),
            (.payoffRatio, "payoff_ratio", "Payoff ratio", .ratio, "average win / average loss"),
            (.kelly, "kelly", "Kelly fraction", .fraction, "from payoff ratio and winning periods"),
            (.best, "best", "Best period", .fraction, "per period"),
            (.worst, "worst", "Worst period", .fraction, "per period"),
            (
                .longestWins, "max_consecutive_wins", "Longest winning streak", .count,
                "periods; a zero ends it"
            ),
            (
                .longestLosses, "max_consecutive_losses", "Longest losing streak", .count,
                "periods; a zero ends it"
            ),
        ])

    private static let ofShape = define(
        .shape,
        [
            (.skew, "skew", "Skew", .ratio, "bias-corrected"),
            (.kurtosis, "kurtosis_excess", "Kurtosis", .ratio, "excess, bias-corrected"),
            (
                .valueAtRiskHistorical, "var95_historical", "Value at risk 95 %", .fraction,
                "5 % quantile, interpolated, per period"
            ),
            (
                .valueAtRiskNormal, "var95_normal", "Value at risk 95 % (normal)", .fraction,
                "mean and deviation (n-1), per period"
            ),
            (
                .shortfallOfWorst, "cvar95_worst_floor", "Expected shortfall 95 %", .fraction,
                "mean of the worst floor(5 % of n-1) + 1, per period"
            ),
            (
                .shortfallNormal, "cvar95_normal", "Expected shortfall 95 % (normal)", .fraction,
                "mean and deviation (n-1), per period"
            ),
            (
                .shortfallBelowNormal, "cvar95_below_normal_var", "Mean below normal value at risk",
                .fraction, "per period"
            ),
            (
                .shortfallBelowHistorical, "cvar95_below_historical_var",
                "Mean below historical value at risk", .fraction, "per period"
            ),
            (.tailRatio, "tail_ratio", "Tail ratio", .ratio, "95 % quantile / 5 % quantile"),
        ])

    private static let ofActivity = define(
        .activity,
        [
            (.exposure, "exposure", "Exposure", .fraction, "periods with an open position / all"),
            (
                .turnover, "turnover_annual", "Turnover", .ratio,
                "purchases and sales a year ({P} periods) / mean equity"
            ),
        ])

    private static let ofBenchmark = define(
        .benchmark,
        [
            (.beta, "beta", "Beta", .ratio, "covariance / variance of the benchmark (n-1)"),
            (
                .alphaSimple, "alpha_annual_simple", "Alpha", .fraction,
                "per period x {P}, risk-free 0 %"
            ),
            (
                .alphaCompound, "alpha_annual_compound", "Alpha (compound)", .fraction,
                "compounded over {P} periods, risk-free 0 %"
            ),
            (.correlation, "correlation", "Correlation", .ratio, "Pearson"),
            (.rSquared, "r_squared", "R squared", .ratio, "correlation squared"),
            (
                .trackingError, "tracking_error_annual", "Tracking error", .fraction,
                "deviation (n-1) of active returns x sqrt({P})"
            ),
            (
                .informationRatioPerPeriod, "information_ratio_per_period",
                "Information ratio (per period)", .ratio, "mean / deviation (n-1) of active returns"
            ),
            (
                .informationRatio, "information_ratio_annual", "Information ratio", .ratio,
                "mean / deviation (n-1) of active returns x sqrt({P})"
            ),
            (
                .upCapture, "up_capture", "Up capture", .ratio,
                "annual growth ({P} a year) where the benchmark rose / its own"
            ),
            (
                .downCapture, "down_capture", "Down capture", .ratio,
                "annual growth ({P} a year) where the benchmark fell / its own"
            ),
            (
                .treynor, "treynor_total_return_over_beta", "Treynor ratio", .ratio,
                "(total return - {rf}) / beta"
            ),
        ])

    private typealias Row = (Metric, String, String, MetricDefinition.Unit, String)

    private static func define(
        _ group: MetricDefinition.Group, _ rows: [Row]
    ) -> [MetricDefinition] {
        rows.map { MetricDefinition($0.0, $0.1, $0.2, $0.3, group, $0.4) }
    }
}
