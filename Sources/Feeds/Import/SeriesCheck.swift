import CTapedeck
import Market

/// Follows one series of market data (the bars of one instrument and time frame, or its trades, or
/// its quotes) and notices what only neighbours show.
struct SeriesCheck {
    enum Order {
        case later
        /// A second row for the same time (bars) or the same trade.
        case again
        case earlier
    }

    private(set) var lastTime = Int64.min
    private(set) var lastPrice = 0.0
    private var lastID: UInt64 = 0
    private(set) var lastLine = 0
    /// Bars that the calendar expects and the data lack.
    private(set) var missingBars = 0

    /// Where this event stands to the one before it. Quotes and levels may share a time, trades
    /// that have different ids.
    @inline(__always)
    func order(_ event: Event) -> Order {
        if event.time > lastTime { return .later }
        if event.time < lastTime { return .earlier }
        switch event.type {
        case EventCode.bar, EventCode.funding: return .again
        case EventCode.trade:
            return event.trade.id != 0 && event.trade.id == lastID ? .again : .later
        default: return .later
        }
    }

    /// Takes a kept event; true when `notice` has something to say about it.
    @inline(__always)
    func isRemarkable(_ event: Event) -> Bool {
        let price = Self.price(event)
        // Twice or half of the price before: written so that a first price, zero, is remarkable as
        // well.
        if price > lastPrice * 2 || price * 2 < lastPrice { return true }
        guard event.type == EventCode.bar else { return false }
        return event.time &- lastTime != Int64(event.timeframe) &* 1_000_000_000
    }

    @inline(__always)
    mutating func take(_ event: Event, line: Int) {
        lastTime = event.time
        lastLine = line
        lastPrice = Self.price(event)
        if event.type == EventCode.trade { lastID = event.trade.id }
    }

    /// Takes bars that are `step` apart and of which `isRemarkable` says nothing; answers the place
    /// of the first other event.
    @inline(__always)
    mutating func passPlain(
        _ events: UnsafePointer<Event>, from start: Int, to end: Int, step: Int64
    ) -> Int {
        guard lastTime != .min, step > 0 else { return start }
        var (time, price) = (lastTime, lastPrice)
        let timeframe = unsafe events[start].timeframe
        var index = start
        while index < end {
            let event = unsafe events + index
            time &+= step
            let close = unsafe event.pointee.bar.close
            guard unsafe event.pointee.type == EventCode.bar, unsafe event.pointee.time == time,
                unsafe event.pointee.timeframe == timeframe, close <= price * 2, close * 2 >= price
            else { break }
            price = close
            index &+= 1
        }
        if index > start {
            lastTime = unsafe events[index - 1].time
            lastPrice = price
        }
        return index
    }

    mutating func remember(line: Int) { lastLine = line }

    /// Prices after a split are in new units.
    mutating func split(by ratio: Double) { lastPrice /= ratio }

    @inline(__always)
    static func price(_ event: Event) -> Double {
        switch event.type {
        case EventCode.bar: event.bar.close
        case EventCode.trade: event.trade.price
        case EventCode.quote: (event.quote.bid + event.quote.ask) / 2
        // Levels lie far apart, and rates are no prices.
        default: 0
        }
    }

    /// Says what is remarkable about a kept event, before it is taken. `sessions` is nil for a
    /// market that never shuts.
    mutating func notice(
        _ event: Event, line: Int, _ sessions: SessionTable?, into tally: inout ProblemTally
    ) {
        guard lastTime != .min else { return }
        let price = Self.price(event)
        if lastPrice > 0, price > 0, price > lastPrice * 2 || price * 2 < lastPrice {
            let last = lastPrice
            tally.record(.jump, .noted, line: line, column: 0, Self.jump(from: last, to: price))
        }
        guard event.type == EventCode.bar else { return }
        let missing = BarGap.missing(
            from: lastTime, to: event.time, TimeFrame(rawValue: event.timeframe), sessions)
        guard missing > 0 else { return }
        missingBars += missing
        let last = Timestamp(nanoseconds: lastTime)
        tally.record(.gap, .noted, line: line, column: 0, Self.gap(missing, last, event.timestamp))
    }

    private static func gap(_ missing: Int, _ from: Timestamp, _ to: Timestamp) -> String {
        "\(missing) \(missing == 1 ? "bar is" : "bars are") missing between \(TimeText.string(from)) "
            + "and \(TimeText.string(to))"
    }

    private static func jump(from last: Double, to price: Double) -> String {
        let ratio = last / price
        let text = "from \(last) to \(price)"
        for (one, other) in [(ratio, "split of"), (1 / ratio, "reverse split of 1:")]
        where 1.8...1000 ~= one && abs(one - one.rounded()) < 0.04 * one {
            let whole = Int(one.rounded())
            return text
                + "; it looks like a \(other) \(other.hasSuffix(":") ? "\(whole)" : "\(whole):1")"
        }
        return text
    }
}

/// How many bars a calendar expects between two that follow each other.
enum BarGap {
    static func missing(
        from last: Int64, to time: Int64, _ frame: TimeFrame, _ sessions: SessionTable?
    ) -> Int {
        let step = frame.nanoseconds
        guard time > last, step > 0 else { return 0 }
        switch frame {
        case .week: return weeks(last, time)
        case .month: return months(last, time)
        default: break
        }
        // Differences of far-apart times may not fit.
        guard let sessions else {
            let apart = Timestamp(nanoseconds: time) - Timestamp(nanoseconds: last)
            return Int(clamping: apart / step) - 1
        }
        return frame.isOfDates
            ? sessions.place(at: time - 1) - sessions.place(at: last - 1) - 1
            : inSessions(last, time, step, sessions)
    }

    /// Bars of the open times after `last`, up to the one that closes at `time`. After-hours prints
    /// are not expected, and do not break what is.
    private static func inSessions(
        _ last: Int64, _ time: Int64, _ step: Int64, _ table: SessionTable
    ) -> Int {
        var place = table.place(at: last - 1)
        let sessions = table.sessions
        var missing = 0
        var from = last
        while place < sessions.count, sessions[place].opens.rawValue < time {
            let session = sessions[place]
            from = max(from, session.opens.rawValue)
            let until = min(session.closes.rawValue, time)
            if until > from { missing += Int((until - from + step - 1) / step) }
            place += 1
        }
        let isExpected = place > 0 && sessions[place - 1].closes.rawValue >= time
        return max(0, missing - (isExpected ? 1 : 0))
    }

    private static func weeks(_ last: Int64, _ time: Int64) -> Int {
        func week(_ time: Int64) -> CivilDate { Timestamp(nanoseconds: time - 1).date.startOfWeek }
        return max(0, (week(time) - week(last)) / 7 - 1)
    }

    private static func months(_ last: Int64, _ time: Int64) -> Int {
        func month(_ time: Int64) -> Int {
            let date = Timestamp(nanoseconds: time - 1).date
            return date.year * 12 + date.month
        }
        return max(0, month(time) - month(last) - 1)
    }
}
