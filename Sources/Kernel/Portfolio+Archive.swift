extension Portfolio {
    /// All that can change of this portfolio, for a portfolio of the same settings in another
    /// process. Updates and records that nobody has taken stay behind.
    package mutating func archive() -> [UInt8] {
        var archive = StateArchive()
        visit(&archive)
        return archive.bytes
    }

    /// Becomes what another portfolio of the same settings was.
    /// - Returns: whether the bytes were the state of such a one; if not, this one is of no use any
    ///   more.
    package mutating func restore(_ bytes: [UInt8]) -> Bool {
        var archive = StateArchive(bytes)
        visit(&archive)
        return !archive.isDamaged && archive.isAtEnd
    }

    private mutating func visit(_ archive: inout StateArchive) {
        books.visit(&archive)
        risk.visit(&archive)
        orders.visit(&archive)
        statistics.visit(&archive)
        commissions.visit(&archive)
        filledOrders.visit(&archive)
        timers.visit(&archive)
        for place in markets.indices { markets[place].visit(&archive) }
        archive.visit(&listings)
        archive.visit(&bands)
        archive.visit(&clocks)
        archive.visit(&curve)
        archive.visit(&committed)
        archive.visit(&numbers)
        archive.visit(&ownNumbers)
        archive.visit(&requests)
        archive.visit(&fundingDue)
        archive.visit(&nextFunding)
        archive.visit(&digest)
        archive.visit(&now)
        archive.visit(&isPaused)
        archive.visit(&isHeldBack)
        archive.visit(&isDisabled)
        archive.visit(&touched)
        archive.visit(&hasExpiring)
        archive.visit(&riskIsDue)
        archive.visit(&barsWithoutDetail)
        archive.visit(&sequence)
        archive.visit(&flags)
        archive.visit(&nextOrder)
        archive.visit(&deadline)
        archive.visit(&dayEnds)
        archive.visit(&resumesNextSession)
    }
}

extension Books {
    mutating func visit(_ archive: inout StateArchive) {
        archive.visit(&fault)
        archive.visit(&drawdown)
        archive.visit(&openPositions)
        archive.visit(&shortPositions)
        archive.visit(&results)
        archive.visit(&positions)
        archive.visit(&trips)
        for place in queues.indices { queues[place].visit(&archive) }
        archive.visit(&ledger)
        for place in foreign.indices { foreign[place].visit(&archive) }
        archive.visit(&foreignEquity)
    }
}

extension ForeignLedger {
    mutating func visit(_ archive: inout StateArchive) {
        archive.visit(&rate)
        archive.visit(&ledger)
        archive.visit(&inBase)
        archive.visit(&worth)
    }
}

extension RiskRules {
    mutating func visit(_ archive: inout StateArchive) {
        archive.visit(&dayEquity)
        limits.startDay(dayEquity)
        archive.visit(&room)
        archive.visit(&hasActedToday)
        archive.visit(&actedPeak)
        archive.visit(&actedTrips)
        archive.visit(&exits)
        sessions.visit(&archive)
        archive.visit(&orderTimes)
        archive.visit(&nextOrderTime)
    }
}
