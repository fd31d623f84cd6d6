package import Market

/// An order before it is accepted, as the limits see it.
package struct RiskTicket: Hashable, Sendable {
    package var instrument: InstrumentID
    /// Signed.
    package var quantity: Quantity
    /// What it is expected to fill at.
    package var price: Price
    /// What working orders will change the position by, signed.
    package var pending: Quantity
    package var time: Timestamp

    package init(
        instrument: InstrumentID, quantity: Quantity, price: Price, pending: Quantity = .zero,
        time: Timestamp
    ) {
        self.instrument = instrument
        self.quantity = quantity
        self.price = price
        self.pending = pending
        self.time = time
    }
}

/// Limits that an order is checked against before it is accepted.
extension RiskRules {
    /// Which limit an order would break; nil if none. What only brings a position nearer to zero
    /// has but to keep the rate of orders.
    package func refusal(of ticket: RiskTicket, _ books: borrowing Books) -> RiskBreach? {
        guard limits.checksOrders else { return nil }
        if let breach = rate(at: ticket.time) { return breach }
        let before = books.quantity(of: ticket.instrument).rawValue &+ ticket.pending.rawValue
        let after = before &+ ticket.quantity.rawValue
        let opposite = before.signum() == -ticket.quantity.rawValue.signum()
        if opposite && ticket.quantity.rawValue.magnitude <= before.magnitude { return nil }
        if let breach = window(ticket) ?? standing(books, ticket.instrument) { return breach }
        return size(ticket, after, books) ?? exposure(ticket, after, books)
    }

    /// An order was accepted.
    package mutating func countOrder(at time: Timestamp) {
        guard !orderTimes.isEmpty else { return }
        orderTimes[nextOrderTime] = time.rawValue
        nextOrderTime = (nextOrderTime + 1) % orderTimes.count
    }

    private func rate(at time: Timestamp) -> RiskBreach? {
        guard !orderTimes.isEmpty else { return nil }
        let oldest = orderTimes[nextOrderTime]
        guard oldest > time.rawValue &- 1_000_000_000, oldest != .min else { return nil }
        let limit = Double(orderTimes.count)
        return breach(.maxOrdersPerSecond, .rateLimit, limit + 1, over: limit)
    }

    private func window(_ ticket: RiskTicket) -> RiskBreach? {
        guard !settings.tradingWindows.isEmpty else { return nil }
        let second = ticket.time.civil(in: instruments[Int(ticket.instrument)].zone).secondOfDay
        for window in settings.tradingWindows {
            let isInside =
                window.opens <= window.closes
                ? window.opens <= second && second < window.closes
                : second >= window.opens || second < window.closes
            if isInside { return nil }
        }
        let next = settings.tradingWindows.first?.opens ?? 0
        return breach(
            .tradingWindow, .outsideWindow, of: ticket.instrument, Double(second),
            over: Double(next))
    }

    /// Rules about results that refuse orders as long as they are broken.
    private func standing(_ books: borrowing Books, _ instrument: InstrumentID) -> RiskBreach? {
        if settings.action(for: .maxDrawdown) == .reject, let found = drawdown(books) {
            return found
        }
        if settings.action(for: .maxDailyLoss) == .reject, let found = dailyLoss(books) {
            return found
        }
        if settings.action(for: .maxConsecutiveLosses) == .reject, let found = losingStreak(books) {
            return found
        }
        return sessions.broken.first { $0.action == .reject }
    }

    private func size(_ ticket: RiskTicket, _ after: Int64, _ books: borrowing Books) -> RiskBreach?
    {
        let id = ticket.instrument
        if after.magnitude > instruments[Int(id)].largest {
            return breach(
                .maxPositionQuantity, .positionLimit, of: id, Double(after.magnitude),
                over: Double(instruments[Int(id)].largest))
        }
        if let limit = settings.maxPositions, books.quantity(of: id).isZero, ticket.pending.isZero,
            books.openPositions >= limit
        {
            return breach(
                .maxPositions, .positionLimit, of: id, Double(books.openPositions + 1),
                over: Double(limit))
        }
        if let limit = settings.maxOrderNotional {
            let worth = worth(ticket.quantity.rawValue, ticket, books)
            if worth > limit.rawValue {
                return breach(
                    .maxOrderNotional, .orderLimit, of: id, Double(worth),
                    over: Double(limit.rawValue))
            }
        }
        guard settings.maxPositionNotional != nil || settings.maxPositionSize != nil else {
            return nil
        }
        let worth = worth(after, ticket, books)
        if let limit = settings.maxPositionNotional, worth > limit.rawValue {
            return breach(
                .maxPositionNotional, .positionLimit, of: id, Double(worth),
                over: Double(limit.rawValue))
        }
        return share(
            .maxPositionSize, .positionLimit, settings.maxPositionSize, Int128(worth), id, books)
    }

