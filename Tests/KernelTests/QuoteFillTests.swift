import CTapedeck
import Kernel
import Market
import Testing

/// Execution rules, section 5: fills on quotes and on levels of depth.
@Suite struct QuoteFillTests {
    @Test func `a market order buys at the ask and sells at the bid`() {
        var play = TickPlay()
        play.quote(99.98, 500, 100.02, 500)
        play.send(td_order(0, TD_ORDER_MARKET, 100))
        play.quote(99.97, 500, 100.03, 500)
        play.send(td_order(0, TD_ORDER_MARKET, -100))
        play.quote(99.95, 500, 100.05, 500)
        #expect(play.text == ["100@100.03", "-100@99.95"])
        #expect(play.fills.map(\.isMaker) == [false, false])
    }

    @Test func `a fill takes no more than the size shown, and the rest what comes next`() {
        var play = TickPlay()
        play.quote(99.98, 500, 100.02, 500)
        play.send(td_order(0, TD_ORDER_MARKET, 100))
        play.quote(99.98, 500, 100.02, 60)
        play.quote(99.98, 500, 100.04, 500)
        #expect(play.text == ["60@100.02", "40@100.04"])
    }

    @Test func `with quote_size ignore the size shown does not count`() {
        var play = TickPlay { $0.execution.quoteSize = .ignore }
        play.quote(99.98, 1, 100.02, 1)
        play.send(td_order(0, TD_ORDER_MARKET, 100))
        play.quote(99.98, 1, 100.02, 1)
        #expect(play.text == ["100@100.02"])
    }

    @Test func `quotes that never tell a size fill whole; once one did, none is none`() {
        var play = TickPlay()
        play.quote(99.98, 0, 100.02, 0)
        play.send(td_order(0, TD_ORDER_MARKET, 100))
        play.quote(99.98, 0, 100.02, 0)
        #expect(play.text == ["100@100.02"])
        play.quote(99.98, 50, 100.02, 50)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        play.quote(99.98, 50, 100.02, 0)
        #expect(play.text == ["100@100.02"])
        play.quote(99.98, 50, 100.03, 10)
        #expect(play.text == ["100@100.02", "10@100.03"])
    }

    @Test func `a quote without an ask fills no purchase and marks nothing`() {
        var play = TickPlay()
        play.quote(99.98, 50, 100.02, 50)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        play.quote(99.98, 50, 0, 0)
        #expect(play.text.isEmpty)
        #expect(play.portfolio.books.mark(of: 0) == Listings.price(100))
        play.quote(99.98, 50, 100.04, 50)
        #expect(play.text == ["10@100.04"])
        #expect(play.portfolio.books.mark(of: 0) == Listings.price(100.01))
    }

    @Test func `two orders do not take the same shares`() {
        var play = TickPlay()
        play.quote(99.98, 500, 100.02, 500)
        play.send(td_order(0, TD_ORDER_MARKET, 80))
        play.send(td_order(0, TD_ORDER_MARKET, 80))
        play.quote(99.98, 500, 100.02, 100)
        #expect(play.text == ["80@100.02", "20@100.02"])
    }

    @Test func `volume_limit is a share of the size shown`() {
        var play = TickPlay { $0.execution.volumeLimit = .basisPoints(1_000) }
        play.quote(99.98, 500, 100.02, 500)
        play.send(td_order(0, TD_ORDER_MARKET, 80))
        play.quote(99.98, 500, 100.02, 500)
        #expect(play.text == ["50@100.02"])
    }

    @Test func `a limit that crosses takes the ask; one that waited gets its own price`() {
        var play = TickPlay()
        play.quote(99.98, 500, 100.02, 500)
        play.send(td_order(0, TD_ORDER_LIMIT, 100, limit: 100.05))
        play.quote(99.98, 500, 100.02, 500)
        play.send(td_order(0, TD_ORDER_LIMIT, 100, limit: 99.99))
        play.quote(99.98, 500, 100.00, 500)
        play.quote(99.90, 500, 99.95, 500)
        #expect(play.text == ["100@100.02", "100@99.99"])
        #expect(play.fills.map(\.isMaker) == [false, true])
    }

