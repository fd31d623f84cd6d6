import CTapedeck
import Kernel
import Market

/// How a portfolio goes along a run while its strategy is not asked: the same for the true one of a
/// worker's slot, its mirror, and one whose strategy is called no more.
extension RunnerState {
    /// Brings the portfolio to a place, as it goes while a strategy is called.
    mutating func followStrategy(to place: Int) {
        while committed < place, !warmUp.isOver { warmUp.count(followWarmUp()) }
        followAlone(to: place)
    }

    /// Brings the portfolio to a place; its orders and protections go on.
    mutating func followAlone(to place: Int) {
        committed = unsafe max(committed, portfolio.follow(run, from: committed, to: place))
    }

    /// Plays the next event of a warm-up into the portfolio, and answers it: a copy that says what
    /// it is. What it did to orders waits in the portfolio's updates.
    mutating func followWarmUp() -> Event {
        var event = unsafe run.events[committed]
        if warmUp.covers(event) { event.flags |= UInt8(TD_FLAG_WARM_UP) }
        unsafe withUnsafePointer(to: event) { copy in
            let one = unsafe EventRun(events: copy, prices: run.prices + committed, count: 1)
            if unsafe portfolio.quietPrefix(one, from: 0, limit: 1) == 1 {
                unsafe portfolio.mark(one, from: 0, to: 1)
            } else {
                unsafe portfolio.advance(one, 0)
            }
        }
        committed += 1
        return event
    }
}
