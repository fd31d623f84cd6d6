package import CTapedeck
package import Market

/// The openings and closings of calendars' sessions as events of a tape.
package enum SessionEvents {
    /// The calendars of a run by the number that session events carry: distinct, in the order of
    /// the instruments.
    package static func calendars(of instruments: [Instrument]) -> [String] {
        var names: [String] = []
        for instrument in instruments where !names.contains(instrument.calendar) {
            names.append(instrument.calendar)
        }
        return names
    }

    /// The sessions of all the instruments' calendars that touch [first, last], in their order on a
    /// tape. Markets that never shut have none.
    package static func events(
        for instruments: [Instrument], from first: Int64, through last: Int64
    ) throws(TradingCalendar.UnknownName) -> [Event] {
        var events: [Event] = []
        for (number, name) in calendars(of: instruments).enumerated() {
            let calendar = try TradingCalendar.named(name)
            guard calendar.name != "24/7", first <= last else { continue }
            let owner = instruments.first { $0.calendar == name }
            let from = Timestamp(nanoseconds: first).date - 1
            let through = Timestamp(nanoseconds: last).date + 1
            for session in calendar.sessions(from: from, through: through)
            where session.closes.rawValue >= first && session.opens.rawValue <= last {
                for kind in [EventKind.sessionOpen, .sessionClose] {
                    var event = Event.session(
                        kind, session, calendar: UInt32(number), instrument: owner?.id ?? 0)
                    if owner?.isSynthetic == true { event.flags |= EventFlags.synthetic.rawValue }
                    events.append(event)
                }
            }
        }
        EventOrder.sort(&events)
        return events
    }
}
