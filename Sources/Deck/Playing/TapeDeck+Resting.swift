import StrategyHost

/// A deck that has nothing to play for a while.
extension TapeDeck {
    /// Waits for mail, but at most so long. A worker that ends meanwhile is noticed at once.
    func rest(nanoseconds: Int64) throws(DeckFailure) {
        let descriptors =
            nanoseconds < Mailbox.shortest
            ? [] : slots.compactMap { $0.runner.lifeline?.descriptor }
        guard mailbox.wait(nanoseconds: nanoseconds, orUntil: descriptors) else { return }
        for slot in slots {
            slot.noticeEnd()
            try drain(slot)
        }
    }
}
