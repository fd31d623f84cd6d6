package import Market

/// Rules that look at the mark.
extension RiskRules {
    /// The next limit that is broken now; nil when there is none left. To be asked after every
    /// event that is not quiet, until it answers nil; each breach is told once.
    @inline(__always)
    package mutating func nextBreach(_ books: borrowing Books, at time: Timestamp) -> RiskBreach? {
        limits.mayBeBroken(books) ? foundBreach(books, at: time) : nil
    }

    @inline(never)
    private mutating func foundBreach(_ books: borrowing Books, at time: Timestamp) -> RiskBreach? {
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
            .maxDrawdown, .risk, books.drawdown.fall(to: books.equity),
            over: Double(limit.rawValue) / 1e9)
    }

    func dailyLoss(_ books: borrowing Books) -> RiskBreach? {
        guard let limit = settings.maxDailyLoss, let floor = Self.floor(dayEquity, limit),
            books.equity <= floor
        else { return nil }
        let loss = Double(dayEquity.rawValue) - Double(books.equity.rawValue)
        return breach(
            .maxDailyLoss, .risk, loss / Double(dayEquity.rawValue),
            over: Double(limit.rawValue) / 1e9)
    }

    func losingStreak(_ books: borrowing Books) -> RiskBreach? {
        guard let limit = settings.maxConsecutiveLosses else { return nil }
        let streak = min(books.results.losingStreak, books.results.count - actedTrips)
        guard streak >= limit else { return nil }
        return breach(.maxConsecutiveLosses, .risk, Double(streak), over: Double(limit))
    }

    /// The highest equity at which a loss of `limit` from `start` is reached; nil where there is
    /// nothing to lose.
    static func floor(_ start: Money, _ limit: Rate) -> Money? {
        guard start > .zero else { return nil }
        let rest = Int128(start.rawValue) * (1_000_000_000 - Int128(limit.rawValue))
        return Rounding.floor.quotient(rest, 1_000_000_000).map { Money($0) }
    }

    /// Equity strictly between these breaks neither drawdown nor daily loss, also after a peak in
    /// between.
    mutating func safeEquity(_ books: borrowing Books) -> (above: Int64, below: Int64) {
        var found = (above: Int64.min, below: Int64.max)
        if limits.watchesDrawdown {
            let peak = books.drawdown.peak
            let floor = limits.floor(of: peak.rawValue)
            if actedPeak != peak, floor != .min {
                // A new peak lifts the floor by less than itself: half of what is left goes to each
                // side.
                let half = max(0, books.equity.rawValue &- floor) / 2
                found = (floor &+ half, peak.rawValue &+ half)
            } else {
                // Armed again by a new peak.
                found.below = peak.rawValue
            }
        }
        if !hasActedToday { found.above = max(found.above, limits.dailyFloor) }
        if let limit = limits.margin {
            // A price that moves a position's worth moves what is missing by as much and the
            // limit's share of it.
            let equity = books.equity.rawValue
            let gross = Int128(books.exposure.gross.rawValue)
            let slack = Int128(equity) - gross * Int128(limit.rawValue) / 1_000_000_000
            let moves = max(0, slack) * 1_000_000_000 / (1_000_000_000 + Int128(limit.rawValue))
            found.above = max(found.above, equity &- Int64(clamping: moves))
        }
        return found
    }

    /// Shares out anew what equity may move by: every band has to be made again.
    mutating func shareRoom(_ books: borrowing Books) {
        room = limits.watchesEquity ? EquityRoom(safeEquity(books), books) : EquityRoom()
    }

    /// After something happened to one instrument, whose band is about to be made again: whether
    /// the bands of all others are still right.
    @inline(__always)
    mutating func roomHolds(_ books: borrowing Books, but touched: InstrumentID) -> Bool {
        if !limits.watchesEquity { return true }
        let safe = safeEquity(books)
        guard books.foreign.isEmpty, room.holds(safe, books, but: touched) else { return false }
        // What a single position may move by is measured at its own events.
        if room.shares == 1 { room = EquityRoom(safe, books) }
        return true
    }
}

extension RiskRules {
    /// Narrows an instrument's band to prices that break no rule.
    @inline(__always)
    func narrow(_ band: inout QuietBand, of instrument: InstrumentID, _ books: borrowing Books) {
        guard !books.quantity(of: instrument).isZero || books.movesRates(instrument) else { return }
        if limits.watchesEquity {
            let prices = books.prices(of: instrument, within: room)
            band.watchBelow(prices.below)
            band.watchAbove(prices.above)
        }
        if limits.watchesExits { exits[Int(instrument)].narrow(&band) }
    }

    /// The first time at which a position has been held too long; `Int64.max` when none can be.
    package func deadline(_ books: borrowing Books) -> Int64 {
        guard let limit = settings.maxHolding else { return .max }
        var first = Int64.max
        for id in exits.indices where !exits[id].hasActed {
            if let entry = books.entryTime(of: InstrumentID(id)) {
                first = min(first, (entry + limit).rawValue)
            }
        }
        return first
    }
}

extension Books {
    /// Whether an instrument's mark changes what other currencies are worth.
    func movesRates(_ instrument: InstrumentID) -> Bool { positions[Int(instrument)].isRate }
}
