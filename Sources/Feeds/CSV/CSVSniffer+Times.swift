import Market

/// How time is written, and what it stamps.
extension CSVSniffer {
    mutating func findTimes(_ columns: inout [CSVColumn]) throws(FeedError) -> TimestampFormat {
        guard let column = columns.firstIndex(where: { $0.role == .time }) else {
            throw unknown("no column says when")
        }
        if let given = hints.timestamp { return given }
        let texts = rows.map { $0[column] }
        // A few bad rows must not hide what the others say.
        let enough = max(1, texts.count * 9 / 10)
        func reads(_ format: TimestampFormat) -> Bool {
            var count = 0
            for text in texts where TimeField.read(text, format) != nil { count += 1 }
            return count >= enough
        }
        if reads(.compact), !texts.contains(where: { $0.count == 10 || $0.count == 13 }) {
            return .compact
        }
        // Any count at all; its magnitude tells the unit.
        if reads(.nanoseconds) { return epoch(texts) }
        for format in [TimestampFormat.iso, .dayMonthName, .monthNameDay] where reads(format) {
            return format
        }
        switch (reads(.monthFirst), reads(.dayFirst)) {
        case (true, true): return ambiguous(texts)
        case (true, false): return .monthFirst
        case (false, true): return .dayFirst
        case (false, false): break
        }
        let sample = texts.first { text in
            !TimestampFormat.allCases.contains { TimeField.read(text, $0) != nil }
        }
        throw FeedError(
            .unknownLayout, path, "\"\((sample ?? texts[0]).excerpt)\" is no time that is known",
            line: skippedLines + (hasHeader ? 2 : 1), hint: "give the timestamp's format")
    }

    /// By magnitude: all of them lie between 1973 and 2286 in exactly one unit.
    private func epoch(_ texts: [[UInt8]]) -> TimestampFormat {
        let values = texts.compactMap { number($0) }.map(\.magnitude).sorted()
        switch values.isEmpty ? 0 : values[values.count / 2] {
        case ..<1e11: return .seconds
        case ..<1e14: return .milliseconds
        case ..<1e17: return .microseconds
        default: return .nanoseconds
        }
    }

    /// The order in which the rows make the fewer steps back.
    private mutating func ambiguous(_ texts: [[UInt8]]) -> TimestampFormat {
        func turns(_ format: TimestampFormat) -> Int {
            let times = texts.compactMap { TimeField.read($0, format)?.value }
            let ups = zip(times, times.dropFirst()).filter { $0 < $1 }.count
            let downs = zip(times, times.dropFirst()).filter { $0 > $1 }.count
            return min(ups, downs)
        }
        let month = turns(.monthFirst), day = turns(.dayFirst)
        if month == day {
            let isDotted = texts[0].contains(UInt8(ascii: "."))
            explain(
                "day or month first cannot be told; taken as \(isDotted ? "day" : "month") first")
            return isDotted ? .dayFirst : .monthFirst
        }
        return month < day ? .monthFirst : .dayFirst
    }

    /// Zone, stamp, time frame and order.
    mutating func findClock(_ dialect: inout CSVDialect) throws(FeedError) {
        let times = stamps(dialect)
        guard !times.isEmpty else { throw unknown("no row has a time that can be read") }
        let isDated = times.allSatisfy { !$0.hasTime }
        let isNaive = times.allSatisfy { !$0.isAbsolute }
        dialect.order = hints.order ?? order(times)
        if dialect.order == .newestFirst { explain("the newest row comes first") }
        explain("time: \(dialect.timestamp.title)")
        dialect.zone = hints.zone ?? (isNaive && !isDated ? naiveZone(times) : "UTC")
        if isNaive, !isDated { explain("times name no zone: taken as \(dialect.zone)") }
        if dialect.layout.isOfInstants { return }
        let isUTC = dialect.zone == "UTC"
        dialect.timeframe = hints.timeframe
        if dialect.timeframe == nil { dialect.timeframe = try timeframe(times, isDated) }
        guard let frame = dialect.timeframe else { return }
        let closing =
            header.indices.contains(dialect.index(of: .time) ?? 0)
            && ColumnNames.closeTimes.contains(
                ColumnNames.plain(header[dialect.index(of: .time) ?? 0]))
        dialect.stamp = hints.stamp ?? (isDated ? .date : closing ? .close : .open)
        if hints.stamp == nil, !isDated, !closing, isUTC || !isNaive, stampsCloses(times, frame) {
            dialect.stamp = .close
        }
        explain("bars of \(frame), stamped with their \(dialect.stamp.rawValue)")
        if frame == .day, sessions == nil, !times.contains(where: { isWeekend($0.value) }),
            times.count > 10
        {
            explain("no bars on weekends: name the exchange's calendar to check them against it")
        }
    }

