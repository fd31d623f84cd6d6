import Glibc
import StrategyHost

/// A deck that has nothing to play for a while.
extension TapeDeck {
    /// Waits for mail, but at most so long. A worker that ends meanwhile is noticed at once.
    func rest(nanoseconds wanted: Int64) throws(DeckFailure) {
        var nanoseconds = wanted
        // Whoever has been asked something answers soon, and stands still until that is seen.
        if !appointments.isEmpty || slots.contains(where: \.isLate) {
            nanoseconds = min(wanted, lateRest)
            lateRest = min(2 * lateRest, Self.longestLateRest)
        }
        let descriptors =
            nanoseconds < Mailbox.shortest
            ? [] : slots.compactMap { $0.runner.lifeline?.descriptor }
        guard mailbox.wait(nanoseconds: nanoseconds, orUntil: descriptors) else { return }
        for slot in slots {
            slot.noticeEnd()
            try drain(slot)
        }
    }

    static let shortestRest: Int64 = 20_000
    private static let longestLateRest: Int64 = 1_000_000

    /// A worker that is quick has its answer sooner than this thread would wake up again.
    func awaitTheQuick() throws(DeckFailure) {
        lateRest = Self.shortestRest
        // Where many have to share few processors, looking keeps them from working.
        guard slots.count <= LaneCrew.processors else { return try playReady() }
        let end = WallClock.nanoseconds + Self.quick
        repeat {
            try playReady()
        } while WallClock.nanoseconds < end
            && slots.contains(where: \.isBehind)
    }

    /// Nanoseconds; of what two sleeping processes need to wake up.
    private static let quick: UInt64 = 40_000
}
