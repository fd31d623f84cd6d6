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
        if let command = overall?.look(slots, at: moment, next: next) {
            for slot in slots {
                slot.play(command)
                try drain(slot)
            }
        }
        return try eventsBeforeLook()
    }
}
