import CTapedeck
import Market

/// What separates the kinds of records in the digest.
enum RecordKind {
    static let order: UInt64 = 1
    static let fill: UInt64 = 2
    static let ledger: UInt64 = 3
    static let roundTrip: UInt64 = 4
    static let equity: UInt64 = 5
    static let breach: UInt64 = 6
}

extension Portfolio {
    /// Writes down that an order is now as it is, and tells its strategy.
    @inline(never) mutating func note(
        _ slot: Int32, _ state: OrderState, _ reason: Reason = .none
    ) {
        // What is under way counts as closed for the margin; when it changes, the next market data
        // are looked at.
        if watchesMargin { riskIsDue = true }
        note(
            OrderRecord(orders[slot], state, reason, sequence, now),
            remaining: orders[slot].remaining)
    }

    @inline(__always)
    private mutating func note(_ record: OrderRecord, remaining: Int64) {
        records.orders.append(record)
        digest(record)
        told.append(update(record, remaining))
    }

    /// Writes down a fill, and tells the strategy.
    mutating func note(_ fill: FillRecord) {
        records.fills.append(fill)
        digest(fill)
        var event = privateEvent(TD_EVENT_FILL, fill.instrument)
        let units = unitsOf(fill.instrument)
        event.fill = td_fill(
            order: fill.order, tag: fill.tag,
            price: units?.value(ofPrice: fill.price.rawValue) ?? 0,
            quantity: units?.value(ofQuantity: fill.quantity.rawValue) ?? 0,
            fee: Double(fill.fee.rawValue) / moneyUnits(fill.instrument))
        told.append(event)
    }

    /// Feeds the digest what the books wrote since `counts`.
    @inline(__always) mutating func digestBooks(
        since counts: (ledger: Int, roundTrips: Int, breaches: Int)
    ) {
        for place in counts.ledger..<records.ledger.count {
            let line = records.ledger[place]
            digest.feed(line.sequence, UInt64(line.instrument) << 8 | UInt64(line.kind.rawValue))
            digest.feed(line.amount.rawValue, line.cashAfter.rawValue)
            digest.close(RecordKind.ledger)
        }
        for place in counts.roundTrips..<records.roundTrips.count {
            digest(records.roundTrips[place])
        }
        for place in counts.breaches..<records.breaches.count {
            let breach = records.breaches[place]
            digest.feed(breach.sequence, UInt64(breach.instrument))
            digest.feed(breach.measured.bitPattern, breach.allowed.bitPattern)
            digest.close(RecordKind.breach)
        }
    }

    /// How many records there are of the kinds that the books write.
    var recordCounts: (ledger: Int, roundTrips: Int, breaches: Int) {
        (records.ledger.count, records.roundTrips.count, records.breaches.count)
    }

    @inline(__always) private mutating func digest(_ record: OrderRecord) {
        let kinds =
            UInt64(record.instrument) | UInt64(record.kind.rawValue) << 16
            | UInt64(record.timeInForce.rawValue) << 24 | UInt64(record.state.rawValue) << 32
            | UInt64(record.reason.rawValue) << 40
        digest.feed(record.order, record.parent)
        digest.feed(record.tag, record.sequence)
        digest.feed(record.quantity.rawValue, record.filled.rawValue)
        digest.feed(record.limit.rawValue, record.stop.rawValue)
        digest.feed(record.time.rawValue, record.expires.rawValue)
        digest.feed(kinds, UInt64(record.flags) << 32 | UInt64(record.oco))
        digest.close(RecordKind.order)
    }

    @inline(__always) private mutating func digest(_ fill: FillRecord) {
        let kinds =
            UInt64(fill.instrument) | UInt64(fill.reason.rawValue) << 16
            | (fill.isMaker ? 1 << 32 : 0) | (fill.isAmbiguous ? 1 << 33 : 0)
        digest.feed(fill.order, fill.sequence)
        digest.feed(fill.quantity.rawValue, fill.price.rawValue)
        digest.feed(fill.cash.rawValue, fill.fee.rawValue)
        digest.feed(fill.realised.rawValue, fill.cashAfter.rawValue)
        digest.feed(UInt64(bitPattern: fill.positionAfter.rawValue), kinds)
        digest.close(RecordKind.fill)
    }

    @inline(__always) private mutating func digest(_ trip: RoundTrip) {
        digest.feed(trip.entrySequence, trip.exitSequence)
        digest.feed(trip.quantity.rawValue, trip.gross.rawValue)
        digest.feed(trip.costs.rawValue, trip.worst.rawValue)
        digest.feed(trip.best.rawValue, Int64(trip.bars))
        digest.close(RecordKind.roundTrip)
    }

    @inline(__always) private func update(_ record: OrderRecord, _ remaining: Int64) -> Event {
        var event = privateEvent(TD_EVENT_ORDER, record.instrument)
        var (filled, open) = (0.0, 0.0)
        if Int(record.instrument) < listings.count {
            let place = Int(record.instrument)
            filled = listings[place].units.value(ofQuantity: record.filled.rawValue.magnitude)
            open = listings[place].units.value(ofQuantity: UInt64(remaining))
        }
        event.order = td_order_update(
            order: record.order, tag: record.tag, filled: filled, remaining: open,
            state: UInt16(record.state.rawValue), reason: record.reason.rawValue, reserved: 0)
        return event
    }

    @inline(__always) func privateEvent(_ type: Int, _ instrument: InstrumentID) -> Event {
        var event = Event()
        event.type = UInt8(type)
        event.flags = UInt8(TD_FLAG_PRIVATE)
        event.instrument = instrument
        event.sequence = sequence
        event.time = now.rawValue
        return event
    }

    /// Nil for an instrument that does not exist: a ticket may name one.
    @inline(__always) func unitsOf(_ instrument: InstrumentID) -> OrderUnits? {
        Int(instrument) < listings.count ? listings[Int(instrument)].units : nil
    }

    /// Money units in one of the instrument's currency.
    @inline(__always) func moneyUnits(_ instrument: InstrumentID) -> Double {
        listings[Int(instrument)].moneyUnits
    }
}

extension OrderRecord {
    @inline(__always) init(
        _ order: borrowing WorkingOrder, _ state: OrderState, _ reason: Reason, _ sequence: UInt64,
        _ time: Timestamp
    ) {
        self.init(
            order: order.id, parent: order.parent, tag: order.tag, sequence: sequence, time: time,
            quantity: Quantity(order.quantity &* order.direction),
            filled: Quantity(order.filled &* order.direction),
            limit: Price(order.limit), stop: Price(order.stop),
            expires: Timestamp(nanoseconds: order.timeInForce == .gtd ? order.expires : 0),
            instrument: order.instrument, kind: order.kind, timeInForce: order.timeInForce,
            state: state,
            flags: order.flags, oco: order.oco, reason: reason)
    }
}
