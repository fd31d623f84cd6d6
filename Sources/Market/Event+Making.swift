package import CTapedeck

extension Event {
    /// An event with an empty payload and sequence number 0; the tape numbers its events.
    package init(_ kind: EventKind, _ instrument: InstrumentID, at time: Timestamp) {
        self.init()
        type = kind.rawValue
        self.instrument = instrument
        self.time = time.rawValue
    }

    /// A closed bar, stamped with its close.
    package static func bar(
        _ instrument: InstrumentID, _ frame: TimeFrame, closes: Timestamp, _ bar: Bar,
        flags: EventFlags = []
    ) -> Event {
        var event = Event(.bar, instrument, at: closes)
        event.timeframe = frame.seconds
        event.flags = flags.rawValue
        event.bar = bar
        return event
    }

    /// `taker` is the side that crossed the spread, where the venue says so.
    package static func trade(
        _ instrument: InstrumentID, at time: Timestamp, price: Double, quantity: Double,
        taker: Side? = nil, id: UInt64 = 0
    ) -> Event {
        var event = Event(.trade, instrument, at: time)
        event.trade = Trade(
            price: price, quantity: quantity, id: id, side: taker?.rawValue ?? 0, conditions: 0,
            reserved: 0)
        return event
    }

    package static func quote(
        _ instrument: InstrumentID, at time: Timestamp, bid: Double, bidQuantity: Double,
        ask: Double,
        askQuantity: Double
    ) -> Event {
        var event = Event(.quote, instrument, at: time)
        event.quote = Quote(
            bid: bid, bid_quantity: bidQuantity, ask: ask, ask_quantity: askQuantity, reserved: 0)
        return event
    }

    /// `numerator` new units for `denominator` old ones: 7 and 1 for a 7:1 split, 1 and 10 for a
    /// 1:10 reverse.
    package static func split(
        _ instrument: InstrumentID, at time: Timestamp, numerator: Int64, denominator: Int64
    ) -> Event {
        var event = Event(.split, instrument, at: time)
        event.split = Split(
            ratio: Double(numerator) / Double(denominator), numerator: numerator,
            denominator: denominator, reserved: (0, 0))
        return event
    }

    /// `amount` per unit held, in the instrument's currency, for who holds before this event.
    package static func dividend(
        _ instrument: InstrumentID, at time: Timestamp, amount: Double, taxRate: Double = 0
    ) -> Event {
        var event = Event(.dividend, instrument, at: time)
        event.dividend = Dividend(amount: amount, tax_rate: taxRate, reserved: (0, 0, 0))
        return event
    }

    /// The opening or the closing of a session, at its own time. `calendar` is the run's number of
    /// the calendar.
    package static func session(
        _ kind: EventKind, _ session: Session, calendar: UInt32, instrument: InstrumentID = 0
    ) -> Event {
        precondition(kind == .sessionOpen || kind == .sessionClose, "a session opens or closes")
        var event = Event(
            kind, instrument, at: kind == .sessionOpen ? session.opens : session.closes)
        event.session = SessionChange(
            opens: session.opens.rawValue, closes: session.closes.rawValue, calendar: calendar,
            kind: session.kind.rawValue, reserved: (0, 0))
        return event
    }

    /// Data are missing in [from, to).
    package static func gap(
        _ instrument: InstrumentID, from: Timestamp, to: Timestamp, events: UInt64 = 0
    ) -> Event {
        var event = Event(.gap, instrument, at: to)
        event.gap = td_gap(from: from.rawValue, to: to.rawValue, events: events, reserved: (0, 0))
        return event
    }

    /// Longs pay `rate` of the notional, at `price` or at their mark.
    package static func funding(
        _ instrument: InstrumentID, at time: Timestamp, rate: Double, price: Double = 0
    ) -> Event {
        var event = Event(.funding, instrument, at: time)
        event.funding = td_funding(rate: rate, price: price, reserved: (0, 0, 0))
        return event
    }

    package static func halt(
        _ instrument: InstrumentID, at time: Timestamp, resumes: Bool = false
    ) -> Event {
        var event = Event(.standing, instrument, at: time)
        event.standing.kind = UInt32(resumes ? TD_STANDING_RESUMED : TD_STANDING_HALTED)
        return event
    }

    /// The end of a listing; each unit is paid `price`, or the last one seen.
    package static func delisting(
        _ instrument: InstrumentID, at time: Timestamp, price: Double? = nil
    ) -> Event {
        var event = Event(.standing, instrument, at: time)
        event.standing.kind = UInt32(TD_STANDING_DELISTED)
        event.standing.price = price ?? -1
        return event
    }

    /// `numerator` units of `successor` for `denominator` old ones, and `cash` for each old one.
    package static func succession(
        _ instrument: InstrumentID, by successor: InstrumentID, at time: Timestamp,
        numerator: Int64 = 1,
        denominator: Int64 = 1, cash: Double = 0
    ) -> Event {
        var event = Event(.standing, instrument, at: time)
        event.standing = td_standing(
            kind: UInt32(TD_STANDING_SUCCEEDED), successor: UInt32(successor), numerator: numerator,
            denominator: denominator, price: cash, reserved: 0)
        return event
    }

    /// An operator's command for one slot.
    package static func command(
        _ kind: UInt32, argument: UInt32 = 0, slot: UInt64 = 0, number: Double = 0,
        at time: Timestamp
    ) -> Event {
        var event = Event(.command, 0, at: time)
        event.command = td_command(
            kind: kind, argument: argument, slot: slot, number: number, reserved: (0, 0))
        return event
    }
}
