import CTapedeck
import Market

/// How a strategy measured what it asked for: a `td_order` read into an order's exact units, before
/// anybody asked whether this portfolio may send it.
struct Ticket {
    /// What the quantity says.
    enum Measure {
        /// Signed units.
        case quantity
        /// The position wanted, signed units.
        case target
        /// The share of equity wanted, in `order.wanted`.
        case share
        /// A strength for the operator's sizing, in `order.wanted`; of a target the position
        /// wanted.
        case strength, strengthOfTarget
    }

    var measure = Measure.quantity
    /// Signed units, for `.quantity` and `.target`.
    var units: Int64 = 0
    var exits = Exits()

    /// Orders that a ticket sends along, held until it fills; zero for none.
    struct Exits {
        var stopLoss: Int64 = 0
        var takeProfit: Int64 = 0
        /// A distance, as `WorkingOrder.trail`.
        var trailingStop: Int64 = 0

        var areThere: Bool { stopLoss != 0 || takeProfit != 0 || trailingStop != 0 }
    }

    var isTarget: Bool { measure == .target || measure == .share || measure == .strengthOfTarget }

    /// Reads all of `asked` but its side, its quantity, and its prices, whose rounding needs the
    /// side.
    /// - Returns: why it cannot be an order; nil if it can.
    mutating func read(
        _ asked: borrowing td_order, into order: inout WorkingOrder, _ units: OrderUnits, now: Int64
    ) -> Reason? {
        order.tag = asked.tag
        order.parent = asked.parent
        order.oco = asked.oco
        order.flags = asked.flags
        order.instrument = asked.instrument
        if let reason = readKind(asked, &order) { return reason }
        guard asked.quantity.isFinite, asked.limit.isFinite, asked.stop.isFinite,
            asked.trail.isFinite,
            asked.stop_loss.isFinite, asked.take_profit.isFinite, asked.trailing_stop.isFinite
        else { return .notFinite }
        if let reason = readTimeInForce(asked, &order, now: now) { return reason }
        if let reason = readFlags(asked, order.kind, order.timeInForce) { return reason }
        return readQuantity(asked, &order, units)
    }

    private mutating func readKind(
        _ asked: borrowing td_order, _ order: inout WorkingOrder
    ) -> Reason? {
        let type = Int(asked.type)
        let isSized = asked.flags & WorkingOrder.sized != 0
        if type == Int(TD_ORDER_TARGET) {
            measure = isSized ? .strengthOfTarget : .target
            order.kind = .market
        } else if type == Int(TD_ORDER_TARGET_PERCENT) {
            if isSized { return .badType }
            measure = .share
            order.kind = .market
        } else {
            guard let kind = OrderKind(rawValue: asked.type) else { return .badType }
            order.kind = kind
            measure = isSized ? .strength : .quantity
        }
        return nil
    }

    private func readTimeInForce(
        _ asked: borrowing td_order, _ order: inout WorkingOrder, now: Int64
    ) -> Reason? {
        guard let force = TimeInForce(rawValue: asked.time_in_force) else { return .badTimeInForce }
        order.timeInForce = force
        switch force {
        case .gtc, .day: break
        case .gtd:
            guard asked.expires > now else { return .badTimeInForce }
            order.expires = asked.expires
        case .ioc, .fok:
            // What waits for an event of its own cannot be immediate.
            guard order.kind == .market || order.kind == .limit else { return .badTimeInForce }
        }
        return nil
    }

    private func readFlags(
        _ asked: borrowing td_order, _ kind: OrderKind, _ force: TimeInForce
    ) -> Reason? {
        let known =
            WorkingOrder.postOnly | WorkingOrder.reduceOnly | WorkingOrder.trailPercent
            | WorkingOrder.sized
        if asked.flags & ~known != 0 { return .badType }
        if asked.flags & WorkingOrder.postOnly != 0 {
            guard kind == .limit else { return .badType }
            guard force != .ioc && force != .fok else { return .badTimeInForce }
        }
        return nil
    }

    private mutating func readQuantity(
        _ asked: borrowing td_order, _ order: inout WorkingOrder, _ units: OrderUnits
    ) -> Reason? {
        switch measure {
        case .quantity, .target:
            guard let magnitude = units.quantity(asked.quantity) else { return .overflow }
            self.units = asked.quantity < 0 ? -magnitude : magnitude
        case .share:
            order.wanted = asked.quantity
        case .strength, .strengthOfTarget:
            guard asked.quantity.magnitude <= 1 else { return .badType }
            order.wanted = asked.quantity
        }
        return nil
    }

    /// Rounds the prices against the trader, now that the side is known.
    /// - Returns: why they cannot be; nil if they can.
    mutating func readPrices(
        _ asked: borrowing td_order, into order: inout WorkingOrder, _ units: OrderUnits
    ) -> Reason? {
        let isBuy = order.isBuy
        switch order.kind {
        case .market, .onOpen, .onClose: break
        case .limit: order.limit = units.orderPrice(asked.limit, up: !isBuy)
        case .stop: order.stop = units.orderPrice(asked.stop, up: isBuy)
        case .stopLimit:
            order.limit = units.orderPrice(asked.limit, up: !isBuy)
            order.stop = units.orderPrice(asked.stop, up: isBuy)
        case .trailingStop:
            order.trail = Self.trail(asked.trail, byShare: order.trailsByShare, units)
            // A first level is optional: without one it starts from the last price.
            if asked.stop != 0 {
                order.stop = units.orderPrice(asked.stop, up: isBuy)
                if order.stop == 0 { return .badPrice }
            }
        }
        let needsLimit = order.kind == .limit || order.kind == .stopLimit
        let needsStop = order.kind == .stop || order.kind == .stopLimit
        if needsLimit && order.limit == 0 || needsStop && order.stop == 0 { return .badPrice }
        if order.kind == .trailingStop && order.trail == 0 { return .badPrice }
        return readExits(asked, isBuy: isBuy, byShare: order.trailsByShare, units)
    }

    private mutating func readExits(
        _ asked: borrowing td_order, isBuy: Bool, byShare: Bool, _ units: OrderUnits
    ) -> Reason? {
        if asked.stop_loss != 0 {
            exits.stopLoss = units.orderPrice(asked.stop_loss, up: !isBuy)
            if exits.stopLoss == 0 { return .badPrice }
        }
        if asked.take_profit != 0 {
            exits.takeProfit = units.orderPrice(asked.take_profit, up: isBuy)
            if exits.takeProfit == 0 { return .badPrice }
        }
        if asked.trailing_stop != 0 {
            exits.trailingStop = Self.trail(asked.trailing_stop, byShare: byShare, units)
            if exits.trailingStop == 0 { return .badPrice }
        }
        return nil
    }

    /// A distance in price units, or a share in billionths; zero for what is neither.
    static func trail(_ value: Double, byShare: Bool, _ units: OrderUnits) -> Int64 {
        guard byShare else { return units.distance(value) ?? 0 }
        guard value > 0, value < 1 else { return 0 }
        return Int64((value * 1e9).rounded(.toNearestOrEven))
    }
}

extension OrderUnits {
    /// A price for an order, rounded in the given direction; zero, which is none, where it cannot
    /// be one.
    func orderPrice(_ value: Double, up: Bool) -> Int64 {
        guard let price = price(value, up: up), price > 0 || allowsNonPositivePrices else {
            return 0
        }
        return price
    }
}
