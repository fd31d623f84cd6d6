import Glibc

/// What annual figures were made with; printed beside them.
package struct MetricConventions: Hashable, Sendable, Codable {
    /// Periods of the series in a year, by the calendar: 252 for daily NYSE sessions, 365 for daily
    /// prices of a market that never shuts.
    package var periodsPerYear: Double
    /// Compound return of a year without risk: 0.02 is two per cent.
    package var riskFreeAnnual: Double

    package init(periodsPerYear: Double, riskFreeAnnual: Double) {
        self.periodsPerYear = periodsPerYear
        self.riskFreeAnnual = riskFreeAnnual
    }

    /// (1 + annual)^(1/P) - 1.
    package var riskFreePerPeriod: Double {
        riskFreeAnnual == 0 ? 0 : pow(1 + riskFreeAnnual, 1 / periodsPerYear) - 1
    }

    private enum CodingKeys: String, CodingKey {
        case periodsPerYear = "periods_per_year"
        case riskFreeAnnual = "risk_free_annual"
    }
}
