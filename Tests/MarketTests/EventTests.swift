import CTapedeck
import Testing
@testable import Market

private let noon = Timestamp(seconds: 1_700_000_000)

private func bar(_ o: Double, _ h: Double, _ l: Double, _ c: Double, _ v: Double = 1) -> Event {
    .bar(3, .minutes(1), closes: noon, Bar(open: o, high: h, low: l, close: c, volume: v))
}

@Suite struct EventTests {
    @Test func `the codes are those of the contract`() {
        let codes = [
            TD_EVENT_BAR, TD_EVENT_TRADE, TD_EVENT_QUOTE, TD_EVENT_DEPTH, TD_EVENT_SPLIT,
            TD_EVENT_DIVIDEND,
            TD_EVENT_SESSION_OPEN, TD_EVENT_SESSION_CLOSE, TD_EVENT_TIMER, TD_EVENT_ORDER,
            TD_EVENT_FILL,
            TD_EVENT_PARAMETER, TD_EVENT_GAP, TD_EVENT_COMMAND, TD_EVENT_FUNDING, TD_EVENT_STANDING,
        ]
        #expect(EventKind.allCases.map { Int($0.rawValue) } == codes.map { Int($0) })
        let flags: [EventFlags] = [.isPrivate, .synthetic, .warmUp, .shortBar, .replay, .more]
        let bits = [
            TD_FLAG_PRIVATE, TD_FLAG_SYNTHETIC, TD_FLAG_WARM_UP, TD_FLAG_SHORT_BAR, TD_FLAG_REPLAY,
            TD_FLAG_MORE,
        ]
        #expect(flags.map { Int($0.rawValue) } == bits.map { Int($0) })
        #expect(
            [Side.sell.rawValue, Side.buy.rawValue].map { Int($0) }
                == [TD_SELL, TD_BUY].map { Int($0) })
    }

    @Test func `an event carries what it was made of`() {
        let made = bar(1, 3, 0.5, 2, 7)
        #expect(made.kind == .bar && made.instrument == 3 && made.timestamp == noon)
        #expect(
            made.timeframe == 60 && made.bar.high == 3 && made.bar.volume == 7 && made.sequence == 0
        )
        let trade = Event.trade(1, at: noon, price: 10, quantity: 2, taker: .sell, id: 9)
        #expect(trade.trade.side == -1 && trade.trade.id == 9 && trade.kind == .trade)
        let split = Event.split(1, at: noon, numerator: 7, denominator: 1)
        #expect(split.split.ratio == 7 && split.refusal() == nil)
        let gap = Event.gap(1, from: noon - 5, to: noon)
        #expect(gap.timestamp == noon && gap.gap.from == noon.rawValue - 5)
        var unknown = made
        unknown.type = 200
        #expect(unknown.kind == nil && unknown.refusal() == .unknownKind)
    }

    @Test(
        arguments: [
            (bar(1, 2, 1, 2), nil), (bar(2, 1, 2, 1), .highBelowLow),
            (bar(3, 2, 1, 1.5), .openOutsideRange),
            (bar(1.5, 2, 1, 0.5), .closeOutsideRange), (bar(0, 1, 0, 1), .notPositivePrice),
            (bar(1, .nan, 1, 1), .notFinite), (bar(1, .infinity, 1, 1), .notFinite),
            (bar(1, 2, 1, 2, -1), .negativeVolume), (bar(1, 2, 1, 2, .nan), .notFinite),
            (bar(1, 1, 1, 1, 0), nil),
            (.trade(0, at: noon, price: 1, quantity: 0), .notPositiveQuantity),
            (.trade(0, at: noon, price: -1, quantity: 1), .notPositivePrice),
            (.trade(0, at: noon, price: .nan, quantity: 1), .notFinite),
            (.trade(0, at: noon, price: 1, quantity: 1, taker: .buy), nil),
            (.quote(0, at: noon, bid: 1, bidQuantity: 1, ask: 2, askQuantity: 1), nil),
            (.quote(0, at: noon, bid: 0, bidQuantity: 0, ask: 2, askQuantity: 1), nil),
            (
                .quote(0, at: noon, bid: 0, bidQuantity: 1, ask: 2, askQuantity: 1),
                .notPositivePrice
            ),
            (
                .quote(0, at: noon, bid: 1, bidQuantity: -1, ask: 2, askQuantity: 1),
                .negativeQuantity
            ),
            (.split(0, at: noon, numerator: 0, denominator: 1), .badRatio),
            (.split(0, at: noon, numerator: 1, denominator: 0), .notFinite),
            (.dividend(0, at: noon, amount: 0.5), nil),
            (.dividend(0, at: noon, amount: .nan), .notFinite),
            (.dividend(0, at: noon, amount: 1, taxRate: 1.5), .badTaxRate),
            (.gap(0, from: noon, to: noon - 1), .badSpan),
            (.command(1, number: .nan, at: noon), .notFinite),
        ] as [(Event, EventRefusal?)])
    func `an event is what it should be, or refused with its reason`(
        event: Event, reason: EventRefusal?
    ) {
        #expect(event.refusal() == reason)
    }

    @Test func `prices that are not positive pass where the instrument allows them`() {
        #expect(bar(-37, -30, -40, -35).refusal() == .notPositivePrice)
        #expect(bar(-37, -30, -40, -35).refusal(allowsNonPositivePrices: true) == nil)
        var endless = bar(1, 1, 1, 1)
        endless.timeframe = 0
        #expect(endless.refusal() == .noTimeFrame)
        var odd = Event.trade(0, at: noon, price: 1, quantity: 1)
        odd.trade.side = 2
        #expect(odd.refusal() == .unknownSide)
    }

    @Test(arguments: [
        ("15s", 15, "15s"), ("1m", 60, "1m"), ("60m", 3600, "1h"), ("4h", 14_400, "4h"),
        ("24h", 86_400, "1d"),
        ("1d", 86_400, "1d"), ("1w", 604_800, "1w"), ("1mo", 2_592_000, "1mo"), ("90s", 90, "90s"),
    ])
    func `time frames are read and written`(text: String, seconds: UInt32, written: String) {
        #expect(TimeFrame(text)?.seconds == seconds)
        #expect(TimeFrame(text)?.description == written)
    }

    @Test(arguments: [
        "", "0m", "m", "5", "1x", "1M", "2d", "2w", "25h", "99999999999s", "-5m", "1 m",
        "4294967296m", "71582789m",
    ])
    func `what is no time frame is none`(text: String) { #expect(TimeFrame(text) == nil) }
}
