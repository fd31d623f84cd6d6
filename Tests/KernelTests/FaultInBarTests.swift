import CTapedeck
import Glibc
import Kernel
import Market
import TestBacktests
import Testing

/// A portfolio whose books fail inside a bar is done with that bar. Each play is a process of its
/// own: one that goes on choosing the order that cannot be booked never ends, and is ended.
@Suite struct FaultInBarTests {
    /// Sells what brings more money than books can hold, at a limit inside the bar.
    private static func play(_ intrabar: ExecutionSettings.Intrabar) {
        alarm(20)
        var play = TickPlay {
            $0.cash = Listings.dollars(4_600_000_000_000)
            $0.execution.intrabar = intrabar
        }
        play.bar(100, 100, 100, 100)
        play.send(td_order(0, TD_ORDER_LIMIT, -1_000_000_000, limit: 110))
        play.bar(100, 120, 90, 100)
        #expect(play.portfolio.fault == .overflow)
        #expect(play.text.isEmpty)
        play.bar(100, 120, 90, 100)
        #expect(play.orders.map(\.state) == [.accepted])
    }

    @Test func `a fault ends the bar whose worse exit is taken`() async {
        await #expect(processExitsWith: .success) { Self.play(.pessimistic) }
    }

    @Test func `a fault ends the walk along a bar's path`() async {
        await #expect(processExitsWith: .success) { Self.play(.path) }
    }
}
