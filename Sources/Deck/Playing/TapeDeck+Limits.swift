import CTapedeck
import Feeds
import Kernel
import Market
import StrategyHost

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
            try unsafe play(block)
            try drain()
        }
        try settleOrGoOn()
        let next = unsafe tape.events[blocks.position].time
        if let due = overall?.boundary, due <= boundary,
            let command = overall?.look(countedSlots, at: moment, next: next)
        {
            try tell(command)
        }
        for slot in ensembles?.due(through: boundary, next: next) ?? [] { try measure(slot) }
        return try eventsBeforeLook()
    }

    /// All slots come to this event; but a feed that keeps time waits for none of them.
    private func settleOrGoOn() throws(DeckFailure) {
        if keepsTime { try playReady() } else { try settle() }
    }

    /// What an ensemble's members are worth at this event: of a late one, when it comes there, and
    /// the ensemble with it.
    private func measure(_ slot: Slot) throws(DeckFailure) {
        guard let runner = slot.ensemble else { return }
        let members = runner.taps.prefix(runner.plan.members.count).map(\.slot)
        let worth = MembersWorth(members.count)
        for (place, member) in members.enumerated() {
            guard let member else { continue }
            worth.missing += 1
            try appoint(member) {
                worth.equity[place] = member.runner.portfolio.books.equity.rawValue
                worth.missing -= 1
            }
        }
        try appoint(slot, isDue: { worth.missing == 0 }) { runner.measure(worth.equity) }
    }

    private final class MembersWorth {
        var equity: [Int64?]
        var missing = 0

        init(_ count: Int) { equity = Array(repeating: nil, count: count) }
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
        var played: Result<Void, DeckFailure> = .success(())
        unsafe [command].withUnsafeBufferPointer { events in
            unsafe prices.withUnsafeBufferPointer { prices in
                guard let event = events.baseAddress, let price = prices.baseAddress else { return }
                // Borrowed for this call; views that others read have copies.
                played = Result { () throws(DeckFailure) in
                    try unsafe play(EventRun(events: event, prices: price, count: 1))
                }
            }
        }
        try played.get()
        try settleOrGoOn()
        try drain()
    }
}
