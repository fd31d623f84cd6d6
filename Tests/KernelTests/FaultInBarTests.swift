import CTapedeck
import Glibc
import Kernel
import Market
import TestBacktests
import Testing

/// A portfolio whose books fail inside a bar is done with that bar. Each play is a process of its
/// own: one that goes on choosing the order that cannot be booked never ends, and is ended.
@Suite struct FaultInBarTests {
    /// What these orders bring at their limits is more money than books can hold.
    private static func play(
        _ intrabar: ExecutionSettings.Intrabar, _ send: (inout TickPlay) -> Void,
        fills: [String]
    ) {
        alarm(20)
        var play = TickPlay {
            $0.cash = Listings.dollars(4_600_000_000_000)
            $0.execution.intrabar = intrabar
        }
        play.bar(100, 100, 100, 100)
        send(&play)
        play.bar(100, 120, 90, 100)
        #expect(play.portfolio.fault == .overflow)
        play.bar(100, 120, 90, 100)
        #expect(play.text == fills)
    }

    @Test func `a fault ends the bar that reached an order`() async {
        await #expect(processExitsWith: .success) {
            FaultInBarTests.play(
                .pessimistic,
                { $0.send(td_order(0, TD_ORDER_LIMIT, -1_000_000_000, limit: 110)) }, fills: [])
        }
    }

    @Test func `a fault ends the walk along a bar's path, where an order was reached on its way`()
        async
    {
        await #expect(processExitsWith: .success) {
            FaultInBarTests.play(
                .path,
                {
                    let parent = $0.send(td_order(0, TD_ORDER_STOP, 1, stop: 105)).order
                    // Within its limit when its parent has filled.
                    $0.send(
                        td_order(
                            0, TD_ORDER_LIMIT, -1_000_000_000, limit: 104, parent: parent))
                }, fills: ["1@105.0"])
        }
    }
}