    private func exposure(
        _ ticket: RiskTicket, _ after: Int64, _ books: borrowing Books
    ) -> RiskBreach? {
        guard
            settings.maxGrossExposure != nil || settings.maxNetExposure != nil
                || settings.maxLeverage != nil
        else { return nil }
        let id = ticket.instrument
        let held = Int128(books.inBase(books.marketValue(of: id), of: id).rawValue)
        let worth = Int128(worth(after, ticket, books))
        let (gross, net) = books.exposure
        let grossAfter = Int128(gross.rawValue) - Int128(held.magnitude) + worth
        let netAfter = Int128(net.rawValue) - held + (after < 0 ? -worth : worth)
        return share(
            .maxGrossExposure, .exposureLimit, settings.maxGrossExposure, grossAfter, id, books)
            ?? share(
                .maxNetExposure, .exposureLimit, settings.maxNetExposure,
                Int128(netAfter.magnitude), id, books)
            ?? share(.maxLeverage, .exposureLimit, settings.maxLeverage, grossAfter, id, books)
    }

    private func share(
        _ rule: RiskSettings.Rule, _ reason: Reason, _ limit: Rate?, _ amount: Int128,
        _ instrument: InstrumentID,
        _ books: borrowing Books
    ) -> RiskBreach? {
        guard let limit else { return nil }
        let equity = Int128(books.equity.rawValue)
        guard amount * 1_000_000_000 > equity * Int128(limit.rawValue) else { return nil }
        let measured = equity > 0 ? Double(wide: amount) / Double(wide: equity) : .infinity
        return breach(rule, reason, of: instrument, measured, over: Double(limit.rawValue) / 1e9)
    }

    /// The magnitude of what a quantity is worth at the ticket's price, in the base currency.
    private func worth(_ quantity: Int64, _ ticket: RiskTicket, _ books: borrowing Books) -> Int64 {
        let scale = instruments[Int(ticket.instrument)].scale
        guard let money = try? scale.money(quantity, at: ticket.price.rawValue) else { return .max }
        return Int64(clamping: books.inBase(Money(money), of: ticket.instrument).rawValue.magnitude)
    }
}

/// Room for an order whose size the operator's sizing decides: it is cut to the limits, not
/// refused.
extension RiskRules {
    /// `quantity` cut, to the lot, to what the limits of position and order leave at a price.
    package func cut(
        _ quantity: Quantity, of instrument: InstrumentID, at price: Price,
        pending: Quantity = .zero,
        _ books: borrowing Books
    ) -> Quantity {
        let listed = instruments[Int(instrument)]
        let before = books.quantity(of: instrument).rawValue &+ pending.rawValue
        let isBuy = quantity.rawValue > 0
        var room = Int128(listed.largest) - Int128(isBuy ? before : -before)
        let equity = Int128(max(0, books.equity.rawValue))
        var worth = Int128(Int64.max)
        if let limit = settings.maxPositionNotional { worth = min(worth, Int128(limit.rawValue)) }
        if let limit = settings.maxPositionSize {
            worth = min(worth, equity * Int128(limit.rawValue) / 1_000_000_000)
        }
        if worth < Int128(Int64.max) {
            room = min(
                room,
                units(worth, listed, price, instrument, books) - Int128(isBuy ? before : -before))
        }
        if let limit = settings.maxOrderNotional {
            room = min(room, units(Int128(limit.rawValue), listed, price, instrument, books))
        }
        let units = Int64(clamping: max(0, min(room, Int128(quantity.rawValue.magnitude))))
        let lots = units - units % listed.lot
        return Quantity(isBuy ? lots : -lots)
    }

    /// Units worth no more than an amount of the base currency at a price.
    private func units(
        _ amount: Int128, _ listed: Listed, _ price: Price, _ instrument: InstrumentID,
        _ books: borrowing Books
    ) -> Int128 {
        let base = Money(Int64(clamping: amount))
        guard price != .zero, let money = books.fromBase(base, of: instrument) else { return 0 }
        let worth = Int128(price.rawValue.magnitude) * Int128(listed.scale.numerator)
        let (product, overflow) = Int128(money.rawValue).multipliedReportingOverflow(
            by: Int128(listed.scale.denominator))
        return overflow ? Int128(Int64.max) : product / worth
    }
}
