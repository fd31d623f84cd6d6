import CTapedeck
import Kernel
import Market
import Testing

/// Orders and their changes take their time to the venue.
@Suite struct LatencyTests {
    private static let millisecond: Int64 = 1_000_000

    private func play(_ latency: LatencySettings, seed: UInt64 = 0) -> TickPlay {
        TickPlay {
            $0.latencies = [latency]
            $0.seed = seed
        }
    }

    @Test func `an order meets the first quote after its arrival`() {
        var play = play(.fixed(2_500 * Self.millisecond))
        play.quote(99, 100, 101, 100)
        play.send(td_order(0, TD_ORDER_MARKET, 5))
        play.quote(99, 100, 102, 100)
        play.quote(99, 100, 103, 100)
        #expect(play.text.isEmpty)
        play.quote(99, 100, 104, 100)
        #expect(play.text == ["5@104.0"])
    }

    @Test func `an order meets no bar that was open already when it came`() {
        var play = play(.fixed(50 * Self.millisecond))
        play.wait(60)
        play.bar(100, 101, 99, 100)
        play.send(td_order(0, TD_ORDER_MARKET, 5))
        play.wait(59)
        play.bar(102, 103, 99, 100)
        #expect(play.text.isEmpty)
        play.wait(59)
        play.bar(104, 105, 99, 100)
        #expect(play.text == ["5@104.0"])
    }

    @Test func `until a cancellation arrives the order may fill`() {
        var play = play(.fixed(1_500 * Self.millisecond))
        play.quote(99, 100, 101, 100)
        let first = play.send(td_order(0, TD_ORDER_LIMIT, 5, limit: 99.5)).order
        play.quote(99, 100, 101, 100)
        play.quote(99, 100, 101, 100)
        play.cancel(first)
        play.quote(99, 100, 99.5, 100)
        #expect(play.text == ["5@99.5"])
        let second = play.send(td_order(0, TD_ORDER_LIMIT, 5, limit: 99)).order
        play.quote(98, 100, 101, 100)
        play.quote(98, 100, 101, 100)
        play.cancel(second)
        play.quote(98, 100, 101, 100)
        #expect(play.state(of: second) == .accepted)
        play.quote(98, 100, 98.5, 100)
        #expect(play.state(of: second) == .cancelled && play.fills.count == 1)
    }

    @Test func `a replacement works with the old terms until it arrives`() {
        var play = play(.fixed(1_500 * Self.millisecond))
        play.quote(99, 100, 101, 100)
        let order = play.send(td_order(0, TD_ORDER_LIMIT, 5, limit: 98)).order
        play.quote(99, 100, 101, 100)
        play.quote(99, 100, 101, 100)
        _ = play.portfolio.replace(order, with: td_order(0, TD_ORDER_LIMIT, 0, limit: 100))
        play.quote(99, 100, 99.9, 100)
        #expect(play.text.isEmpty)
        play.quote(99, 100, 99.9, 100)
        #expect(play.text == ["5@99.9"])
    }

    @Test func `an order expires before it can fill, also under way`() {
        var play = play(.fixed(500 * Self.millisecond))
        play.quote(99, 100, 101, 100)
        let order = play.send(
            td_order(
                0, TD_ORDER_LIMIT, 5, limit: 101, force: Int(TD_GTD), expires: play.now.rawValue)
        ).order
        play.quote(99, 100, 101, 100)
        #expect(play.state(of: order) == .expired && play.text.isEmpty)
    }

    @Test func `a post-only order that would trade on arrival is cancelled`() {
        var play = play(.fixed(500 * Self.millisecond))
        play.quote(99, 100, 101, 100)
        let order = play.send(td_order(0, TD_ORDER_LIMIT, 5, limit: 100, flags: TD_ORDER_POST_ONLY))
            .order
        play.quote(99, 100, 100, 100)
        #expect(play.state(of: order) == .cancelled)
        #expect(play.reason(of: order) == Reason(rawValue: UInt16(TD_REASON_WOULD_TRADE)))
    }

    @Test func `drawn latencies lie on the distribution, and a seed gives the same ones again`() {
        let shares: [(Int64, Int64)] = [
            (0, 1_000), (500_000_000, 3_000), (990_000_000, 10_000), (1_000_000_000, 60_000),
        ]
        let latency = LatencySettings(
            points: shares.map {
                LatencySettings.Point(
                    share: Rate(perBillion: $0.0), nanoseconds: $0.1 * Self.millisecond)
            })
        func arrivals(seed: UInt64) -> [Int] {
            (0..<60).map { index in
                var play = play(latency, seed: seed &+ UInt64(index))
                play.quote(99, 100, 101, 100)
                play.send(td_order(0, TD_ORDER_MARKET, 5))
                var seconds = 0
                while play.fills.isEmpty {
                    play.quote(99, 100, 101, 100)
                    seconds += 1
                }
                return seconds
            }
        }
        let first = arrivals(seed: 100)
        #expect(first == arrivals(seed: 100))
        #expect(first != arrivals(seed: 1_000))
        #expect(first.allSatisfy { $0 <= 60 })
        // Half of them take at most three seconds; of sixty draws rarely fewer than 18 or more than
        // 42.
        #expect((18...42).contains(first.filter { $0 <= 3 }.count))
    }
}
