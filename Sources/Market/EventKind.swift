package import CTapedeck

/// What an event tells; the codes are those of `TD_EVENT_*`.
package enum EventKind: UInt8, Hashable, Sendable, CaseIterable {
    case bar = 1, trade, quote, depth, split, dividend
    case sessionOpen, sessionClose, timer
    case order, fill, parameter, gap, command
    case funding, standing
}

/// What else is known of an event; the bits are those of `TD_FLAG_*`.
package struct EventFlags: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8
    @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Made for one strategy's instance.
    @inlinable package static var isPrivate: EventFlags { EventFlags(rawValue: 1) }
    /// Made by a generator, not seen on a market.
    @inlinable package static var synthetic: EventFlags { EventFlags(rawValue: 2) }
    /// History before the first event on which orders are accepted.
    @inlinable package static var warmUp: EventFlags { EventFlags(rawValue: 4) }
    /// A bar cut short by its session's close.
    @inlinable package static var shortBar: EventFlags { EventFlags(rawValue: 8) }
    /// Played again to catch up.
    @inlinable package static var replay: EventFlags { EventFlags(rawValue: 16) }
    /// Of a level of depth: more of the same update follow.
    @inlinable package static var more: EventFlags { EventFlags(rawValue: 32) }
}

extension Event {
    /// Nil for a kind that this version does not know: such an event is stepped over.
    package var kind: EventKind? { EventKind(rawValue: type) }
    package var marks: EventFlags {
        get { EventFlags(rawValue: flags) }
        set { flags = newValue.rawValue }
    }
    package var timestamp: Timestamp {
        get { Timestamp(nanoseconds: time) }
        set { time = newValue.rawValue }
    }
}
