import CTapedeck

/// Counts the series of a run of events while numbering them.
struct SeriesTally {
    private(set) var series: [TapeSeries] = []
    private var current = 0

    /// Writes the sequence numbers from `place` on; false when time goes back.
    mutating func number(_ events: UnsafeMutablePointer<Event>, count: Int, from place: Int) -> Bool
    {
        var inOrder = true
        var last = Int64.min
        var start = 0
        while start < count {
            let key = unsafe Self.key(events + start)
            var index = start
            // Runs of one series are the rule; the tally is touched once for each.
            while index < count, unsafe Self.key(events + index) == key {
                unsafe events[index].sequence = UInt64(truncatingIfNeeded: place &+ index)
                let time = unsafe events[index].time
                inOrder = inOrder && time >= last
                last = time
                index &+= 1
            }
            unsafe count_(events + start, events[start].time, last, index - start)
            start = index
        }
        return inOrder
    }

    private mutating func count_(
        _ event: UnsafeMutablePointer<Event>, _ first: Int64, _ last: Int64, _ count: Int
    ) {
        let found = unsafe find(
            event.pointee.type, event.pointee.instrument, event.pointee.timeframe)
        if series[found].count == 0 { series[found].firstTime = first }
        series[found].lastTime = last
        series[found].count += count
    }

    /// Symbols take turns on a tape, so the next entry is the likeliest.
    private mutating func find(_ type: UInt8, _ instrument: UInt16, _ timeframe: UInt32) -> Int {
        for step in 1...max(1, series.count) where !series.isEmpty {
            let index = (current + step) % series.count
            let one = series[index]
            if one.type == type, one.instrument == instrument, one.timeframe == timeframe {
                current = index
                return index
            }
        }
        series.append(
            TapeSeries(
                type: type, instrument: instrument, timeframe: timeframe, count: 0, firstTime: 0,
                lastTime: 0))
        current = series.count - 1
        return current
    }

    /// Everything of the first eight bytes but the flags.
    private static func key(_ event: UnsafeMutablePointer<Event>) -> UInt64 {
        unsafe UnsafeRawPointer(event).load(as: UInt64.self) & 0xffff_ffff_ffff_00ff
    }

    static func merge(_ other: [TapeSeries], into series: inout [TapeSeries]) {
        for one in other {
            if let index = series.firstIndex(where: { $0.order == one.order }) {
                series[index].count += one.count
                series[index].firstTime = min(series[index].firstTime, one.firstTime)
                series[index].lastTime = max(series[index].lastTime, one.lastTime)
            } else {
                series.append(one)
            }
        }
    }
}

extension TapeSeries {
    /// Sorts by instrument, then kind, then time frame.
    var order: UInt64 { UInt64(instrument) << 40 | UInt64(type) << 32 | UInt64(timeframe) }

    /// Events that belong to a calendar or an operator, not to an instrument.
    var isOfMarket: Bool {
        Int(type) == TD_EVENT_SESSION_OPEN || Int(type) == TD_EVENT_SESSION_CLOSE
            || Int(type) == TD_EVENT_COMMAND
    }
}
