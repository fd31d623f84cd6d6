import CTapedeck
import Kernel
import Market
import Testing

/// Mistakes that other engines made, each with a test of its name. Those about calendars,
/// indicators, statistics and operation stand with the rooms they concern.
@Suite struct PeerTrapTests {
    private func bars(_ change: (inout PortfolioSettings) -> Void = { _ in }) -> TickPlay {
        var play = TickPlay([Listings.share()], change)
        play.wait(60)
        play.bar(100, 101, 99, 100)
        return play
    }

    private func next(
        _ play: inout TickPlay, _ open: Double, _ high: Double, _ low: Double, _ close: Double
    ) {
        play.wait(59)
        play.bar(open, high, low, close)
    }

    // Time and look-ahead

    @Test
    func
        `trap 1: no fill on the bar whose close was acted on, and latency does not skip the next bar's end`()
    {
        var play = bars()
        play.send(td_order(0, TD_ORDER_MARKET, 1))
        #expect(play.text.isEmpty)
        next(&play, 102, 103, 101, 102)
        #expect(play.text == ["1@102.0"])
        // With latency an order waits for the first bar that opens after it: none older than itself
        // fills it.
        var late = bars { $0.latencies = [.fixed(1_000_000)] }
        late.send(td_order(0, TD_ORDER_MARKET, 1))
        next(&late, 102, 103, 101, 102)
        #expect(late.text.isEmpty)
        next(&late, 104, 105, 103, 104)
        #expect(late.text == ["1@104.0"])
    }

    @Test func `trap 2: the same run gives the same digest`() {
        let digests = (0..<3).map { _ in OrderStorm(seed: 11).playStepwise().digest }
        #expect(Set(digests).count == 1)
    }

    @Test func `trap 8: a resting order fills at no price inside a session gap`() {
        var play = bars()
        play.send(td_order(0, TD_ORDER_LIMIT, 1, limit: 97))
        play.send(td_order(0, TD_ORDER_STOP, -1, stop: 95))
        play.wait(16 * 3_600)
        // 97 and 95 were passed in the night: only prices that were there count.
        next(&play, 90, 91, 89, 90)
        #expect(play.fills.map(\.price) == [Listings.price(90), Listings.price(90)])
    }

