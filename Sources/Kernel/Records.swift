package import Market

/// Why something happened: the codes are those of `TD_REASON_*`.
package struct Reason: RawRepresentable, Hashable, Sendable, Codable {
    package var rawValue: UInt16
    @inlinable package init(rawValue: UInt16) { self.rawValue = rawValue }
}

/// What kind of order: the codes are those of `TD_ORDER_*` (targets have become market orders).
package enum OrderKind: UInt8, Hashable, Sendable, Codable {
    case market = 1, limit, stop, stopLimit, trailingStop, onOpen, onClose
}

package enum TimeInForce: UInt8, Hashable, Sendable, Codable { case gtc = 0, day, gtd, ioc, fok }

/// The codes are those of `TD_STATE_*`.
package enum OrderState: UInt8, Hashable, Sendable, Codable {
    case accepted = 1, rejected, triggered, partlyFilled, filled, cancelled, expired, replaced, held
}

/// A change of one order's state. Quantities signed, prices zero where there is none.
package struct OrderRecord: Hashable, Sendable {
    package var order: UInt64
    package var parent: UInt64
    package var tag: UInt64
    package var sequence: UInt64
    package var time: Timestamp
    package var quantity: Quantity
    package var filled: Quantity
    package var limit: Price
    package var stop: Price
    package var expires: Timestamp
    package var instrument: InstrumentID
    package var kind: OrderKind
    package var timeInForce: TimeInForce
    package var state: OrderState
    package var flags: UInt32
    package var oco: UInt32
    package var reason: Reason

    package init(
        order: UInt64, parent: UInt64, tag: UInt64, sequence: UInt64, time: Timestamp,
        quantity: Quantity, filled: Quantity, limit: Price, stop: Price, expires: Timestamp,
        instrument: InstrumentID, kind: OrderKind, timeInForce: TimeInForce, state: OrderState,
        flags: UInt32, oco: UInt32, reason: Reason
    ) {
        self.order = order
        self.parent = parent
        self.tag = tag
        self.sequence = sequence
        self.time = time
        self.quantity = quantity
        self.filled = filled
        self.limit = limit
        self.stop = stop
        self.expires = expires
        self.instrument = instrument
        self.kind = kind
        self.timeInForce = timeInForce
        self.state = state
        self.flags = flags
        self.oco = oco
        self.reason = reason
    }
}

/// One execution, with what it did to the books.
package struct FillRecord: Hashable, Sendable {
    package var order: UInt64
    package var tag: UInt64
    package var sequence: UInt64
    package var time: Timestamp
    package var quantity: Quantity
    package var price: Price
    /// Cash moved by the trade itself, before the fee.
    package var cash: Money
    package var fee: Money
    /// Gross of fees.
    package var realised: Money
    package var cashAfter: Money
    package var positionAfter: Quantity
    package var instrument: InstrumentID
    package var reason: Reason
    package var isMaker: Bool
    /// More than one outcome was possible inside the bar; the intrabar assumption decided.
    package var isAmbiguous: Bool
    /// Of the base currency's money for the instrument's, then; for statistics. Not stored.
    package var rate = 1.0

    package init(
        order: UInt64, tag: UInt64, sequence: UInt64, time: Timestamp, quantity: Quantity,
        price: Price, cash: Money, fee: Money, realised: Money, cashAfter: Money,
        positionAfter: Quantity, instrument: InstrumentID, reason: Reason, isMaker: Bool,
        isAmbiguous: Bool
    ) {
        self.order = order
        self.tag = tag
        self.sequence = sequence
        self.time = time
        self.quantity = quantity
        self.price = price
        self.cash = cash
        self.fee = fee
        self.realised = realised
        self.cashAfter = cashAfter
        self.positionAfter = positionAfter
        self.instrument = instrument
        self.reason = reason
        self.isMaker = isMaker
        self.isAmbiguous = isAmbiguous
    }
}

/// Cash that moved for another reason than a trade.
package struct LedgerRecord: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable, Codable {
        case deposit = 1, dividend, splitCash, borrowFee, interest, funding, conversion
    }
    package var sequence: UInt64
    package var time: Timestamp
    package var amount: Money
    package var cashAfter: Money
    package var instrument: InstrumentID
    package var kind: Kind

    package init(
        sequence: UInt64, time: Timestamp, amount: Money, cashAfter: Money,
        instrument: InstrumentID, kind: Kind
    ) {
        self.sequence = sequence
        self.time = time
        self.amount = amount
        self.cashAfter = cashAfter
        self.instrument = instrument
        self.kind = kind
    }
}

