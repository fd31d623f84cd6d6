/// The span of one bar: it holds what happens in `opens <= t < closes`.
package struct BarSpan: Hashable, Sendable {
    package var opens: Timestamp
    package var closes: Timestamp
    /// Shorter than its time frame, because a session begins or ends inside.
    package var isShort: Bool

    @inlinable package init(opens: Timestamp, closes: Timestamp, isShort: Bool = false) {
        self.opens = opens
        self.closes = closes
        self.isShort = isShort
    }
}

/// Where bars begin and end.
package struct BarGrid: Sendable {
    package enum Alignment: Sendable {
        /// UTC: whole multiples of the time frame since 1970, weeks from Monday, months from the
        /// first.
        case epoch
        /// From each session's opening on; a bar that the session's close cuts is short. A day is a
        /// session, weeks and months are those of the sessions' dates. Outside sessions there are
        /// no bars.
        case sessions(TradingCalendar)
        /// The same grid continued over the whole local day: what happens before and after the
        /// session has its bars, and nothing is cut at the close.
        case extended(TradingCalendar)
    }

    package let alignment: Alignment
    /// The day that was asked for last: most questions are about it again.
    private var day: Day?
    /// Known to lie between two sessions.
    private var pause: Range<Timestamp>?

    package init(_ alignment: Alignment) { self.alignment = alignment }

    /// The bar that holds `time`; nil where there is none.
    package mutating func span(of time: Timestamp, _ frame: TimeFrame) -> BarSpan? {
        switch alignment {
        case .epoch: return Self.epochSpan(of: time, frame)
        case .sessions(let calendar):
            guard let day = session(holding: time, calendar) else { return nil }
            if !frame.isOfDates { return day.span(of: time, frame) }
            let (first, last) = Self.dates(of: day.date, frame)
            let opens = calendar.sessions(from: first, through: last).first { _ in true }?.opens
            let closes = calendar.session(on: last) ?? calendar.session(before: last)
            return BarSpan(opens: opens ?? day.starts, closes: closes?.closes ?? day.ends)
        case .extended(let calendar):
            let day = wholeDay(holding: time, calendar)
            if !frame.isOfDates { return day.span(of: time, frame) }
            let (first, last) = Self.dates(of: day.date, frame)
            return BarSpan(
                opens: Day.start(of: first, calendar), closes: Day.start(of: last + 1, calendar))
        }
    }

    /// The bar that was stamped with `closing`.
    package mutating func span(closing: Timestamp, _ frame: TimeFrame) -> BarSpan? {
        span(of: closing - 1, frame)
    }

    private mutating func session(holding time: Timestamp, _ calendar: TradingCalendar) -> Day? {
        if let day, day.holds(time) { return day }
        if let pause, pause.contains(time) { return nil }
        if let found = Day(sessionIn: calendar, at: time) {
            day = found
            return found
        }
        pause = time..<(calendar.nextOpen(after: time) ?? .distantFuture)
        return nil
    }

    private mutating func wholeDay(holding time: Timestamp, _ calendar: TradingCalendar) -> Day {
        if let day, day.holds(time) { return day }
        let found = Day(wholeIn: calendar, at: time)
        day = found
        return found
    }

    private static func epochSpan(of time: Timestamp, _ frame: TimeFrame) -> BarSpan {
        if frame > .day {
            let (first, last) = dates(of: time.date, frame)
            return BarSpan(opens: Timestamp(first), closes: Timestamp(last + 1))
        }
        let width = frame.nanoseconds
        let opens = floorMultiple(time.rawValue, width)
        return BarSpan(
            opens: Timestamp(nanoseconds: opens), closes: Timestamp(nanoseconds: opens) + width)
    }

    /// The first and the last date of the day, week or month that holds `date`.
    private static func dates(of date: CivilDate, _ frame: TimeFrame) -> (CivilDate, CivilDate) {
        switch frame {
        case .month: (date.startOfMonth, date.startOfNextMonth - 1)
        case .week: (date.startOfWeek, date.startOfWeek + 6)
        default: (date, date)
        }
    }

    static func floorMultiple(_ value: Int64, _ width: Int64) -> Int64 {
        let rest = value % width
        return rest < 0 ? value - rest - width : value - rest
    }
}

/// One day on which bars shorter than a day are laid out from an anchor.
private struct Day: Sendable {
    let date: CivilDate
    let anchor: Timestamp
    let starts: Timestamp
    let ends: Timestamp

    func holds(_ time: Timestamp) -> Bool { starts <= time && time < ends }

    /// The session that is open at `time`.
    init?(sessionIn calendar: TradingCalendar, at time: Timestamp) {
        guard let session = calendar.session(containing: time) else { return nil }
        date = session.date
        anchor = session.opens
        starts = session.opens
        ends = session.closes
    }

    /// The local day around `time`, anchored at its session's opening, or at the usual one.
    init(wholeIn calendar: TradingCalendar, at time: Timestamp) {
        var date = calendar.localDate(of: time)
        if time < Self.start(of: date, calendar) { date = date - 1 }
        if time >= Self.start(of: date + 1, calendar) { date = date + 1 }
        self.date = date
        anchor =
            calendar.session(on: date)?.opens
            ?? calendar.zone.timestamp(date, secondOfDay: calendar.hours(on: date).opens)
        starts = Self.start(of: date, calendar)
        ends = Self.start(of: date + 1, calendar)
    }

    /// Midnight, or, where sessions go over midnight, the usual opening.
    static func start(of date: CivilDate, _ calendar: TradingCalendar) -> Timestamp {
        let isOverMidnight = calendar.reach != 0...0
        return calendar.zone.timestamp(
            date, secondOfDay: isOverMidnight ? calendar.hours(on: date).opens : 0)
    }

    func span(of time: Timestamp, _ frame: TimeFrame) -> BarSpan {
        let width = frame.nanoseconds
        let first = anchor + BarGrid.floorMultiple(time - anchor, width)
        let last = first + width
        let span = BarSpan(opens: max(first, starts), closes: min(last, ends))
        return BarSpan(
            opens: span.opens, closes: span.closes,
            isShort: span.opens != first || span.closes != last)
    }
}
