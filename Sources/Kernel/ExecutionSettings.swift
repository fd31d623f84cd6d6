package import Market

/// How orders meet the market. The defaults are the house's; the others exist because a golden or a
/// user needs them.
package struct ExecutionSettings: Hashable, Sendable, Codable {
    /// When a market order fills.
    package enum Fill: String, Hashable, Sendable, Codable, CaseIterable {
        case nextOpen = "next_open"
        /// At the close of the bar that the strategy has just seen.
        case instant
    }
    /// What a limit needs: trading through its price, or only reaching it.
    package enum Touch: String, Hashable, Sendable, Codable, CaseIterable { case strict, loose }
    /// What is assumed about the path inside a bar.
    package enum Intrabar: String, Hashable, Sendable, Codable, CaseIterable {
        case pessimistic, optimistic, path
        /// Match on the finest time frame of the tape; where there is none finer, pessimistic (and
        /// counted).
        case detail
    }
    /// When protective exits start to work in relation to their entry's bar.
    package enum EntryBarExits: String, Hashable, Sendable, Codable, CaseIterable {
        case live
        /// Live inside the entry bar after a market entry, from the next bar after a stop or limit
        /// entry (after a stop entry the target alone may fill if the bar reaches it and not the
        /// stop).
        case marketOnly = "market_only"
        case nextBar = "next_bar"
    }
    /// Where an order stands among those that wait at its price.
    package enum Queue: String, Hashable, Sendable, Codable, CaseIterable {
        /// Nobody is before it: it fills when the other side reaches it, or a trade touches it as
        /// `touch` says.
        case front
        /// Behind all that the book showed when it came: it also fills when as much has traded
        /// there.
        case back
    }
    /// Whether a fill may be larger than what a quote or a level shows.
    package enum QuoteSize: String, Hashable, Sendable, Codable, CaseIterable {
        case respect, ignore
    }
    /// What a stop looks at between bars.
    package enum StopTrigger: String, Hashable, Sendable, Codable, CaseIterable {
        /// The last trade; bid and ask of an instrument whose trades are not told.
        case last
        /// The ask for a buy, the bid for a sale.
        case bidAsk = "bid_ask"
        /// What positions are marked at: halfway between bid and ask, or the last trade.
        case mark
    }
    package enum OutsideSession: String, Hashable, Sendable, Codable, CaseIterable {
        case rest, reject
    }
    package enum SlippageOn: String, Hashable, Sendable, Codable, CaseIterable { case all, entries }

    package enum Slippage: Hashable, Sendable, Codable {
        case none
        /// A number of price steps.
        case ticks(Int64)
        case proportional(Rate)
        /// A share of the bid-ask spread (quotes only).
        case spreadShare(Rate)
        /// `k * sigma * sqrt(quantity / bar volume)` of the price; sigma: deviation of bar returns
        /// over `window`.
        case volumeImpact(k: Double, window: Int)
    }

    package var fill: Fill = .nextOpen
    package var touch: Touch = .strict
    package var queue: Queue = .front
    package var quoteSize: QuoteSize = .respect
    package var stopTrigger: StopTrigger = .last
    package var intrabar: Intrabar = .pessimistic
    package var stopBeforeOpen = false
    package var entryBarExits: EntryBarExits = .live
    package var slippage: Slippage = .none
    package var slippageOn: SlippageOn = .all
    package var slippageWithinBar = false
    /// The largest share of a bar's volume that one portfolio may take; nil for no limit.
    package var volumeLimit: Rate?
    package var outsideSession: OutsideSession = .rest
    package var closeAtEnd = false

    package init() {}
}

/// What a fill costs. Amounts are in the instrument's currency.
package struct CommissionSettings: Hashable, Sendable, Codable {
    package enum Rounding: String, Hashable, Sendable, Codable, CaseIterable {
        case halfEven = "half_even", halfUp = "half_up", up
    }

    package var perTrade: Money = .zero
    /// Money per share, contract or coin.
    package var perUnit: Money = .zero
    /// Share of the traded value.
    package var rate: Rate = .zero
    /// Replace `rate` for fills that rested, and for those that took.
    package var maker: Rate?
    package var taker: Rate?
    package var minimum: Money?
    package var maximum: Money?
    /// The step that a fee is rounded to; zero for the money's own unit.
    package var step: Money = .zero
    package var rounding: Rounding = .halfEven
    /// Other rates once more has been traded within a month (UTC), by rising `from`.
    package var tiers: [Tier] = []

    package struct Tier: Hashable, Sendable, Codable {
        /// The value that this portfolio has traded in the instrument since the month began.
        package var from: Money
        package var rate: Rate
        package var maker: Rate?
        package var taker: Rate?
        package init(from: Money, rate: Rate, maker: Rate? = nil, taker: Rate? = nil) {
            self.from = from
            self.rate = rate
            self.maker = maker
            self.taker = taker
        }
    }

    package init() {}
}
