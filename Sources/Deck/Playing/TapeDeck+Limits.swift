import CTapedeck
import Feeds
import Market

/// Limits over all slots: looked at between two events, where every slot has come equally far.
extension TapeDeck {
    /// How many events may be played before the next look; looks first, where one is due.
    func eventsBeforeLook() throws(DeckFailure) -> Int {
        guard let boundary = overall?.boundary, !blocks.isAtEnd, blocks.position < range.upperBound else { return .max }
        let due = tape.place(at: boundary &+ 1)
        guard due <= blocks.position else { return due - blocks.position }
        // Bars that the last events have completed belong before the look.
        while let block = try unsafe blocks.next(limit: 0) {
            unsafe play(block)
            try drain()
        }
        try settle()
        let next = unsafe tape.events[blocks.position].time
        if let command = overall?.look(slots, at: moment, next: next) { try tell(command) }
        return try eventsBeforeLook()
    }

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
