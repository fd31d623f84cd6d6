package import CTapedeck
package import Market

/// Which events of a run a strategy is shown, where its portfolio needs more than it: an order
/// matched on minute bars, say, for a strategy that asked for hours.
package struct EventFilter: Hashable, Sendable {
    /// Bit n: events of type n are shown.
    package var kinds: UInt32
    /// Seconds: bars of these time frames are shown.
    package var timeFrames: [UInt32]
    /// Nothing of these instruments is shown.
    package var hidden: [InstrumentID]

    package init(kinds: UInt32, timeFrames: [UInt32], hidden: [InstrumentID] = []) {
        self.kinds = kinds
        self.timeFrames = timeFrames
        self.hidden = hidden
    }

    /// What a subscription asks for, and everything that comes unasked: splits, sessions, gaps and
    /// so on.
    package init(
        _ subscription: Manifest.Subscription, timeFrames: [UInt32], hidden: [InstrumentID] = []
    ) {
        var kinds = ~UInt32(0)
        let wanted: [(Manifest.Subscription, Int32)] = [
            (.bars, Int32(TD_EVENT_BAR)), (.trades, Int32(TD_EVENT_TRADE)),
            (.quotes, Int32(TD_EVENT_QUOTE)),
            (.depth, Int32(TD_EVENT_DEPTH)),
        ]
        for (element, type) in wanted where !subscription.contains(element) {
            kinds &= ~(1 << UInt32(type))
        }
        self.init(kinds: kinds, timeFrames: timeFrames, hidden: hidden)
    }

    /// Kinds of events whose instrument says something: market data, and what happens to an
    /// instrument.
    private static let ofInstruments = [
        TD_EVENT_BAR, TD_EVENT_TRADE, TD_EVENT_QUOTE, TD_EVENT_DEPTH, TD_EVENT_SPLIT,
        TD_EVENT_DIVIDEND, TD_EVENT_GAP,
    ].reduce(UInt32(0)) { $0 | 1 << UInt32($1) }

    @inline(__always)
    package func shows(_ event: Event) -> Bool {
        guard event.type < 32, kinds & (1 << UInt32(event.type)) != 0 else { return false }
        if !hidden.isEmpty, Self.ofInstruments & (1 << UInt32(event.type)) != 0,
            hidden.contains(event.instrument)
        {
            return false
        }
        return event.type != TD_EVENT_BAR || timeFrames.contains(event.timeframe)
    }
}