    @Test func `immediate or cancel takes what is there, fill or kill all of it or nothing`() {
        var play = TickPlay()
        play.quote(99.98, 500, 100.02, 500)
        let immediate = play.send(
            td_order(0, TD_ORDER_LIMIT, 100, limit: 100.02, force: Int(TD_IOC))
        ).order
        let whole = play.send(td_order(0, TD_ORDER_LIMIT, 100, limit: 100.02, force: Int(TD_FOK)))
            .order
        play.quote(99.98, 500, 100.02, 70)
        #expect(play.text == ["70@100.02"])
        #expect(play.state(of: immediate) == .cancelled && play.state(of: whole) == .cancelled)
        #expect(play.reason(of: whole) == Reason(rawValue: UInt16(TD_REASON_NOT_ENOUGH_VOLUME)))
    }

    @Test func `a post-only order that would trade when it comes is cancelled`() {
        var play = TickPlay()
        play.quote(99.98, 500, 100.02, 500)
        #expect(
            play.send(td_order(0, TD_ORDER_LIMIT, 1, limit: 100.02, flags: TD_ORDER_POST_ONLY))
                .reason.rawValue
                == UInt16(TD_REASON_WOULD_TRADE))
        // Between the last mark and the ask it waits.
        let order = play.send(
            td_order(0, TD_ORDER_LIMIT, 1, limit: 100.01, flags: TD_ORDER_POST_ONLY)
        ).order
        play.quote(99.98, 500, 100.02, 500)
        #expect(play.text.isEmpty && play.state(of: order) == .accepted)
    }

    @Test(arguments: [
        (ExecutionSettings.StopTrigger.last, ["10@100.3"]), (.bidAsk, ["10@100.12"]),
        (.mark, ["10@100.22"]),
    ])
    func `stop triggers by last, bid and ask, or mark`(
        _ trigger: ExecutionSettings.StopTrigger, _ fills: [String]
    ) {
        var play = TickPlay { $0.execution.stopTrigger = trigger }
        play.trade(100, 10)
        play.quote(99.9, 500, 100.0, 500)
        play.send(td_order(0, TD_ORDER_STOP, 10, stop: 100.1))
        play.quote(99.9, 500, 100.12, 500)
        play.quote(100.0, 500, 100.22, 500)
        play.trade(100.15, 10)
        play.quote(100.2, 500, 100.3, 500)
        #expect(play.text == fills)
    }

    @Test func `bid and ask trigger stops of an instrument whose trades are not told`() {
        var play = TickPlay()
        play.quote(99.9, 500, 100.0, 500)
        play.send(td_order(0, TD_ORDER_STOP, -10, stop: 99.8))
        play.quote(99.75, 4, 99.85, 500)
        play.quote(99.7, 500, 99.85, 500)
        #expect(play.text == ["-4@99.75", "-6@99.7"])
    }

    @Test func `a trailing stop follows the bid up and not down`() {
        var play = TickPlay()
        play.quote(100, 500, 100.1, 500)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        play.quote(100, 500, 100.1, 500)
        play.send(td_order(0, TD_ORDER_TRAILING_STOP, -10, trail: 1))
        play.quote(103, 500, 103.1, 500)
        play.quote(102.5, 500, 102.6, 500)
        play.quote(102.01, 500, 102.1, 500)
        play.quote(102, 500, 102.1, 500)
        #expect(play.text == ["10@100.1", "-10@102.0"])
    }
}

@Suite struct DepthFillTests {
    private func book(_ play: inout TickPlay) {
        play.level(.buy, 99.9, 100, more: true)
        play.level(.buy, 99.8, 200, more: true)
        play.level(.sell, 100.1, 100, more: true)
        play.level(.sell, 100.2, 200, more: true)
        play.level(.sell, 100.4, 500)
    }

    @Test func `a market order walks the book`() {
        var play = TickPlay()
        book(&play)
        #expect(play.portfolio.books.mark(of: 0) == Listings.price(100))
        play.send(td_order(0, TD_ORDER_MARKET, 350))
        play.level(.buy, 99.7, 10)
        #expect(play.text == ["100@100.1", "200@100.2", "50@100.4"])
    }

