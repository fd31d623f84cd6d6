import CTapedeck
import Feeds
import Market

/// Limits over all slots: looked at between two events, where every slot has come equally far.
extension TapeDeck {
    /// How many events may be played before the next look; looks first, where one is due.
    func eventsBeforeLook() throws(DeckFailure) -> Int {
        guard let boundary = nextLook, !blocks.isAtEnd, blocks.position < range.upperBound else {
            return .max
        }
        let due = tape.place(at: boundary &+ 1)
        guard due <= blocks.position else { return due - blocks.position }
        // Bars that the last events have completed belong before the look.
        while let block = try unsafe blocks.next(limit: 0) {
            unsafe play(block)
            try drain()
        }
        try settle()
        let next = unsafe tape.events[blocks.position].time
        if let due = overall?.boundary, due <= boundary,
            let command = overall?.look(countedSlots, at: moment, next: next)
        {
            try tell(command)
        }
        ensembles?.measure(through: boundary, next: next)
        return try eventsBeforeLook()
    }

    /// Nil where nobody looks.
    private var nextLook: Int64? {
        guard let due = overall?.boundary else { return ensembles?.boundary }
        return min(due, ensembles?.boundary ?? .max)
    }

    /// Without shadows.
    var countedSlots: [Slot] { slots.filter { !$0.plan.isShadow } }

    /// A block of its own for every slot: what plays in workers gets it as it gets everything.
    private func tell(_ command: Event) throws(DeckFailure) {
        let prices = [ExactPrices(open: 0, high: 0, low: 0, close: 0)]
        unsafe [command].withUnsafeBufferPointer { events in
            unsafe prices.withUnsafeBufferPointer { prices in
                guard let event = events.baseAddress, let price = prices.baseAddress else { return }
                // Borrowed for this call; views that others read have copies.
                unsafe play(EventRun(events: event, prices: price, count: 1))
            }
        }
        try settle()
        try drain()
    }
}