    @Test func `trap 9: an order under way is not filled at a stale price when time alone passes`()
    {
        var play = TickPlay { $0.latencies = [.fixed(500_000_000)] }
        play.quote(99, 10, 101, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 1))
        play.wait(86_400)
        play.play(.dividend(0, at: play.now, amount: 0.1))
        #expect(play.text.isEmpty)
        play.quote(109, 10, 111, 10)
        #expect(play.text == ["1@111.0"])
    }

    // Fill prices

    @Test func `trap 10: a gap through a stop fills at the open`() {
        var play = bars()
        play.send(td_order(0, TD_ORDER_STOP, 1, stop: 102))
        next(&play, 105, 106, 104, 105)
        #expect(play.text == ["1@105.0"])
    }

    @Test func `trap 11: a limit better than the open fills at the open`() {
        var play = bars()
        play.send(td_order(0, TD_ORDER_LIMIT, 1, limit: 98))
        next(&play, 95, 99, 94, 98)
        #expect(play.text == ["1@95.0"])
    }

    @Test func `trap 12: a stop-limit rests as a limit after the bar that triggered it`() {
        var play = bars()
        play.send(td_order(0, TD_ORDER_STOP_LIMIT, 1, limit: 101, stop: 102))
        next(&play, 103, 104, 102, 103)
        #expect(play.text.isEmpty)
        next(&play, 102, 103, 100, 101)
        #expect(play.text == ["1@101.0"])
    }

    @Test func `trap 13: quotes do not trigger a stop whose market rule is trades`() {
        var play = TickPlay()
        play.trade(100, 5)
        play.quote(99, 10, 101, 10)
        let stop = play.send(td_order(0, TD_ORDER_STOP, -1, stop: 98)).order
        play.quote(90, 10, 101, 10)
        #expect(play.state(of: stop) == .accepted)
        play.trade(97, 5)
        #expect(play.state(of: stop) == .triggered)
    }

    @Test
    func
        `trap 14: stop and target in one bar are one exit, the stop, and it is counted as ambiguous`()
    {
        var play = bars()
        play.send(td_order(0, TD_ORDER_MARKET, 1, stopLoss: 98, takeProfit: 104))
        next(&play, 100, 101, 99.5, 100)
        next(&play, 100, 105, 97, 100)
        #expect(play.text == ["1@100.0", "-1@98.0"])
        #expect(play.fills.map(\.isAmbiguous) == [false, true])
    }

    @Test
    func `trap 15: entry and exit inside the entry bar only where the assumption orders them so`() {
        var play = bars { $0.execution.entryBarExits = .nextBar }
        play.send(td_order(0, TD_ORDER_MARKET, 1, stopLoss: 98))
        next(&play, 100, 101, 97, 100)
        #expect(play.text == ["1@100.0"])
        var live = bars()
        live.send(td_order(0, TD_ORDER_MARKET, 1, stopLoss: 98))
        next(&live, 100, 101, 97, 100)
        #expect(live.text == ["1@100.0", "-1@98.0"])
    }

    @Test func `trap 16: a touch is not a fill`() {
        var play = bars()
        play.send(td_order(0, TD_ORDER_LIMIT, 1, limit: 98))
        next(&play, 100, 101, 98, 100)
        #expect(play.text.isEmpty)
        next(&play, 100, 101, 97.99, 100)
        #expect(play.text == ["1@98.0"])
    }

    @Test func `trap 17: liquidity is finite, and is not taken twice`() {
        var play = bars { $0.execution.volumeLimit = Rate(perBillion: 100_000) }
        // A tenth of a per mille of a million is a hundred.
        play.send(td_order(0, TD_ORDER_MARKET, 80))
        play.send(td_order(0, TD_ORDER_MARKET, 80))
        next(&play, 100, 101, 99, 100)
        #expect(play.text == ["80@100.0", "20@100.0"])
        next(&play, 102, 103, 101, 102)
        #expect(play.text == ["80@100.0", "20@100.0", "60@102.0"])
    }

    @Test func `trap 18: no liquidity, no fill, and only an instrument's own data fill it`() {
        var play = TickPlay([Listings.share(), Listings.share(1, symbol: "DEF")])
        play.quote(99, 10, 101, 10)
        play.quote(49, 10, 51, 10, of: 1)
        play.send(td_order(0, TD_ORDER_MARKET, 1))
        play.quote(49, 10, 51, 10, of: 1)
        play.quote(99, 10, 101, 0)
        #expect(play.text.isEmpty)
    }

    @Test func `trap 19: a share of the volume is cut to whole lots and never rounds up`() {
        var play = TickPlay { $0.execution.volumeLimit = .basisPoints(1_000) }
        play.trade(100, 9)
        play.send(td_order(0, TD_ORDER_MARKET, 5))
        play.trade(100, 9)
        #expect(play.text.isEmpty)
        play.trade(100, 29)
        #expect(play.text == ["2@100.0"])
    }

    @Test func `trap 20: an order expires before it is matched`() {
        var play = bars()
        let order = play.send(
            td_order(
                0, TD_ORDER_LIMIT, 1, limit: 98, force: Int(TD_GTD),
                expires: play.now.rawValue + 59_000_000_000)
        ).order
        next(&play, 90, 91, 89, 90)
        #expect(play.text.isEmpty && play.state(of: order) == .expired)
    }

    @Test func `trap 21: a filled stop does not fill again`() {
        var play = bars()
        play.send(td_order(0, TD_ORDER_STOP, 1, stop: 102))
        for _ in 0..<3 { next(&play, 103, 104, 101, 103) }
        #expect(play.text == ["1@103.0"])
    }
}
