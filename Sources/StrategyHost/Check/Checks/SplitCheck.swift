import CTapedeck
import Kernel
import Market

/// Prices come raw, and a strategy restates at a split what it remembers of earlier ones.
enum SplitCheck {
    private static let ratio: Int64 = 4

    static let all: [Check] = [
        .tries(
            "contract.split", "decides over a split as if there had been none",
            why:
                "One market told twice: raw, with a \(ratio):1 split in its middle, and in the prices of its end. A "
                + "strategy that forgets to restate what it remembers takes the split for a crash and trades on it.",
            advice:
                "call restate of every indicator at a split, and divide prices of your own by the ratio; a strategy "
                + "that holds a fixed number of units, or trades at fixed prices, may differ for good reason"
        ) { bench throws(CheckOutcome) in
            let image = try bench.open()
            let adjusted = bench.tape(steps: 1_500)
            guard let place = middle(of: adjusted.events) else {
                throw .skip("its tape is too short")
            }
            let raw = TrialTape(events: raw(adjusted.events, before: place), bench.shape)
            // Enough that no size is refused for want of cash.
            let cash = Money(1_000_000_000_000_000)
            let expected = try orders(bench, image, adjusted, cash)
            let found = try orders(bench, image, raw, cash)
            if expected.isEmpty { throw .skip("it sends no orders") }
            let common = min(expected.count, found.count)
            let first = (0..<common).first { expected[$0] != found[$0] } ?? common
            if first == expected.count, first == found.count { return .pass }
            func text(_ orders: [Asked]) -> String {
                orders.indices.contains(first) ? orders[first].text : "nothing more"
            }
            return .remark(
                "after \(first) orders, over raw prices \(text(found)), over adjusted ones \(text(expected))"
            )
        }
    ]

    /// What was asked for and when; not how much, which is cut to lots on either side.
    private struct Asked: Hashable {
        let time: Timestamp
        let instrument: InstrumentID
        let kind: OrderKind
        let isBuy: Bool

        var text: String {
            "a \(kind) order to \(isBuy ? "buy" : "sell") instrument \(instrument) at second "
                + "\((time.rawValue - TrialTape.start) / 1_000_000_000)"
        }
    }

    private static func orders(
        _ bench: TrialBench, _ image: PluginImage, _ tape: TrialTape, _ cash: Money
    ) throws(CheckOutcome) -> [Asked] {
        let played = try KernelTape(tape, bench.shape.instruments).play(
            bench, image, slice: 64, run: .max, cash: cash)
        var last: UInt64 = 0
        var asked: [Asked] = []
        for record in played.orders where record.order > last {
            last = record.order
            asked.append(
                Asked(
                    time: record.time, instrument: record.instrument, kind: record.kind,
                    isBuy: record.quantity.rawValue > 0))
        }
        return asked
    }

    /// The first event of a new instant behind the half.
    private static func middle(of events: [Event]) -> Int? {
        (events.count / 2..<events.count).first { $0 > 0 && events[$0].time > events[$0 - 1].time }
    }

    private static func raw(_ events: [Event], before place: Int) -> [Event] {
        let instruments = Set(events.map(\.instrument)).sorted()
        let time = Timestamp(nanoseconds: events[place - 1].time + 1)
        return events[..<place].map(earlier)
            + instruments.map { .split($0, at: time, numerator: ratio, denominator: 1) }
            + events[place...]
    }

    /// As it was before the split.
    private static func earlier(_ event: Event) -> Event {
        var event = event
        let times = Double(ratio)
        switch event.kind {
        case .bar:
            event.bar = Bar(
                open: event.bar.open * times, high: event.bar.high * times,
                low: event.bar.low * times, close: event.bar.close * times,
                volume: event.bar.volume / times)
        case .trade:
            event.trade.price *= times
            event.trade.quantity /= times
        case .quote:
            event.quote.bid *= times
            event.quote.ask *= times
            event.quote.bid_quantity /= times
            event.quote.ask_quantity /= times
        case .depth:
            event.depth.price *= times
            event.depth.quantity /= times
        default: break
        }
        return event
    }
}
