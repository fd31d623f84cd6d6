package import CTapedeck

/// The one order of events (execution rules, section 2): by time; at one time by kind (command,
/// split and standing, dividend and funding, session open, market data by instrument, timer,
/// session close); then by arrival.
///
/// Market data of one instrument at one time: a gap before the data that follow it, bars before
/// ticks (a bar ends before its closing time, a tick at that time comes after), shorter bars before
/// longer ones.
package enum EventOrder {
    /// Orders events of one time; events with equal keys keep the order of their arrival.
    package static func key(_ event: borrowing Event) -> UInt64 {
        let rank = rank(event.type)
        guard rank == marketRank else { return UInt64(rank) << 56 }
        let within: UInt64
        switch event.type {
        case EventKind.gap.rawValue: within = 0
        case EventKind.bar.rawValue: within = 1 << 32 | UInt64(event.timeframe)
        default: within = 2 << 32
        }
        return UInt64(rank) << 56 | UInt64(event.instrument) << 40 | within
    }

    /// Whether `a` comes before `b` whichever arrived first.
    package static func precedes(_ a: borrowing Event, _ b: borrowing Event) -> Bool {
        a.time != b.time ? a.time < b.time : key(a) < key(b)
    }

    /// Sorts by this order; what it leaves open stays as it was.
    package static func sort(_ events: inout [Event]) {
        let places = events.indices.sorted { i, j in
            if precedes(events[i], events[j]) { return true }
            return precedes(events[j], events[i]) ? false : i < j
        }
        events = places.map { events[$0] }
    }

    /// The index of the first event that stands before its predecessor; nil when all are in order.
    package static func firstMisplaced(_ events: Span<Event>) -> Int? {
        var index = 1
        while index < events.count {
            if precedes(events[index], events[index - 1]) { return index }
            index += 1
        }
        return nil
    }

    private static let marketRank: UInt8 = 4

    private static func rank(_ type: UInt8) -> UInt8 {
        switch EventKind(rawValue: type) {
        case .command, .parameter: 0
        case .split, .standing: 1
        case .dividend, .funding: 2
        case .sessionOpen: 3
        case .bar, .trade, .quote, .depth, .gap, nil: marketRank
        // Made by a portfolio in answer to market data; never on a shared tape.
        case .order, .fill: 5
        case .timer: 6
        case .sessionClose: 7
        }
    }
}