extension RoundTrip {
    /// An amount of it in the base currency, at the rate of its end.
    package func inBase(_ amount: Money) -> Money {
        if rate == 1 { return amount }
        return Money(Int64(clamping: Int128((Double(amount.rawValue) * rate).rounded())))
    }
}

/// A position's life from flat to flat, or to its flip.
package struct RoundTrip: Hashable, Sendable {
    package var instrument: InstrumentID
    /// +1 long, -1 short.
    package var side: Int8
    package var exitReason: Reason
    package var entrySequence: UInt64
    package var exitSequence: UInt64
    package var entryTime: Timestamp
    package var exitTime: Timestamp
    /// The largest magnitude held.
    package var quantity: Quantity
    /// Volume-weighted, in price units times 2^0: the nearest price unit of the exact rational.
    package var entryPrice: Price
    package var exitPrice: Price
    package var gross: Money
    package var costs: Money
    /// The worst and best unrealised result while it was open.
    package var worst: Money
    package var best: Money
    package var bars: UInt32
    /// Units of the base currency's money for one of the instrument's, at the end.
    package var rate = 1.0

    package init(
        instrument: InstrumentID, side: Int8, exitReason: Reason, entrySequence: UInt64,
        exitSequence: UInt64, entryTime: Timestamp, exitTime: Timestamp, quantity: Quantity,
        entryPrice: Price, exitPrice: Price, gross: Money, costs: Money, worst: Money,
        best: Money, bars: UInt32
    ) {
        self.instrument = instrument
        self.side = side
        self.exitReason = exitReason
        self.entrySequence = entrySequence
        self.exitSequence = exitSequence
        self.entryTime = entryTime
        self.exitTime = exitTime
        self.quantity = quantity
        self.entryPrice = entryPrice
        self.exitPrice = exitPrice
        self.gross = gross
        self.costs = costs
        self.worst = worst
        self.best = best
        self.bars = bars
    }
}

package struct EquitySample: Hashable, Sendable {
    package var sequence: UInt64
    package var time: Timestamp
    package var equity: Money
    package var cash: Money
    /// Sum of the magnitudes of the positions' values.
    package var exposure: Money

    package init(
        sequence: UInt64, time: Timestamp, equity: Money, cash: Money, exposure: Money
    ) {
        self.sequence = sequence
        self.time = time
        self.equity = equity
        self.cash = cash
        self.exposure = exposure
    }
}

/// A limit was breached.
package struct BreachRecord: Hashable, Sendable {
    package var sequence: UInt64
    package var time: Timestamp
    package var rule: RiskSettings.Rule
    package var action: RiskSettings.Action
    /// `InstrumentID.max` where the rule is about the whole portfolio.
    package var instrument: InstrumentID
    /// What was measured and what was allowed, in the rule's own unit.
    package var measured: Double
    package var allowed: Double

    package init(
        sequence: UInt64, time: Timestamp, rule: RiskSettings.Rule, action: RiskSettings.Action,
        instrument: InstrumentID, measured: Double, allowed: Double
    ) {
        self.sequence = sequence
        self.time = time
        self.rule = rule
        self.action = action
        self.instrument = instrument
        self.measured = measured
        self.allowed = allowed
    }
}

/// What one portfolio has to tell since it was last drained. Drained by swapping, so that its
/// arrays keep their capacity and the steady state allocates nothing.
package struct Records: Sendable {
    package var orders = ContiguousArray<OrderRecord>()
    package var fills = ContiguousArray<FillRecord>()
    package var ledger = ContiguousArray<LedgerRecord>()
    package var roundTrips = ContiguousArray<RoundTrip>()
    package var equity = ContiguousArray<EquitySample>()
    package var breaches = ContiguousArray<BreachRecord>()

    package init() {}

    package mutating func removeAll() {
        orders.removeAll(keepingCapacity: true)
        fills.removeAll(keepingCapacity: true)
        ledger.removeAll(keepingCapacity: true)
        roundTrips.removeAll(keepingCapacity: true)
        equity.removeAll(keepingCapacity: true)
        breaches.removeAll(keepingCapacity: true)
    }
}
