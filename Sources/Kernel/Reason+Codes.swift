import CTapedeck

/// The reasons by name; each stands for the `TD_REASON_*` of the same words.
extension Reason {
    init(_ code: Int) { self.init(rawValue: UInt16(truncatingIfNeeded: code)) }

    package static var none: Reason { Reason(TD_REASON_NONE) }
    package static var roundsToZero: Reason { Reason(TD_REASON_ROUNDS_TO_ZERO) }
    package static var notFinite: Reason { Reason(TD_REASON_NOT_FINITE) }
    package static var unknownInstrument: Reason { Reason(TD_REASON_UNKNOWN_INSTRUMENT) }
    package static var belowMinimum: Reason { Reason(TD_REASON_BELOW_MINIMUM) }
    package static var buyingPower: Reason { Reason(TD_REASON_BUYING_POWER) }
    package static var shortNotAllowed: Reason { Reason(TD_REASON_SHORT_NOT_ALLOWED) }
    package static var positionLimit: Reason { Reason(TD_REASON_POSITION_LIMIT) }
    package static var orderLimit: Reason { Reason(TD_REASON_ORDER_LIMIT) }
    package static var rateLimit: Reason { Reason(TD_REASON_RATE_LIMIT) }
    package static var exposureLimit: Reason { Reason(TD_REASON_EXPOSURE_LIMIT) }
    package static var outsideSession: Reason { Reason(TD_REASON_OUTSIDE_SESSION) }
    package static var outsideWindow: Reason { Reason(TD_REASON_OUTSIDE_WINDOW) }
    package static var paused: Reason { Reason(TD_REASON_PAUSED) }
    package static var disabled: Reason { Reason(TD_REASON_DISABLED) }
    package static var wouldTrade: Reason { Reason(TD_REASON_WOULD_TRADE) }
    package static var notReducing: Reason { Reason(TD_REASON_NOT_REDUCING) }
    package static var unknownOrder: Reason { Reason(TD_REASON_UNKNOWN_ORDER) }
    package static var badPrice: Reason { Reason(TD_REASON_BAD_PRICE) }
    package static var warmUp: Reason { Reason(TD_REASON_WARM_UP) }
    package static var byAuthor: Reason { Reason(TD_REASON_BY_AUTHOR) }
    package static var byOperator: Reason { Reason(TD_REASON_BY_OPERATOR) }
    package static var siblingFilled: Reason { Reason(TD_REASON_SIBLING_FILLED) }
    package static var parentEnded: Reason { Reason(TD_REASON_PARENT_ENDED) }
    package static var time: Reason { Reason(TD_REASON_TIME) }
    package static var sessionClosed: Reason { Reason(TD_REASON_SESSION_CLOSED) }
    package static var notEnoughVolume: Reason { Reason(TD_REASON_NOT_ENOUGH_VOLUME) }
    package static var risk: Reason { Reason(TD_REASON_RISK) }
    package static var badTimeInForce: Reason { Reason(TD_REASON_BAD_TIME_IN_FORCE) }
    package static var overflow: Reason { Reason(TD_REASON_OVERFLOW) }
    package static var badType: Reason { Reason(TD_REASON_BAD_TYPE) }
    package static var positionClosed: Reason { Reason(TD_REASON_POSITION_CLOSED) }
    package static var noPrice: Reason { Reason(TD_REASON_NO_PRICE) }
    package static var endOfData: Reason { Reason(TD_REASON_END_OF_DATA) }
    package static var stopLoss: Reason { Reason(TD_REASON_STOP_LOSS) }
    package static var takeProfit: Reason { Reason(TD_REASON_TAKE_PROFIT) }
    package static var trailingStop: Reason { Reason(TD_REASON_TRAILING_STOP) }
    package static var delisted: Reason { Reason(TD_REASON_DELISTED) }
    package static var marginCall: Reason { Reason(TD_REASON_MARGIN_CALL) }
    package static var fault: Reason { Reason(TD_REASON_FAULT) }
}