    @Test func `what was taken is gone until its level is told anew`() {
        var play = TickPlay()
        book(&play)
        play.send(td_order(0, TD_ORDER_MARKET, 150))
        play.level(.buy, 99.7, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 200))
        play.level(.buy, 99.7, 20)
        play.level(.sell, 100.1, 40)
        play.send(td_order(0, TD_ORDER_MARKET, 60))
        play.level(.buy, 99.7, 10)
        #expect(
            play.text == ["100@100.1", "50@100.2", "150@100.2", "50@100.4", "40@100.1", "20@100.4"])
    }

    @Test func `nothing meets a book of which more is to come`() {
        var play = TickPlay()
        book(&play)
        play.send(td_order(0, TD_ORDER_MARKET, 50))
        play.level(.sell, 100.1, 0, more: true)
        play.level(.sell, 100.2, 0, more: true)
        #expect(play.text.isEmpty)
        play.level(.sell, 100.3, 80)
        #expect(play.text == ["50@100.3"])
    }

    @Test func `a limit takes the levels within it and rests with the remainder`() {
        var play = TickPlay()
        book(&play)
        play.send(td_order(0, TD_ORDER_LIMIT, 400, limit: 100.2))
        play.level(.buy, 99.7, 10)
        #expect(play.text == ["100@100.1", "200@100.2"])
        play.level(.sell, 100.15, 30)
        #expect(play.text == ["100@100.1", "200@100.2", "30@100.2"])
        #expect(play.fills.map(\.isMaker) == [false, false, true])
    }

    @Test func `fill or kill counts all levels within its limit`() {
        var play = TickPlay()
        book(&play)
        let first = play.send(td_order(0, TD_ORDER_LIMIT, 301, limit: 100.2, force: Int(TD_FOK)))
            .order
        play.level(.buy, 99.7, 10)
        play.send(td_order(0, TD_ORDER_LIMIT, 300, limit: 100.2, force: Int(TD_FOK)))
        play.level(.buy, 99.7, 10)
        #expect(play.state(of: first) == .cancelled)
        #expect(play.text == ["100@100.1", "200@100.2"])
    }

    @Test func `the place in the queue is behind what the level showed`() {
        var play = TickPlay { $0.execution.queue = .back }
        book(&play)
        play.send(td_order(0, TD_ORDER_LIMIT, 30, limit: 99.8))
        play.level(.buy, 99.7, 10)
        play.trade(99.8, 150, taker: .sell)
        #expect(play.text.isEmpty)
        // A purchase at that price met somebody else; then 50 stand before it, of 70 the last 20
        // are its own.
        play.trade(99.8, 500, taker: .buy)
        play.trade(99.8, 70, taker: .sell)
        #expect(play.text == ["20@99.8"])
        play.trade(99.79, 1, taker: .sell)
        #expect(play.text == ["20@99.8", "10@99.8"])
    }

    @Test func `a trade right after an order meets first what stood there before it`() {
        var play = TickPlay { $0.execution.queue = .back }
        book(&play)
        play.send(td_order(0, TD_ORDER_LIMIT, 30, limit: 99.8))
        play.trade(99.8, 150, taker: .sell)
        #expect(play.text.isEmpty)
        play.trade(99.8, 70, taker: .sell)
        #expect(play.text == ["20@99.8"])
    }

    @Test func `a queue counts whole levels, whatever share of them may be taken`() {
        var play = TickPlay {
            $0.execution.queue = .back
            $0.execution.volumeLimit = .basisPoints(1_000)
        }
        book(&play)
        play.send(td_order(0, TD_ORDER_LIMIT, 30, limit: 99.8))
        play.trade(99.8, 150, taker: .sell)
        #expect(play.text.isEmpty)
        // 50 stand before it still; of a trade of 100 it may take a tenth.
        play.trade(99.8, 100, taker: .sell)
        #expect(play.text == ["10@99.8"])
    }

    @Test func `a level of which nothing may be taken stands all the same`() {
        var play = TickPlay { $0.execution.volumeLimit = .basisPoints(1_000) }
        book(&play)
        play.level(.sell, 100, 9)
        #expect(play.portfolio.books.mark(of: 0) == Listings.price(99.95))
        play.send(td_order(0, TD_ORDER_MARKET, 15))
        play.level(.buy, 99.7, 10)
        #expect(play.text == ["10@100.1", "5@100.2"])
    }

    @Test func `who leaves the queue was behind until the level shows less`() {
        var play = TickPlay { $0.execution.queue = .back }
        book(&play)
        play.send(td_order(0, TD_ORDER_LIMIT, 30, limit: 99.8))
        play.level(.buy, 99.7, 10)
        play.level(.buy, 99.8, 50)
        play.level(.buy, 99.8, 500)
        play.trade(99.8, 60, taker: .sell)
        #expect(play.text == ["10@99.8"])
    }
}

