import CTapedeck
import Kernel
import Market
import TestBacktests

/// A portfolio that is played ticks one by one, and what came of it.
struct TickPlay: ~Copyable {
    var portfolio: Portfolio
    var tape: Tape
    var fills: [FillRecord] = []
    var orders: [OrderRecord] = []
    var ledger: [LedgerRecord] = []
    var trips: [RoundTrip] = []
    private var time: Int64 = 1_700_000_000_000_000_000
    private var played = 0

    init(
        _ instruments: [Instrument] = [Listings.share()],
        _ change: (inout PortfolioSettings) -> Void = { _ in }
    ) {
        var settings = Listings.settings(1_000_000, count: instruments.count)
        change(&settings)
        portfolio = Portfolio(settings: settings, instruments: instruments)
        tape = Tape(instruments)
    }

    /// `text` is filled quantities and prices in dollars, in order.
    var text: [String] {
        fills.map { "\($0.quantity.rawValue)@\(Double($0.price.rawValue) / 1e4)" }
    }

    var now: Timestamp { Timestamp(nanoseconds: time) }

    mutating func wait(_ seconds: Double) { time += Int64(seconds * 1e9) }

    mutating func play(_ event: Event) {
        var event = event
        if event.time == 0 { event.time = time }
        tape.append(event)
        let place = played
        tape.withRun { run in
            if portfolio.quietPrefix(run, from: place, limit: place + 1) == 1 {
                portfolio.mark(run, from: place, to: place + 1)
            } else {
                portfolio.advance(run, place)
            }
        }
        played += 1
        time += 1_000_000_000
        take()
    }

    private mutating func take() {
        var records = Records()
        portfolio.takeRecords(into: &records)
        fills += records.fills
        orders += records.orders
        ledger += records.ledger
        trips += records.roundTrips
        portfolio.clearUpdates()
    }

    mutating func finish() {
        portfolio.finish()
        take()
    }

    mutating func quote(
        _ bid: Double, _ bidSize: Double, _ ask: Double, _ askSize: Double, of id: InstrumentID = 0
    ) {
        play(
            .quote(
                id, at: Timestamp(nanoseconds: 0), bid: bid, bidQuantity: bidSize, ask: ask,
                askQuantity: askSize))
    }

    mutating func trade(
        _ price: Double, _ quantity: Double, taker: Side? = nil, of id: InstrumentID = 0
    ) {
        play(
            .trade(
                id, at: Timestamp(nanoseconds: 0), price: price, quantity: quantity, taker: taker))
    }

    /// One level; `more` follow in the same update.
    mutating func level(_ side: Side, _ price: Double, _ quantity: Double, more: Bool = false) {
        var event = Event()
        event.type = UInt8(TD_EVENT_DEPTH)
        event.flags = more ? UInt8(TD_FLAG_MORE) : 0
        event.depth = DepthLevel(
            price: price, quantity: quantity, side: side == .buy ? 1 : -1, level: 0,
            reserved: (0, 0))
        play(event)
    }

    mutating func bar(
        _ open: Double, _ high: Double, _ low: Double, _ close: Double, seconds: UInt32 = 60
    ) {
        var event = Event()
        event.type = UInt8(TD_EVENT_BAR)
        event.timeframe = seconds
        event.bar = Bar(open: open, high: high, low: low, close: close, volume: 1e6)
        play(event)
    }

    mutating func session(_ type: Int, opens: Int64, closes: Int64) {
        var event = Event()
        event.type = UInt8(type)
        event.time = type == Int(TD_EVENT_SESSION_OPEN) ? opens : closes
        event.session = SessionChange(
            opens: opens, closes: closes, calendar: 0, kind: 0, reserved: (0, 0))
        play(event)
    }

    @discardableResult
    mutating func send(_ ticket: td_order) -> Submission {
        let answer = portfolio.submit(ticket)
        take()
        return answer
    }

    mutating func cancel(_ order: UInt64) {
        _ = portfolio.cancel(order)
        take()
    }

    /// The last state that an order was in.
    func state(of order: UInt64) -> OrderState? { orders.last { $0.order == order }?.state }
    func reason(of order: UInt64) -> Reason? { orders.last { $0.order == order }?.reason }
}
