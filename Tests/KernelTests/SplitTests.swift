import CTapedeck
import Kernel
import Market
import TestBacktests
import Testing

/// What a portfolio remembers of a market when its shares are split, or go on as another symbol.
@Suite struct SplitTests {
    private func split(
        _ play: inout TickPlay, _ numerator: Int64 = 2, _ denominator: Int64 = 1
    ) {
        play.play(.split(0, at: play.now, numerator: numerator, denominator: denominator))
    }

    private func book(_ play: inout TickPlay) {
        play.level(.buy, 99.9, 100, more: true)
        play.level(.buy, 99.8, 200, more: true)
        play.level(.sell, 100.1, 100)
    }

    // MARK: what was shown

    @Test func `levels from before a split are gone: who buys waits for the new asks`() {
        var play = TickPlay()
        book(&play)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        split(&play)
        play.level(.buy, 49.9, 100)
        #expect(play.text.isEmpty)
        #expect(play.portfolio.books.mark(of: 0) == Listings.price(50))
        play.level(.sell, 50.1, 100)
        #expect(play.text == ["20@50.1"])
    }

    @Test func `a quote from before a split fills nobody at once; the restated mark does`() {
        var play = TickPlay { $0.execution.fill = .instant }
        play.quote(99.98, 500, 100.02, 500)
        split(&play, 4)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        #expect(play.text == ["10@25.0"])
    }

    @Test func `an ask from before a split triggers no stop`() {
        var play = TickPlay { $0.execution.stopTrigger = .bidAsk }
        book(&play)
        let stop = play.send(td_order(0, TD_ORDER_STOP, 10, stop: 110)).order
        split(&play)
        play.level(.buy, 49.9, 100)
        #expect(play.text.isEmpty && play.state(of: stop) == .replaced)
        play.level(.sell, 55.1, 100)
        #expect(play.text == ["20@55.1"])
    }

    @Test func `a split takes the place in the queue: what the level shows next stands before`() {
        var play = TickPlay { $0.execution.queue = .back }
        book(&play)
        play.send(td_order(0, TD_ORDER_LIMIT, 30, limit: 99.8))
        play.level(.buy, 99.7, 10)
        play.trade(99.8, 150, taker: .sell)
        split(&play)
        play.trade(49.9, 500, taker: .sell)
        #expect(play.text.isEmpty, "nothing is known of what stands there")
        play.level(.buy, 49.9, 400, more: true)
        play.level(.sell, 50.1, 100)
        play.trade(49.9, 120, taker: .sell)
        #expect(play.text.isEmpty)
        play.trade(49.9, 300, taker: .sell)
        #expect(play.text == ["20@49.9"])
    }

    @Test func `the session does not close at a price from before a split`() {
        let hour: Int64 = 3_600_000_000_000
        let start: Int64 = 1_700_000_000_000_000_000
        var play = TickPlay()
        play.session(Int(TD_EVENT_SESSION_OPEN), opens: start - hour, closes: start + hour)
        play.trade(100, 5)
        play.send(td_order(0, TD_ORDER_ON_CLOSE, 10))
        play.trade(101, 5)
        split(&play)
        play.session(Int(TD_EVENT_SESSION_CLOSE), opens: start - hour, closes: start + hour)
        #expect(play.text.isEmpty)
    }

    // MARK: volumes and spreads

    @Test func `what may be taken of the last bar's volume is counted in new shares`() {
        var play = TickPlay {
            $0.execution.fill = .instant
            $0.execution.volumeLimit = .basisPoints(1_000)
        }
        play.bar(4, 4, 4, 4)
        split(&play)
        play.send(td_order(0, TD_ORDER_MARKET, 150_000))
        #expect(play.text == ["150000@2.0"])
    }

    @Test func `slippage takes its share of the spread in new prices`() {
        var play = TickPlay {
            $0.execution.fill = .instant
            $0.execution.slippage = .spreadShare(.basisPoints(5_000))
            $0.execution.slippageWithinBar = false
        }
        play.quote(99.98, 500, 100.02, 500)
        split(&play)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        #expect(play.text == ["10@50.01"])
    }

    @Test func `impact is measured against the last volume in new shares`() {
        func price(_ isSplit: Bool) -> [String] {
            var play = TickPlay {
                $0.execution.fill = .instant
                $0.execution.slippage = .volumeImpact(k: 1, window: 2)
                $0.execution.slippageWithinBar = false
            }
            for close in [100.0, 110, 100] { play.bar(close, close, close, close) }
            if isSplit { split(&play) }
            play.send(td_order(0, TD_ORDER_MARKET, isSplit ? 5_000 : 2_500))
            return play.text
        }
        // The same money of the same market: half the price for twice the shares.
        #expect(price(false) == ["2500@100.4773"])
        #expect(price(true) == ["5000@50.2386"])
    }

    // MARK: orders

    @Test func `an order sized by its stop is sized by the split stop`() {
        var play = TickPlay {
            $0.sizing = .riskPerTrade(
                risk: .basisPoints(100), stop: .averageTrueRange(multiple: 2, window: 5))
        }
        play.trade(100, 10)
        play.send(td_order(0, TD_ORDER_MARKET, 1, stopLoss: 90, flags: TD_ORDER_SIZED))
        split(&play)
        play.trade(50, 10)
        // A hundredth of a million, over five dollars a share.
        #expect(play.text == ["2000@50.0"])
    }

    @Test func `new terms that are under way arrive in new units`() {
        var play = TickPlay { $0.latencies = [.fixed(1_500_000_000)] }
        play.quote(99, 100, 101, 100)
        let order = play.send(td_order(0, TD_ORDER_LIMIT, 5, limit: 98)).order
        play.quote(99, 100, 101, 100)
        play.quote(99, 100, 101, 100)
        _ = play.portfolio.replace(order, with: td_order(0, TD_ORDER_LIMIT, 7, limit: 100))
        split(&play)
        play.quote(49, 100, 51, 100)
        play.quote(49, 100, 51, 100)
        #expect(play.text.isEmpty && play.state(of: order) == .replaced)
        play.quote(49, 100, 49.9, 100)
        #expect(play.text == ["14@50.0"])
    }

    // MARK: another symbol

    private static let pair = [Listings.share(), Listings.share(1, symbol: "NEW")]

    @Test func `in the book of a new symbol a resting order is a new one`() {
        var play = TickPlay(Self.pair)
        play.quote(99, 500, 101, 500)
        play.send(td_order(0, TD_ORDER_LIMIT, 10, limit: 90))
        play.quote(99, 500, 101, 500)
        play.play(.succession(0, by: 1, at: play.now))
        play.quote(79, 500, 80, 500, of: 1)
        #expect(play.text == ["10@80.0"])
        #expect(play.fills.map(\.isMaker) == [false])
    }

    @Test func `a new symbol without bars of its own goes on from those of the old one`() {
        var play = TickPlay(Self.pair) {
            $0.sizing = .riskPerTrade(
                risk: .basisPoints(100), stop: .averageTrueRange(multiple: 2, window: 2))
        }
        play.bar(100, 100, 100, 100)
        play.send(td_order(0, TD_ORDER_MARKET, 10))
        for _ in 0..<2 { play.bar(100, 101, 97, 100) }
        play.play(.succession(0, by: 1, at: play.now, numerator: 2, denominator: 1))
        // Ranges of four dollars are ranges of two: a hundredth of a million, over twice that.
        let answer = play.send(td_order(1, TD_ORDER_MARKET, 1, flags: TD_ORDER_SIZED))
        #expect(play.orders.last?.quantity == Quantity(2_500))
        #expect(answer.status == TD_OK)
    }
}
