/// What the host answered to an order: its number, also of one that was refused. Why comes as an
/// `onOrder` with `TD_REASON_*`.
struct Order {
    let number: UInt64
    let status: td_status
    var isAccepted: Bool { status == td_status(TD_OK) }
}

enum TimeInForce: UInt8 {
    case untilCancelled = 0, day, untilDate, immediateOrCancel, fillOrKill
}

/// Exits that come to life with an entry's fill; prices, except the trail, which is a distance. 0:
/// none.
struct Protection {
    var stopLoss = 0.0
    var takeProfit = 0.0
    var trailingStop = 0.0
    static var none: Protection { Protection() }

    /// Fractions of `price`, on the side that protects a position of this direction (+1 long, -1
    /// short).
    static func fractions(
        of price: Double, direction: Double = 1, stopLoss: Double = 0, takeProfit: Double = 0,
        trailingStop: Double = 0
    ) -> Protection {
        Protection(
            stopLoss: stopLoss > 0 ? price * (1 - direction * stopLoss) : 0,
            takeProfit: takeProfit > 0 ? price * (1 + direction * takeProfit) : 0,
            trailingStop: price * trailingStop)
    }
}

extension Context {
    /// Buys: a market order, or a limit, stop or stop-limit order as prices are given.
    @discardableResult
    func buy(
        _ quantity: Double, limit: Double = 0, stop: Double = 0, protection: Protection = .none,
        on instrument: Instrument? = nil, tag: UInt64 = 0
    ) -> Order {
        var ticket = ticket(on: instrument, quantity: quantity, limit: limit, stop: stop)
        ticket.protect(with: protection)
        ticket.tag = tag
        return submit(ticket)
    }

    /// Sells, also short; `quantity` is positive.
    @discardableResult
    func sell(
        _ quantity: Double, limit: Double = 0, stop: Double = 0, protection: Protection = .none,
        on instrument: Instrument? = nil, tag: UInt64 = 0
    ) -> Order {
        buy(-quantity, limit: limit, stop: stop, protection: protection, on: instrument, tag: tag)
    }

    /// Enters in a direction (+1, -1). A `quantity` of 0 leaves the size to the operator's sizing.
    @discardableResult
    func enter(
        _ direction: Double, quantity: Double, limit: Double = 0, stop: Double = 0,
        protection: Protection = .none, on instrument: Instrument? = nil, tag: UInt64 = 0
    ) -> Order {
        let size = quantity > 0 ? direction * quantity : direction
        var ticket = ticket(on: instrument, quantity: size, limit: limit, stop: stop)
        if quantity == 0 { ticket.flags |= UInt32(TD_ORDER_SIZED) }
        ticket.protect(with: protection)
        ticket.tag = tag
        return submit(ticket)
    }

    /// Goes to a signed position; orders underway are counted.
    @discardableResult
    func target(_ quantity: Double, on instrument: Instrument? = nil, tag: UInt64 = 0) -> Order {
        var ticket = ticket(on: instrument, quantity: quantity, limit: 0, stop: 0)
        ticket.type = UInt8(TD_ORDER_TARGET)
        ticket.tag = tag
        return submit(ticket)
    }

    /// Goes to a signed share of equity, 1.0 = all.
    @discardableResult
    func targetPercent(_ share: Double, on instrument: Instrument? = nil, tag: UInt64 = 0) -> Order
    {
        var ticket = ticket(on: instrument, quantity: share, limit: 0, stop: 0)
        ticket.type = UInt8(TD_ORDER_TARGET_PERCENT)
        ticket.tag = tag
        return submit(ticket)
    }

    /// Closes the position at the market; nothing when flat.
    @discardableResult
    func close(on instrument: Instrument? = nil, tag: UInt64 = 0) -> Order {
        let instrument = instrument ?? self.instrument
        let quantity = quantity(of: instrument)
        if quantity == 0 { return Order(number: 0, status: td_status(TD_OK)) }
        var ticket = ticket(on: instrument, quantity: -quantity, limit: 0, stop: 0)
        ticket.tag = tag
        return submit(ticket)
    }

    /// A stop that follows the best price at a distance (`isFraction`: a fraction of the price).
    @discardableResult
    func trailingStop(
        _ quantity: Double, trail: Double, isFraction: Bool = false,
        on instrument: Instrument? = nil,
        tag: UInt64 = 0
    ) -> Order {
        var ticket = ticket(on: instrument, quantity: quantity, limit: 0, stop: 0)
        ticket.type = UInt8(TD_ORDER_TRAILING_STOP)
        ticket.trail = trail
        if isFraction { ticket.flags |= UInt32(TD_ORDER_TRAIL_PERCENT) }
        ticket.tag = tag
        return submit(ticket)
    }

    /// Asks for whatever a `td_order` can say: OCO groups, parents, times in force, on open, on
    /// close.
    @discardableResult
    func submit(_ ticket: td_order) -> Order {
        var ticket = ticket
        ticket.struct_size = UInt32(MemoryLayout<td_order>.size)
        var number: UInt64 = 0
        let status = desk.pointee.host.pointee.submit(desk.pointee.token, &ticket, &number)
        acted()
        desk.pointee.learnPosition(of: ticket.instrument)
        desk.pointee.lastOrder = number
        return Order(number: number, status: status)
    }

    /// Changes quantity, prices and expiry of a working order; it stays as it was when refused.
    @discardableResult
    func replace(_ order: UInt64, with ticket: td_order) -> Bool {
        var ticket = ticket
        ticket.struct_size = UInt32(MemoryLayout<td_order>.size)
        let status = desk.pointee.host.pointee.replace(desk.pointee.token, order, &ticket)
        acted()
        desk.pointee.learnPositions()
        return status == td_status(TD_OK)
    }

    /// False when there was nothing left to cancel.
    @discardableResult
    func cancel(_ order: UInt64) -> Bool {
        let status = desk.pointee.host.pointee.cancel(desk.pointee.token, order)
        acted()
        desk.pointee.learnPositions()
        return status == td_status(TD_OK)
    }

    /// A blank order for the event's instrument (or another), its type told by the prices given.
    func ticket(
        on instrument: Instrument? = nil, quantity: Double, limit: Double = 0, stop: Double = 0,
        timeInForce: TimeInForce = .untilCancelled
    ) -> td_order {
        var ticket = td_order()
        ticket.instrument = instrument ?? self.instrument
        ticket.quantity = quantity
        ticket.limit = limit
        ticket.stop = stop
        ticket.time_in_force = timeInForce.rawValue
        let type =
            stop != 0
            ? (limit != 0 ? TD_ORDER_STOP_LIMIT : TD_ORDER_STOP)
            : (limit != 0 ? TD_ORDER_LIMIT : TD_ORDER_MARKET)
        ticket.type = UInt8(type)
        return ticket
    }

    private func acted() { desk.pointee.mustReturn = true }

    // MARK: Timers

    /// An `onTimer` with this number at the first event at or after `time`; the same number again
    /// moves it.
    func setTimer(_ id: UInt64, at time: Int64) {
        _ = desk.pointee.host.pointee.set_timer(desk.pointee.token, id, time)
        acted()
    }

    func endTimer(_ id: UInt64) { setTimer(id, at: 0) }
}

extension td_order {
    mutating func protect(with protection: Protection) {
        stop_loss = protection.stopLoss
        take_profit = protection.takeProfit
        trailing_stop = protection.trailingStop
    }
}
