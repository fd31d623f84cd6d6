import CTapedeck
import Kernel
import Market

/// Events of a test with their exact prices, and a portfolio's way through them.
package struct Tape {
    package var events: [Event] = []
    package var prices: [ExactPrices] = []
    package let instruments: [Instrument]

    package init(_ instruments: [Instrument]) { self.instruments = instruments }

    package mutating func append(_ event: Event) {
        var event = event
        event.sequence = UInt64(events.count + 1)
        events.append(event)
        prices.append(Self.exact(event, instruments))
    }

    /// A bar whose prices are given in the instrument's units.
    package mutating func bar(
        _ instrument: InstrumentID = 0, _ open: Int64, _ high: Int64, _ low: Int64, _ close: Int64,
        volume: Double = 1e9, closes: Int64, seconds: UInt32 = 60, flags: UInt8 = 0
    ) {
        let scale = instruments[Int(instrument)].priceScale
        var event = Event()
        event.type = UInt8(TD_EVENT_BAR)
        event.flags = flags
        event.instrument = instrument
        event.timeframe = seconds
        event.time = closes
        event.bar = Bar(
            open: scale.value(of: open), high: scale.value(of: high), low: scale.value(of: low),
            close: scale.value(of: close), volume: volume)
        append(event)
    }

    package static func exact(_ event: Event, _ instruments: [Instrument]) -> ExactPrices {
        guard Int(event.instrument) < instruments.count else {
            return ExactPrices(open: 0, high: 0, low: 0, close: 0)
        }
        let scale = instruments[Int(event.instrument)].priceScale
        func units(_ price: Double) -> Int64 { (try? scale.count(of: price)) ?? 0 }
        switch Int(event.type) {
        case Int(TD_EVENT_BAR):
            let bar = event.bar
            return ExactPrices(
                open: units(bar.open), high: units(bar.high), low: units(bar.low),
                close: units(bar.close))
        case Int(TD_EVENT_TRADE):
            let price = units(event.trade.price)
            return ExactPrices(open: price, high: price, low: price, close: price)
        case Int(TD_EVENT_QUOTE):
            let bid = units(event.quote.bid)
            let ask = units(event.quote.ask)
            return ExactPrices(open: bid, high: max(bid, ask), low: min(bid, ask), close: ask)
        default: return ExactPrices(open: 0, high: 0, low: 0, close: 0)
        }
    }

    /// Lends the events as a run.
    package func withRun<Result>(_ body: (EventRun) throws -> Result) rethrows -> Result {
        try unsafe events.withUnsafeBufferPointer { events in
            try unsafe prices.withUnsafeBufferPointer { prices in
                guard let first = events.baseAddress, let firstPrices = prices.baseAddress else {
                    preconditionFailure("a tape without events")
                }
                return try unsafe body(
                    EventRun(events: first, prices: firstPrices, count: events.count))
            }
        }
    }
}

extension td_order {
    /// A ticket with everything else left at none.
    package init(
        _ instrument: InstrumentID = 0, _ type: Int, _ quantity: Double, limit: Double = 0,
        stop: Double = 0,
        trail: Double = 0, stopLoss: Double = 0, takeProfit: Double = 0, trailingStop: Double = 0,
        force: Int = 0, flags: Int = 0, oco: UInt32 = 0, expires: Int64 = 0, tag: UInt64 = 0,
        parent: UInt64 = 0
    ) {
        self.init()
        struct_size = UInt32(MemoryLayout<td_order>.size)
        self.instrument = instrument
        self.type = UInt8(type)
        time_in_force = UInt8(force)
        self.flags = UInt32(flags)
        self.oco = oco
        self.quantity = quantity
        self.limit = limit
        self.stop = stop
        self.trail = trail
        stop_loss = stopLoss
        take_profit = takeProfit
        trailing_stop = trailingStop
        self.expires = expires
        self.tag = tag
        self.parent = parent
    }
}
