import Glibc

extension ReturnAccumulator {
    /// False without a period, without capital, and when any return was not finite.
    var isSound: Bool { periods > 0 && start > 0 && sum.total.isFinite && level.isFinite }

    var total: Double { level / start - 1 }

    private var count: Double { Double(periods) }
    private var mean: Double { sum.total / count }
    private var meanExcess: Double { mean - downside.riskFree }
    private var deviation: Double? { moments.deviation(ddof: 1) }
    private var rootOfYear: Double { sqrt(conventions.periodsPerYear) }
    private var depth: Double { -(drawdowns.worst.first?.depth ?? 0) }

    /// Growth of one `parts`-th of the whole time; a total loss stays one.
    private func growth(_ exponent: Double) -> Double {
        total > -1 ? pow(1 + total, exponent) - 1 : -1
    }

    private var annual: Double { growth(conventions.periodsPerYear / count) }

    func fillReturns(_ figures: inout Figures, elapsedDays: Double?) {
        figures[.totalReturn] = total
        figures[.annualReturn] = annual
        if let elapsedDays, elapsedDays > 0 {
            figures[.annualReturnByCalendar] = growth(365.25 / elapsedDays)
        }
        figures[.sumOfReturns] = sum.total
        figures[.meanReturn] = mean
        figures[.geometricMeanReturn] = growth(1 / count)
        figures[.volatility] = deviation.map { $0 * rootOfYear }
    }

    func fillRatios(_ figures: inout Figures) {
        func annualised(_ mean: Double, _ risk: Double?) -> Double? {
            perRisk(mean, risk).map { $0 * rootOfYear }
        }
        let below = sqrt(downside.squares / count)
        figures[.sharpe] = annualised(meanExcess, deviation)
        figures[.sharpePopulation] = annualised(meanExcess, moments.deviation(ddof: 0))
        figures[.sharpeWithoutRiskFree] = annualised(mean, deviation)
        figures[.sortino] = annualised(meanExcess, below)
        figures[.sortinoOfNegatives] = annualised(meanExcess, downside.deviationOfShortfalls)
        figures[.downsideDeviation] = below * rootOfYear
        figures[.calmar] = quotient(annual, depth)
        figures[.omega] = quotient(sides.won, -sides.lost)
    }

    func fillDrawdown(_ figures: inout Figures) {
        let worst = drawdowns.worst.first
        figures[.maximumDrawdown] = worst?.depth ?? 0
        figures[.maximumDrawdownPeriodsToTrough] = Double(worst?.periodsToTrough ?? 0)
        figures[.maximumDrawdownPeriodsToRecovery] =
            worst == nil ? 0 : worst?.periodsToRecovery.map(Double.init)
        figures[.averageDrawdown] = drawdowns.meanDepth
        figures[.drawdownCount] = Double(drawdowns.count)
        figures[.longestUnderwater] = Double(drawdowns.longestUnderwater)
        figures[.timeUnderwater] = Double(drawdowns.underwaterPeriods) / count
        figures[.ulcerIndex] = count > 1 ? sqrt(drawdowns.squares / (count - 1)) : nil
        figures[.recoveryFactor] = quotient(total, depth)
        figures[.recoveryFactorOfSum] = quotient(sum.total, depth)
        figures[.recoveryFactorOfAbsoluteSum] = quotient(abs(sum.total), depth)
    }

    func fillPeriods(_ figures: inout Figures) {
        let winRate = quotient(Double(sides.wins), Double(sides.wins + sides.losses))
        let payoff = sides.payoffRatio
        figures[.winRate] = winRate
        figures[.winRateOfAll] = Double(sides.wins) / count
        figures[.profitFactor] = sides.profitFactor
        figures[.averageWin] = sides.averageWin
        figures[.averageLoss] = sides.averageLoss
        figures[.payoffRatio] = payoff
        if let payoff, let winRate {
            figures[.kelly] = quotient(payoff * winRate - (1 - winRate), payoff)
        }
        figures[.best] = sides.best
        figures[.worst] = sides.worst
        figures[.longestWins] = Double(sides.longestWins)
        figures[.longestLosses] = Double(sides.longestLosses)
    }

    /// The 5 % point of the standard normal distribution, and its density there over 5 %.
    private static let normalPoint = -1.6448536269514722
    private static let normalShortfall = 2.0627128075074257

    func fillShape(_ figures: inout Figures) {
        figures[.skew] = moments.skew
        figures[.kurtosis] = moments.excessKurtosis
        if let deviation {
            figures[.valueAtRiskNormal] = mean + deviation * Self.normalPoint
            figures[.shortfallNormal] = mean - deviation * Self.normalShortfall
        }
    }

    func fillActivity(_ figures: inout Figures, _ activity: MarketActivity) {
        let meanEquity = levels / (count + 1)
        let years = count / conventions.periodsPerYear
        figures[.exposure] = Double(activity.periodsInMarket) / count
        figures[.turnover] = quotient(activity.tradedValue / years, meanEquity)
    }
}

extension ReturnTails {
    func fill(_ figures: inout Figures) {
        figures[.valueAtRiskHistorical] = lowQuantile
        figures[.shortfallOfWorst] = meanOfWorst
        figures[.shortfallBelowNormal] = meanBelowThreshold
        figures[.shortfallBelowHistorical] = meanUpToQuantile
        figures[.tailRatio] = quotient(highQuantile.map(abs), lowQuantile.map(abs))
    }
}
