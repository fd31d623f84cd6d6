import CTapedeck

/// The kinds of events as they stand in the first byte, for loops in which a function call would
/// show.
enum EventCode {
    static var bar: UInt8 { UInt8(truncatingIfNeeded: TD_EVENT_BAR) }
    static var trade: UInt8 { UInt8(truncatingIfNeeded: TD_EVENT_TRADE) }
    static var quote: UInt8 { UInt8(truncatingIfNeeded: TD_EVENT_QUOTE) }
    static var depth: UInt8 { UInt8(truncatingIfNeeded: TD_EVENT_DEPTH) }
    static var funding: UInt8 { UInt8(truncatingIfNeeded: TD_EVENT_FUNDING) }
    static var standing: UInt8 { UInt8(truncatingIfNeeded: TD_EVENT_STANDING) }
    static var split: UInt8 { UInt8(truncatingIfNeeded: TD_EVENT_SPLIT) }
    static var dividend: UInt8 { UInt8(truncatingIfNeeded: TD_EVENT_DIVIDEND) }
    static var sessionOpen: UInt8 { UInt8(truncatingIfNeeded: TD_EVENT_SESSION_OPEN) }
    static var sessionClose: UInt8 { UInt8(truncatingIfNeeded: TD_EVENT_SESSION_CLOSE) }
}

extension Event {
    /// A split or a dividend.
    @inline(__always)
    var isAction: Bool { type == EventCode.split || type == EventCode.dividend }

    /// Another instrument takes the place of this one.
    @inline(__always)
    var isSuccession: Bool {
        type == EventCode.standing && standing.kind == UInt32(TD_STANDING_SUCCEEDED)
    }

    /// Gives the successor the number that `names` has for it; one that is not there is nobody's.
    mutating func renameSuccessor(_ names: some Collection<UInt16>) {
        guard isSuccession else { return }
        let successor = Int(standing.successor)
        let place = names.index(names.startIndex, offsetBy: successor, limitedBy: names.endIndex)
        standing.successor = place.map { $0 < names.endIndex ? UInt32(names[$0]) : .max } ?? .max
    }

    /// Levels of a book that were told together.
    static func isOneUpdate(_ one: Event, _ next: Event) -> Bool {
        one.type == EventCode.depth && next.type == EventCode.depth && one.time == next.time
            && one.instrument == next.instrument
    }

    @inline(__always)
    var isSession: Bool { type == EventCode.sessionOpen || type == EventCode.sessionClose }
}
