package import Market

/// Rules that look at the mark.
extension RiskRules {
    /// The next limit that is broken now; nil when there is none left. To be asked after every event that is not
    /// quiet, until it answers nil; each breach is told once.
    package mutating func nextBreach(_ books: borrowing Books, at time: Timestamp) -> RiskBreach? {
        if let found = drawdown(books), found.action != .reject, actedPeak != books.drawdown.peak {
            actedPeak = books.drawdown.peak
            return found
        }
        if let found = dailyLoss(books), found.action != .reject, !hasActedToday {
            hasActedToday = true
            return found
        }
        if let found = losingStreak(books), found.action != .reject {
            actedTrips = books.results.count
            return found
        }
        return nextExit(books, at: time)
    }

    func drawdown(_ books: borrowing Books) -> RiskBreach? {
        guard let limit = settings.maxDrawdown, let floor = Self.floor(books.drawdown.peak, limit),
            books.equity <= floor
        else { return nil }
        return breach(
            .maxDrawdown, .risk, books.drawdown.fall(to: books.equity), over: Double(limit.rawValue) / 1e9)
    }

    func dailyLoss(_ books: borrowing Books) -> RiskBreach? {
        guard let limit = settings.maxDailyLoss, let floor = Self.floor(dayEquity, limit), books.equity <= floor
        else { return nil }
        let loss = Double(dayEquity.rawValue) - Double(books.equity.rawValue)
        return breach(
            .maxDailyLoss, .risk, loss / Double(dayEquity.rawValue), over: Double(limit.rawValue) / 1e9)
    }

    func losingStreak(_ books: borrowing Books) -> RiskBreach? {
        guard let limit = settings.maxConsecutiveLosses else { return nil }
        let streak = min(books.results.losingStreak, books.results.count - actedTrips)
        guard streak >= limit else { return nil }
        return breach(.maxConsecutiveLosses, .risk, Double(streak), over: Double(limit))
    }

    /// The highest equity at which a loss of `limit` from `start` is reached; nil where there is nothing to lose.
    static func floor(_ start: Money, _ limit: Rate) -> Money? {
        guard start > .zero else { return nil }
        let rest = Int128(start.rawValue) * (1_000_000_000 - Int128(limit.rawValue))
        return Rounding.floor.quotient(rest, 1_000_000_000).map { Money($0) }
    }

    /// Equity strictly between these breaks neither drawdown nor daily loss, also after a peak in between.
    func safeEquity(_ books: borrowing Books) -> (above: Int64, below: Int64)? {
        var found: (above: Int64, below: Int64)?
        let equity = books.equity.rawValue
        let acts = { (rule: RiskSettings.Rule) in settings.action(for: rule) != .reject }
        if let limit = settings.maxDrawdown, acts(.maxDrawdown), actedPeak != books.drawdown.peak,
            let floor = Self.floor(books.drawdown.peak, limit)
        {
            // A new peak lifts the floor by less than itself: half of what is left goes to each side.
            let half = max(0, equity &- floor.rawValue) / 2
            found = (floor.rawValue &+ half, books.drawdown.peak.rawValue &+ half)
        } else if settings.maxDrawdown != nil, acts(.maxDrawdown) {
            // Armed again by a new peak.
            found = (.min, books.drawdown.peak.rawValue)
        }
        if let limit = settings.maxDailyLoss, acts(.maxDailyLoss), !hasActedToday, let floor = Self.floor(dayEquity, limit) {
            found = (max(found?.above ?? .min, floor.rawValue), found?.below ?? .max)
        }
        if let limit = settings.maintenanceMargin {
            // A price that moves a position's worth moves what is missing by as much and the limit's share of it.
            let gross = Int128(books.exposure.gross.rawValue)
            let slack = Int128(equity) - gross * Int128(limit.rawValue) / 1_000_000_000
            let moves = max(0, slack) * 1_000_000_000 / (1_000_000_000 + Int128(limit.rawValue))
            found = (max(found?.above ?? .min, equity &- Int64(clamping: moves)), found?.below ?? .max)
        }
        return found
    }
}

extension RiskRules {
    /// Narrows an instrument's band to prices that break no rule. All open instruments share what equity may move
    /// by, so when one leaves its band, or a fill changes the books, all bands have to be made again.
    func narrow(_ band: inout QuietBand, of instrument: InstrumentID, _ books: borrowing Books) {
        guard !books.quantity(of: instrument).isZero || books.movesRates(instrument) else { return }
        if let safe = safeEquity(books) {
            let prices = books.prices(of: instrument, keepingEquityAbove: safe.above, below: safe.below)
            band.watchBelow(prices.below)
            band.watchAbove(prices.above)
        }
        exits[Int(instrument)].narrow(&band)
    }

    /// The first time at which a position has been held too long; `Int64.max` when none can be.
    package func deadline(_ books: borrowing Books) -> Int64 {
        guard let limit = settings.maxHolding else { return .max }
        var first = Int64.max
        for id in exits.indices where !exits[id].hasActed {
            if let entry = books.entryTime(of: InstrumentID(id)) { first = min(first, (entry + limit).rawValue) }
        }
        return first
    }
}

extension Books {
    /// Whether an instrument's mark changes what other currencies are worth.
    func movesRates(_ instrument: InstrumentID) -> Bool { positions[Int(instrument)].isRate }

    /// Prices of an instrument strictly between which it takes equity by no more than its share out of two bounds;
    /// none where its mark moves rates.
    func prices(
        of instrument: InstrumentID, keepingEquityAbove above: Int64, below: Int64
    ) -> (below: Int64, above: Int64) {
        let position = positions[Int(instrument)]
        if position.isRate { return (.max, .min) }
        let equity = equity.rawValue
        let down = move(position, by: Self.distance(equity, above))
        let up = move(position, by: Self.distance(below, equity))
        let isLong = position.quantity > 0
        return (
            Self.shifted(position.mark, isLong ? -down : -up),
            Self.shifted(position.mark, isLong ? up : down)
        )
    }

    private static func distance(_ a: Int64, _ b: Int64) -> Int128 { max(0, Int128(a) - Int128(b)) }

    private static func shifted(_ price: Int64, _ distance: Int128) -> Int64 {
        Int64(clamping: Int128(price) + distance)
    }

    /// How far the price may go for the worth to change by less than one share of `slack`, in the base currency.
    private func move(_ position: BooksPosition, by slack: Int128) -> Int128 {
        if slack > Int128(Self.largestAmount) { return Int128(Int64.max) }
        // Three units for the roundings of two worths and a conversion.
        let share = max(0, slack / Int128(max(1, openPositions)) - 3)
        let rate = position.currency == 0 ? nil : foreign[Int(position.currency) - 1].rate
        let perPrice = Double(position.quantity.magnitude) * Double(position.scale.numerator)
            / Double(position.scale.denominator)
        let inBase = rate.map { $0.isKnown ? Double($0.numerator) / Double($0.denominator) : .infinity } ?? 1
        let prices = Double(wide: share) / (perPrice * inBase)
        // A little less than the double says, so that its rounding stays on the safe side.
        return Int128(prices < 0x1p62 ? Int64((prices * (1 - 0x1p-40)).rounded(.down)) : Int64.max)
    }
}