@Suite struct TradeFillTests {
    @Test func `with trades only a market order gets the next trade's price`() {
        var play = TickPlay()
        play.trade(100, 5)
        play.send(td_order(0, TD_ORDER_MARKET, 100))
        play.trade(100.5, 5)
        #expect(play.text == ["100@100.5"])
    }

    @Test(arguments: [
        (ExecutionSettings.Touch.strict, ["5@99.5"]), (.loose, ["5@99.5", "5@99.5"]),
    ])
    func `a limit needs a trade through it, or at it`(
        _ touch: ExecutionSettings.Touch, _ fills: [String]
    ) {
        var play = TickPlay { $0.execution.touch = touch }
        play.trade(100, 5)
        play.send(td_order(0, TD_ORDER_LIMIT, 5, limit: 99.5))
        play.trade(99.5, 5)
        if touch == .loose { play.send(td_order(0, TD_ORDER_LIMIT, 5, limit: 99.5)) }
        play.trade(99.6, 5)
        play.trade(99.4, 5)
        #expect(play.text == fills)
    }

    @Test func `volume_limit cuts a fill to its share of the trade`() {
        var play = TickPlay { $0.execution.volumeLimit = .basisPoints(5_000) }
        play.trade(100, 5)
        play.send(td_order(0, TD_ORDER_MARKET, 30))
        play.trade(100.5, 20)
        play.trade(100.6, 100)
        #expect(play.text == ["10@100.5", "20@100.6"])
    }

    @Test func `an order on the open gets the session's first trade, one on the close its last`() {
        let hour: Int64 = 3_600_000_000_000
        let start: Int64 = 1_700_000_000_000_000_000
        var play = TickPlay()
        play.session(Int(TD_EVENT_SESSION_OPEN), opens: start - hour, closes: start - 1)
        play.trade(100, 5)
        play.session(
            Int(TD_EVENT_SESSION_CLOSE), opens: start - hour, closes: start + 10_000_000_000)
        play.send(td_order(0, TD_ORDER_ON_OPEN, 10))
        play.wait(3_600)
        play.session(Int(TD_EVENT_SESSION_OPEN), opens: start + hour, closes: start + 2 * hour)
        play.trade(101, 5)
        play.send(td_order(0, TD_ORDER_ON_OPEN, 10))
        play.trade(102, 5)
        play.send(td_order(0, TD_ORDER_ON_CLOSE, -10))
        play.trade(103, 5)
        play.trade(104, 5)
        let late = play.send(td_order(0, TD_ORDER_ON_CLOSE, -5)).order
        #expect(play.text == ["10@101.0"])
        play.session(Int(TD_EVENT_SESSION_CLOSE), opens: start + hour, closes: start + 2 * hour)
        // Nothing was traded after the late one came: it waits for the next close.
        #expect(play.text == ["10@101.0", "-10@104.0"])
        #expect(play.state(of: late) == .accepted)
    }

    @Test func `after the night a resting limit gets a better open`() {
        let hour: Int64 = 3_600_000_000_000
        let start: Int64 = 1_700_000_000_000_000_000
        var play = TickPlay()
        play.trade(100, 5)
        play.send(td_order(0, TD_ORDER_LIMIT, 10, limit: 99))
        play.trade(99.5, 5)
        play.session(Int(TD_EVENT_SESSION_OPEN), opens: start + hour, closes: start + 2 * hour)
        play.trade(97, 5)
        #expect(play.text == ["10@97.0"])
    }

    @Test func `what has no price yet is not bought at that of its slippage`() {
        var play = TickPlay([Listings.share(), Listings.share(1, symbol: "NEW")]) {
            $0.execution.slippage = .ticks(2)
            $0.execution.fill = .instant
        }
        play.trade(100, 5)
        let answer = play.send(td_order(1, TD_ORDER_MARKET, 5))
        #expect(answer.reason == Reason(rawValue: UInt16(TD_REASON_NO_PRICE)))
        #expect(play.text.isEmpty)
    }

    @Test func `with quotes trades fill no market order`() {
        var play = TickPlay()
        play.quote(99.9, 10, 100.1, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 5))
        play.trade(99, 5)
        #expect(play.text.isEmpty)
        play.quote(99.9, 10, 100.1, 10)
        #expect(play.text == ["5@100.1"])
    }
}
