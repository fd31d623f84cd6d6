import CTapedeck
import Kernel
import Market
import TestBacktests
import Testing

/// A bid above the ask stands nowhere: one of the two is old.
@Suite struct CrossedBookTests {
    @Test func `a crossed quote fills nobody; a locked one does`() {
        var play = TickPlay()
        play.quote(99.98, 500, 100.02, 500)
        play.send(td_order(0, TD_ORDER_MARKET, 100))
        play.send(td_order(0, TD_ORDER_LIMIT, 10, limit: 99.97))
        play.quote(100.05, 500, 99.95, 500)
        #expect(play.text.isEmpty)
        play.quote(100, 500, 100, 500)
        #expect(play.text == ["100@100.0"])
    }

    @Test func `a book that is crossed until an old level goes fills nobody in between`() {
        var play = TickPlay()
        play.level(.buy, 99.9, 100, more: true)
        play.level(.sell, 100.1, 100)
        play.send(td_order(0, TD_ORDER_MARKET, 50))
        play.level(.buy, 100.3, 100)
        #expect(play.text.isEmpty)
        play.level(.sell, 100.1, 0, more: true)
        play.level(.sell, 100.4, 80)
        #expect(play.text == ["50@100.4"])
    }

    @Test func `what must fill at once is cancelled at a crossed book`() {
        var play = TickPlay()
        play.quote(99.98, 500, 100.02, 500)
        let orders = [TD_IOC, TD_FOK].map {
            play.send(td_order(0, TD_ORDER_LIMIT, 10, limit: 101, force: Int($0))).order
        }
        play.quote(100.05, 500, 99.95, 500)
        #expect(orders.map { play.state(of: $0) } == [.cancelled, .cancelled])
        #expect(play.text.isEmpty)
    }

    @Test func `it triggers no stop and moves no trailing stop`() {
        var play = TickPlay { $0.execution.stopTrigger = .bidAsk }
        play.quote(99.98, 500, 100.02, 500)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        play.quote(99.98, 500, 100.02, 500)
        let stop = play.send(td_order(0, TD_ORDER_STOP, 10, stop: 110)).order
        play.send(td_order(0, TD_ORDER_TRAILING_STOP, -10, trail: 5))
        play.quote(120, 500, 115, 500)
        #expect(play.state(of: stop) == .accepted)
        // Five dollars below the best bid that was sound.
        play.quote(96, 500, 96.1, 500)
        play.quote(94.97, 500, 95, 500)
        #expect(play.text == ["10@100.02", "-10@94.97"])
    }

    @Test func `an instant fill takes the mark where the book is crossed`() {
        var play = TickPlay { $0.execution.fill = .instant }
        play.quote(100.06, 500, 99.96, 500)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        #expect(play.text == ["10@100.01"])
    }

    @Test func `the session opens with the first book that is not crossed`() {
        let hour: Int64 = 3_600_000_000_000
        let start: Int64 = 1_700_000_000_000_000_000
        var play = TickPlay()
        play.quote(99, 500, 101, 500)
        play.send(td_order(0, TD_ORDER_ON_OPEN, 10))
        play.wait(60)
        play.session(
            Int(TD_EVENT_SESSION_OPEN), opens: start + 30_000_000_000, closes: start + hour)
        play.quote(103, 500, 102, 500)
        #expect(play.text.isEmpty)
        play.quote(103, 500, 104, 500)
        #expect(play.text == ["10@104.0"])
    }
}
