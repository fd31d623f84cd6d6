import Market

/// From a row's stamp to the instant at which its bar closes, by time frame, stamp and calendar.
struct BarClock: Sendable {
    enum Outcome {
        case closes
        /// The calendar has no session on this date.
        case noSession
        /// Beyond what nanoseconds since 1970 tell.
        case outOfRange
    }

    let stamp: BarStamp
    let zone: ZoneRules
    /// Nil for a market that never shuts.
    let sessions: SessionTable?
    /// Zero for rows that are no bars.
    let frame: TimeFrame

    private(set) var closes: Int64 = 0
    /// The instant from which corporate actions of this row hold.
    private(set) var actions: Int64 = 0
    private(set) var isShort = false
    private(set) var isOutsideSession = false
    private let isUTC: Bool

    init(stamp: BarStamp, zone: ZoneRules, sessions: SessionTable?, frame: TimeFrame?) {
        self.stamp = stamp
        self.zone = zone
        self.sessions = sessions
        self.frame = frame ?? TimeFrame(rawValue: 0)
        isUTC = zone == .utc
    }

    /// Nanoseconds from a UTC stamp to the close, where there is no more to it.
    var plainFrame: Int64? {
        guard sessions == nil, !frame.isOfDates, isUTC else { return nil }
        return stamp == .close ? 0 : frame.nanoseconds
    }

    /// Takes over a close that needed no look at zone or calendar.
    @inline(__always)
    mutating func setPlain(closes time: Int64) { closes = time }

    private static let day = Timestamp.nanosecondsPerDay

    /// UTC nanoseconds of what a `TimestampReader` read.
    @inline(__always)
    func instant(_ value: Int64, isAbsolute: Bool) -> Int64 {
        if isAbsolute || isUTC { return value }
        return localInstant(value)
    }

    private func localInstant(_ value: Int64) -> Int64 {
        let day = Self.floor(value)
        let rest = value - day * Self.day
        let second = Int(rest / 1_000_000_000)
        let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: day))
        return zone.timestamp(date, secondOfDay: second).rawValue + rest % 1_000_000_000
    }

    /// Sets `closes` and its companions for a bar stamped `value`.
    @inline(__always)
    mutating func read(_ value: Int64, isAbsolute: Bool) -> Outcome {
        if frame.isOfDates { return readDate(value, isAbsolute) }
        let time = instant(value, isAbsolute: isAbsolute)
        // What fits with room to spare needs no check of each step.
        guard time.magnitude < UInt64(Int64.max - 100 * Self.day) else { return .outOfRange }
        let opens = stamp == .close ? time &- frame.nanoseconds : time
        closes = opens &+ frame.nanoseconds
        actions = opens &+ 1
        if sessions != nil { holdToSession(opens) }
        return .closes
    }

    private mutating func holdToSession(_ opens: Int64) {
        isShort = false
        isOutsideSession = true
        guard let sessions else { return }
        let place = sessions.place(at: opens)
        guard place < sessions.sessions.count else { return }
        let session = sessions.sessions[place]
        guard session.opens.rawValue <= opens else { return }
        isOutsideSession = false
        actions = session.opens.rawValue
        let isAligned = (opens - session.opens.rawValue) % frame.nanoseconds == 0
        if isAligned, closes > session.closes.rawValue {
            closes = session.closes.rawValue
            isShort = true
        }
    }

    private mutating func readDate(_ value: Int64, _ isAbsolute: Bool) -> Outcome {
        guard value.magnitude < UInt64(Int64.max - 100 * Self.day) else { return .outOfRange }
        guard let sessions else { return readDateOfOpenMarket(value, isAbsolute) }
        let day = date(of: value, isAbsolute)
        let session: Session?
        switch frame {
        case .week:
            session = sessions.last(before: Int((day.startOfWeek + 7).dayNumber))
                .flatMap { $0.date >= day.startOfWeek ? $0 : nil }
        case .month:
            session = sessions.last(before: Int(day.startOfNextMonth.dayNumber))
                .flatMap { $0.date >= day.startOfMonth ? $0 : nil }
        default: session = sessions.session(on: Int(day.dayNumber))
        }
        guard let session else { return .noSession }
        closes = session.closes.rawValue
        actions = session.opens.rawValue
        return .closes
    }

    /// The exchange's date of a stamp: as written, or of the exchange's clock. UTC midnight stands
    /// for a date.
    func date(of value: Int64, _ isAbsolute: Bool) -> CivilDate {
        let day = Self.floor(value)
        guard isAbsolute, value != day * Self.day, let sessions else {
            return CivilDate(dayNumber: Int32(truncatingIfNeeded: day))
        }
        return Timestamp(nanoseconds: value).civil(in: sessions.zone).date
    }

    private mutating func readDateOfOpenMarket(_ value: Int64, _ isAbsolute: Bool) -> Outcome {
        let time = instant(value, isAbsolute: isAbsolute)
        let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: Self.floor(time)))
        let end: Timestamp
        switch frame {
        case .week: end = Timestamp((stamp == .close ? date - 1 : date).startOfWeek + 7)
        case .month: end = Timestamp((stamp == .close ? date - 1 : date).startOfNextMonth)
        default: end = Timestamp(nanoseconds: stamp == .close ? time : time + frame.nanoseconds)
        }
        closes = end.rawValue
        // One nanosecond behind the bar that closes at this midnight, so that it is not the first
        // to be split.
        actions = (stamp == .close ? end.rawValue - frame.nanoseconds : time) + 1
        return .closes
    }

    private static func floor(_ value: Int64) -> Int64 {
        value >= 0 ? value / day : -((day - 1 - value) / day)
    }

    /// The close and open that a date without a session would have had.
    mutating func readWithRegularHours(_ value: Int64, isAbsolute: Bool) -> Bool {
        guard let sessions, frame == .day else { return false }
        let day = date(of: value, isAbsolute)
        let hours = sessions.calendar.hours(on: day)
        closes = sessions.zone.timestamp(day, secondOfDay: hours.closes).rawValue
        actions = sessions.zone.timestamp(day, secondOfDay: hours.opens).rawValue
        return true
    }
}
