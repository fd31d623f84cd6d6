import Market

/// An order that was accepted and has not ended. Prices and quantities in its instrument's units.
struct WorkingOrder: ~Copyable {
    /// What it is for, where the host made it for a ticket's exits.
    enum Role: UInt8 { case plain, stopLoss, takeProfit, trailingStop }

    /// Where inside the present bar it became live.
    enum Since: UInt8 {
        /// Before the bar or at its open: the whole path lies ahead.
        case open
        /// At `turnPrice`, reached from below or from above.
        case rising, falling
    }

    var id: UInt64 = 0
    var parent: UInt64 = 0
    var tag: UInt64 = 0
    /// Magnitudes.
    var quantity: Int64 = 0
    var filled: Int64 = 0
    var limit: Int64 = 0
    /// Of a trailing stop its present level.
    var stop: Int64 = 0
    /// A distance in price units, or billionths of the price with `trailsByShare`.
    var trail: Int64 = 0
    /// When it ends, nanoseconds; `.max` for never.
    var expires = Int64.max
    /// The session at whose close it ends; `.max` for none.
    var lastSession = Int64.max
    /// What it takes from buying power; negative where its fill will give some back.
    var reserved: Int64 = 0
    /// Events up to this sequence number cannot fill it.
    var liveAfter: UInt64 = 0
    /// Of a limit that rests in a book: what stands before it at its price; -1 while that is not
    /// known.
    var ahead: Int64 = -1
    /// When it gets to the venue, nanoseconds; until then `liveAfter` is at its largest.
    var arrives = Int64.min
    /// The event that `since` and `turnPrice` speak of.
    var turnedAt: UInt64 = 0
    var turnPrice: Int64 = 0
    /// The strength or the share of equity that its quantity comes from; nan when the ticket said a
    /// quantity.
    var wanted = Double.nan
    /// `wanted` speaks of the position, not of the order.
    var isTarget = false
    /// The stop that risk sizing measures against; zero for none.
    var plannedStop: Int64 = 0
    var flags: UInt32 = 0
    var oco: UInt32 = 0
    /// Neighbours among the working orders of its instrument, in the order sent; -1 for none.
    var previous: Int32 = -1
    var next: Int32 = -1
    var instrument: InstrumentID = 0
    var kind = OrderKind.market
    var timeInForce = TimeInForce.gtc
    var state = OrderState.accepted
    var role = Role.plain
    var since = Since.open
    /// +1 to buy, -1 to sell.
    var side: Int8 = 1
    /// Of a stop: it was reached, and what remains is a market order or a limit.
    var isTriggered = false
    /// It rested: its fills make liquidity.
    var hasRested = false
    /// Orders wait for its fill.
    var hasChildren = false
    /// It stands in its instrument's chain.
    var isLinked = false
    /// Why it was sent, where the host did.
    var cause = Reason.none

    static let postOnly: UInt32 = 1
    static let reduceOnly: UInt32 = 2
    static let trailPercent: UInt32 = 4
    static let sized: UInt32 = 8

    @inline(__always) var remaining: Int64 { quantity &- filled }
    @inline(__always) var isBuy: Bool { side > 0 }
    @inline(__always) var direction: Int64 { Int64(side) }
    @inline(__always) var isHeld: Bool { state == .held }
    @inline(__always) var isPostOnly: Bool { flags & WorkingOrder.postOnly != 0 }
    @inline(__always) var reducesOnly: Bool { flags & WorkingOrder.reduceOnly != 0 }
    @inline(__always) var trailsByShare: Bool { flags & WorkingOrder.trailPercent != 0 }
    @inline(__always) var isStop: Bool {
        kind == .stop || kind == .stopLimit || kind == .trailingStop
    }
    /// It fills at the next price there is.
    @inline(__always) var isMarketLike: Bool {
        kind == .market || (isTriggered && kind != .stopLimit)
    }
    /// It will change the position without a price having to be reached first.
    @inline(__always) var isInFlight: Bool { isMarketLike || kind == .onOpen || kind == .onClose }
    /// Only its limit stands between it and a fill.
    @inline(__always) var isLimitLike: Bool {
        kind == .limit || (isTriggered && kind == .stopLimit)
    }
    /// A stop that was not reached yet.
    @inline(__always) var isWaitingStop: Bool { isStop && !isTriggered }
    /// It takes what is there at once, or ends.
    @inline(__always) var isImmediate: Bool { timeInForce == .ioc || timeInForce == .fok }

    /// Why a fill of this order happened, given whether it takes away from the position.
    func reason(reducing: Bool) -> Reason {
        if cause != .none { return cause }
        switch role {
        case .stopLoss: return .stopLoss
        case .takeProfit: return .takeProfit
        case .trailingStop: return .trailingStop
        case .plain: break
        }
        guard reducing else { return .none }
        switch kind {
        case .stop, .stopLimit: return .stopLoss
        case .trailingStop: return .trailingStop
        case .market, .limit, .onOpen, .onClose: return .none
        }
    }

    /// The level of a trailing stop that follows `price`, rounded to the step against the trader.
    func trailingLevel(from price: Int64, _ units: OrderUnits) -> Int64 {
        let rounding = isBuy ? Rounding.ceiling : .floor
        let level: Int64?
        if trailsByShare {
            let whole = Int128(1_000_000_000)
            level = rounding.quotient(
                Int128(price) * (whole + Int128(direction) * Int128(trail)), whole)
        } else {
            level = Int64(clamping: Int128(price) + Int128(direction) * Int128(trail))
        }
        // Out of range is out of reach.
        let unreached: Int64 = isBuy ? .max : .min
        guard let level else { return unreached }
        return rounding.multiple(of: units.priceStep, level) ?? unreached
    }
}