    struct Stamp {
        var value: Int64
        var isAbsolute: Bool
        var hasTime: Bool
        var symbol: [UInt8]
        var isTail: Bool
    }

    private func stamps(_ dialect: CSVDialect) -> [Stamp] {
        guard let column = dialect.index(of: .time) else { return [] }
        let clock = dialect.index(of: .timeOfDay)
        let symbol = dialect.index(of: .symbol)
        var stamps: [Stamp] = []
        for (place, row) in rows.enumerated() {
            guard var read = TimeField.read(row[column], dialect.timestamp) else { continue }
            if let clock, let time = TimeField.read(row[clock], nil) {
                read.value += time.value
                // Files of daily bars fill the clock's column with zeros.
                read.hasTime = time.value != 0
            }
            stamps.append(
                Stamp(
                    value: read.value, isAbsolute: read.isAbsolute, hasTime: read.hasTime,
                    symbol: symbol.map { row[$0] } ?? [], isTail: place >= headRowCount))
        }
        return stamps
    }

    /// Differences between neighbours of one symbol.
    private func steps(_ stamps: [Stamp]) -> [Int64] {
        var last: [[UInt8]: Stamp] = [:]
        var steps: [Int64] = []
        for stamp in stamps {
            if let before = last[stamp.symbol], before.isTail == stamp.isTail {
                steps.append(stamp.value - before.value)
            }
            last[stamp.symbol] = stamp
        }
        return steps
    }

    private func order(_ stamps: [Stamp]) -> CSVDialect.Order {
        let steps = steps(stamps)
        return steps.filter { $0 < 0 }.count > steps.filter { $0 > 0 }.count
            ? .newestFirst : .oldestFirst
    }

    private mutating func timeframe(
        _ stamps: [Stamp], _ isDated: Bool
    ) throws(FeedError) -> TimeFrame {
        let lengths = steps(stamps).map { Int(clamping: $0.magnitude) }.filter { $0 > 0 }.sorted()
        var best = (value: 0, count: 0)
        var start = 0
        // The shortest of the most frequent.
        for index in lengths.indices
        where index + 1 == lengths.count || lengths[index + 1] != lengths[index] {
            if index + 1 - start > best.count { best = (lengths[index], index + 1 - start) }
            start = index + 1
        }
        let day = Int(Timestamp.nanosecondsPerDay)
        if best.value == 0 {
            if isDated { return .day }
            throw FeedError(
                .badSettings, path, "the time frame cannot be told from \(stamps.count) rows",
                hint: "give it, such as 1m, 1h or 1d")
        }
        if 28 * day...31 * day ~= best.value { return .month }
        let seconds = best.value / 1_000_000_000
        guard best.value % 1_000_000_000 == 0, let frame = UInt32(exactly: seconds), frame > 0
        else {
            throw FeedError(
                .badSettings, path,
                "the commonest step between rows is \(best.value) ns: no time frame",
                hint: "give it, such as 1m, 1h or 1d")
        }
        if isDated, !TimeFrame(rawValue: frame).canBeBuilt {
            explain("the dates follow no regular step: taken as days")
            return .day
        }
        return TimeFrame(rawValue: frame)
    }

    /// Stamps without a zone are the exchange's own where more of them fall into its sessions so.
    private func naiveZone(_ stamps: [Stamp]) -> String {
        guard let sessions else { return "UTC" }
        func inside(_ zone: ZoneRules) -> Int {
            let clock = BarClock(stamp: .open, zone: zone, sessions: nil, frame: nil)
            return stamps.filter { isInSession(clock.instant($0.value, isAbsolute: false)) }.count
        }
        return inside(sessions.zone) > inside(.utc) ? sessions.zone.name : "UTC"
    }

    private func isInSession(_ time: Int64) -> Bool {
        guard let sessions else { return true }
        let place = sessions.place(at: time)
        return place < sessions.sessions.count && sessions.sessions[place].opens.rawValue <= time
    }

    /// Whether sessions' closes occur among the stamps and their opens do not.
    private func stampsCloses(_ stamps: [Stamp], _ frame: TimeFrame) -> Bool {
        guard let sessions, !frame.isOfDates else { return false }
        var opens = 0
        var closes = 0
        for stamp in stamps {
            let place = sessions.place(at: stamp.value)
            if place < sessions.sessions.count,
                sessions.sessions[place].opens.rawValue == stamp.value
            {
                opens += 1
            }
            if place > 0, sessions.sessions[place - 1].closes.rawValue == stamp.value {
                closes += 1
            }
        }
        return closes > 0 && opens == 0
    }

    private func isWeekend(_ value: Int64) -> Bool {
        let weekday = Timestamp(nanoseconds: value).date.weekday
        return weekday == .saturday || weekday == .sunday
    }
}
