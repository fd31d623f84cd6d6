import CTapedeck
import Market

/// The short way of most orders: at the market, the only working one of its instrument, where the
/// settings ask for nothing beside a commission.
///
/// It asks what the long way asks, in the same arithmetic, and leaves the same records. Where
/// anything is out of the ordinary, a refusal among them, it has changed nothing, and the long way
/// is taken.
extension Portfolio {
    /// Whether orders under these settings may take it at all.
    static func isPlain(_ settings: PortfolioSettings, _ books: borrowing Books) -> Bool {
        let execution = settings.execution
        guard execution.fill == .nextOpen, execution.slippage == .none,
            execution.outsideSession == .rest, execution.volumeLimit == nil
        else { return false }
        if settings.latencies.contains(where: { !$0.isNone }) { return false }
        if settings.risk.maintenanceMargin != nil { return false }
        if LossLimits(settings.risk).checksOrders { return false }
        return books.isPlain
    }

    /// Nil where the order has to go the long way.
    @inline(__always)
    mutating func submitPlain(_ asked: td_order) -> Submission? {
        guard isPlain, case .none = touched, asked.isPlain else { return nil }
        let place = Int(asked.instrument)
        guard standing == nil, !isPaused, !isHeldBack, place < listings.count,
            orders.first(of: asked.instrument) < 0, !listings[place].isDelisted,
            !markets[place].isBook,
            let quantity = listings[place].units.quantity(asked.quantity), quantity > 0
        else { return nil }
        let isBuy = asked.quantity > 0
        let held = books.positions[place].quantity
        if !isBuy, !allowsShort, held < quantity { return nil }
        let against = isBuy ? max(0, -held) : max(0, held)
        guard let need = plainNeed(of: place, quantity, closing: min(quantity, against)),
            need <= 0 || Int128(need) <= unreservedPower
        else { return nil }
        let slot = orders.draft()
        orders[slot].id = nextOrder
        orders[slot].tag = asked.tag
        orders[slot].instrument = asked.instrument
        orders[slot].side = isBuy ? 1 : -1
        orders[slot].quantity = quantity
        orders[slot].reserved = need
        nextOrder += 1
        committed.replace(0, with: need)
        orders.insert(slot)
        note(slot, .accepted)
        // Nothing but its own next event can happen to it, so that no other band changes.
        bands[place] = .never
        return Submission(status: td_status(TD_OK), order: nextOrder - 1, reason: .none)
    }

    /// What a market order takes of buying power at the last price, negative where it gives back;
    /// nil where it cannot be said, or is too small.
    @inline(__always)
    private func plainNeed(of place: Int, _ quantity: Int64, closing: Int64) -> Int64? {
        let price = books.positions[place].mark
        guard price > 0 else { return nil }
        do throws(Fault) {
            let scale = listings[place].scale
            let value = try scale.money(quantity, at: price)
            guard value.magnitude >= listings[place].minimumNotional.magnitude else { return nil }
            let fee = try commissions.estimate(
                InstrumentID(place), Quantity(quantity), at: Price(price))
            let paid = max(0, fee.rawValue)
            if closing == 0 { return try Books.sum(value, paid) }
            if closing == quantity { return try Books.sum(paid, -value) }
            let opened = try scale.money(quantity - closing, at: price)
            return try Books.sum(
                try Books.sum(opened, paid), -scale.money(closing, at: price))
        } catch {
            return nil
        }
    }

    /// Fills the only working order of an instrument at a bar's open.
    /// - Returns: whether that was all that the bar could do to it.
    @inline(__always)
    mutating func fillPlain(_ instrument: InstrumentID, at price: Int64) -> Bool {
        let slot = orders.first(of: instrument)
        guard isPlain, slot >= 0, orders[slot].next < 0, price > 0, orders[slot].isPlain,
            orders[slot].liveAfter < sequence, !commissions.hasTiers(instrument),
            let fee = plainFee(slot, instrument, at: price)
        else { return false }
        let counts = recordCounts
        let outcome = books.apply(
            Execution(
                instrument: instrument,
                quantity: Quantity(orders[slot].quantity &* orders[slot].direction),
                price: Price(price), fee: fee, sequence: sequence, time: now, reason: .none),
            &records)
        if fault != nil { return true }
        committed.replace(orders[slot].reserved, with: 0)
        orders[slot].reserved = 0
        orders[slot].filled = orders[slot].quantity
        note(
            FillRecord(
                order: orders[slot].id, tag: orders[slot].tag, sequence: sequence, time: now,
                quantity: Quantity(orders[slot].quantity &* orders[slot].direction),
                price: Price(price), cash: outcome.cash, fee: outcome.fee,
                realised: outcome.realised, cashAfter: outcome.cashAfter,
                positionAfter: outcome.positionAfter, instrument: instrument, reason: .none,
                isMaker: false, isAmbiguous: false))
        digestBooks(since: counts)
        tellRisk(instrument, opened: outcome.opened)
        filledOrders.insert(orders[slot].id)
        note(slot, .filled)
        orders.remove(slot)
        refreshBand(instrument)
        return true
    }

    /// The fee of a fill that the position and the account can bear whole; nil where they cannot.
    @inline(__always)
    private func plainFee(_ slot: Int32, _ instrument: InstrumentID, at price: Int64) -> Money? {
        let place = Int(instrument)
        let quantity = orders[slot].quantity
        let held = held(against: orders[slot].side, instrument)
        if quantity > held, !allowsShort, !orders[slot].isBuy { return nil }
        do throws(Fault) {
            let fee = try commissions.estimate(instrument, Quantity(quantity), at: Price(price))
            let closing = min(quantity, held)
            if closing == quantity { return fee }
            let scale = listings[place].scale
            let opened = try scale.money(quantity - closing, at: price)
            let closed =
                closing == 0 ? 0 : try scale.money(closing, at: books.positions[place].mark)
            let released = Int128(committed.released) - Int128(min(0, orders[slot].reserved))
            let needed = Int128(opened) - Int128(closed.magnitude) + Int128(fee.rawValue)
            return needed <= freePower - released ? fee : nil
        } catch {
            return nil
        }
    }
}

extension td_order {
    /// A market order of a quantity, until it is cancelled, with nothing that hangs on it.
    @inline(__always) fileprivate var isPlain: Bool {
        type == UInt8(TD_ORDER_MARKET) && time_in_force == 0 && flags | oco == 0 && parent == 0
            && limit == 0 && stop == 0 && trail == 0 && stop_loss == 0 && take_profit == 0
            && trailing_stop == 0
    }
}

extension WorkingOrder {
    /// What `submitPlain` could have made.
    @inline(__always) fileprivate var isPlain: Bool {
        kind == .market && timeInForce == .gtc && state == .accepted && role == .plain
            && flags | oco == 0 && parent == 0 && filled == 0 && wanted.isNaN && !hasChildren
            && !isTriggered && cause == .none
    }
}
