package import Analysis
package import Journal

/// What a run came to: everything that a report shows, and nothing that the journal has more of.
package struct RunResult: Hashable, Sendable, Codable {
    package var identity: RunIdentity
    package var status: RunStatus
    /// Of the first and the last event played; nil without an event.
    package var firstEvent: Moment?
    package var lastEvent: Moment?
    /// Events of the tape that were played, and bars that were built from them.
    package var events: Int
    package var lanes: Int
    /// Wall time of the playing alone; not part of any digest.
    package var seconds: Double
    package var digest: String
    package var slots: [SlotResult]
    /// Of the limits over all slots; nil where there are none.
    package var overall: OverallResult?
    /// Champions and challengers; nil where nothing is compared.
    package var comparisons: [ComparisonResult]?
    /// The digest of the recording; nil where none was made.
    package var recording: String?

    private enum CodingKeys: String, CodingKey {
        case identity, status, events, lanes, seconds, digest, slots, overall, comparisons,
            recording
        case firstEvent = "first_event"
        case lastEvent = "last_event"
    }
}

/// What one slot came to. Money is in the portfolio's currency, prices are in the instrument's.
package struct SlotResult: Hashable, Sendable, Codable {
    package struct Plugin: Hashable, Sendable, Codable {
        package var id: String
        package var name: String
        package var version: String
        package var digest: String
        package var path: String
    }

    /// Why its strategy was called no more.
    package struct FaultReport: Hashable, Sendable, Codable {
        package var message: String
        /// The event that it was at; nil outside of events.
        package var sequence: UInt64?
        package var time: Moment?
    }

    package struct Account: Hashable, Sendable, Codable {
        package var initial: Double
        package var equity: Double
        package var cash: Double
        package var realised: Double
        package var unrealised: Double
        package var fees: Double
        package var income: Double
        /// The deepest fall from a peak as seen at every event: exact, unlike one read from
        /// samples.
        package var drawdown: Double
        /// What changes of exchange rates brought, and cash that is held in other currencies; nil
        /// with one currency.
        package var currencyResult: Double?
        package var foreignCash: [Holding]?

        private enum CodingKeys: String, CodingKey {
            case initial, equity, cash, realised, unrealised, fees, income, drawdown
            case currencyResult = "currency_result"
            case foreignCash = "foreign_cash"
        }
    }

    /// Cash of one currency, in its own money.
    package struct Holding: Hashable, Sendable, Codable {
        package var currency: String
        package var cash: Double
    }

    package struct Position: Hashable, Sendable, Codable {
        package var symbol: String
        package var quantity: Double
        package var averagePrice: Double
        package var mark: Double
        package var value: Double
        package var unrealised: Double

        private enum CodingKeys: String, CodingKey {
            case symbol, quantity, mark, value, unrealised
            case averagePrice = "average_price"
        }
    }

    package struct Counts: Hashable, Sendable, Codable {
        package var orders = 0
        package var rejected = 0
        package var fills = 0
        /// Fills where more than one outcome was possible inside the bar.
        package var ambiguousFills = 0
        /// In so many bars.
        package var ambiguousBars = 0
        /// At prices from before the event that they were booked at.
        package var staleFills = 0
        /// Of data that show no size or volume, or hardly more than the fill.
        package var thinFills = 0
        /// With `intrabar: detail`, bars of which no shorter ones were there; nil else.
        package var barsWithoutDetail: Int?
        package var roundTrips = 0
        package var breaches = 0
        package var equitySamples = 0

        private enum CodingKeys: String, CodingKey {
            case orders, rejected, fills, breaches
            case ambiguousFills = "ambiguous_fills"
            case ambiguousBars = "ambiguous_bars"
            case staleFills = "stale_fills"
            case thinFills = "thin_fills"
            case barsWithoutDetail = "bars_without_detail"
            case roundTrips = "round_trips"
            case equitySamples = "equity_samples"
        }
    }

    /// What moved cash beside trades and their fees.
    package struct LedgerTotal: Hashable, Sendable, Codable {
        package var kind: String
        package var lines: Int
        package var amount: Double
        package var currency: String
    }

    package struct ReasonCount: Hashable, Sendable, Codable {
        package var reason: String
        package var count: Int
    }

    package struct Breach: Hashable, Sendable, Codable {
        package var time: Moment
        package var rule: String
        package var action: String
        package var measured: Double
        package var allowed: Double
    }

    package struct ExitReason: Hashable, Sendable, Codable {
        package var reason: String
        package var trades: Int
        package var net: Double
        package var winRate: Double?

        private enum CodingKeys: String, CodingKey {
            case reason, trades, net
            case winRate = "win_rate"
        }
    }

    package struct Point: Hashable, Sendable, Codable {
        package var time: Moment
        package var equity: Double
    }

    /// The return of one period, by its end.
    package struct Period: Hashable, Sendable, Codable {
        package var time: Moment
        package var value: Double
    }

    /// One fall of the sampled equity below its high.
    package struct Fall: Hashable, Sendable, Codable {
        package var depth: Double
        package var peak: Moment
        package var trough: Moment
        /// Nil while it is not back at the high.
        package var recovery: Moment?
        /// From the high to the way back, or to the end.
        package var periods: Int
    }

    /// Buying and holding one instrument over the same time.
    package struct Benchmark: Hashable, Sendable, Codable {
        package var symbol: String
        package var totalReturn: Double

        private enum CodingKeys: String, CodingKey {
            case symbol
            case totalReturn = "total_return"
        }
    }

    package var name: String
    package var plugin: Plugin
    package var parameters: String
    package var symbols: [String]
    package var timeframes: [String]
    package var currency: String
    /// Some of what it traded was made by a generator.
    package var isSynthetic: Bool
    package var fault: FaultReport?
    package var account: Account
    package var positions: [Position]
    package var counts: Counts
    package var ledger: [LedgerTotal]
    /// Most frequent first.
    package var rejections: [ReasonCount]
    /// The first of them.
    package var breaches: [Breach]
    /// `session` or `bar`: what a period of the metrics is.
    package var sampling: String
    package var assumptions: [Assumption]
    package var conventions: MetricConventions
    package var metrics: [FigureLine]
    package var trades: [FigureLine]
    package var long: [FigureLine]
    package var short: [FigureLine]
    package var exitReasons: [ExitReason]
    package var months: CalendarReturns
    /// Deepest first.
    package var falls: [Fall]
    /// Highest first, and lowest first.
    package var bestPeriods: [Period]
    package var worstPeriods: [Period]
    package var distribution: ReturnDistribution
    package var benchmark: Benchmark?
    /// At most some hundred points of the equity samples, the first and the last among them.
    package var curve: [Point]
    package var digest: String
    /// It counts in no sum and no limit over all slots; nil for one that does.
    package var shadow: Bool?
    /// Nil for a strategy.
    package var ensemble: EnsembleResult?

    private enum CodingKeys: String, CodingKey {
        case shadow, ensemble
        case name, plugin, parameters, symbols, timeframes, currency, fault, account, positions,
            counts, ledger
        case rejections, breaches, sampling, assumptions, conventions, metrics, trades, long, short,
            months, falls
        case distribution, benchmark, curve, digest
        case bestPeriods = "best_periods"
        case worstPeriods = "worst_periods"
        case isSynthetic = "is_synthetic"
        case exitReasons = "exit_reasons"
    }
}
