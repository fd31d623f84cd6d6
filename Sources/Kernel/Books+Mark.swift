import CTapedeck
package import Market

extension Books {
    /// Marks one instrument at a price and looks at equity.
    package mutating func mark(_ instrument: InstrumentID, at price: Price, time: Timestamp) {
        mark(
            instrument, ExactPrices(open: price.rawValue, high: price.rawValue, low: price.rawValue, close: price.rawValue),
            isBar: false, time: time)
    }

    /// Marks one instrument at an event's close; its high and low count for the excursion of an open round trip.
    package mutating func mark(
        _ instrument: InstrumentID, _ prices: ExactPrices, isBar: Bool, time: Timestamp
    ) {
        guard fault == nil else { return }
        let id = Int(instrument)
        positions[id].mark = prices.close
        positions[id].markDivisor = 1
        if positions[id].quantity != 0 {
            positions[id].includeInRange(prices.high)
            positions[id].includeInRange(prices.low)
            if isBar { positions[id].bars &+= 1 }
            guard let worth = positions[id].worth(at: prices.close, scales[id]) else {
                fault = .overflow
                return
            }
            let value = worth &- positions[id].taken
            ledger.value &+= value &- positions[id].value
            positions[id].value = value
        }
        observe(at: time)
    }

    /// Looks at equity: a new peak, a deeper fall, or more than the books can hold.
    package mutating func observe(at time: Timestamp) {
        let equity = ledger.cash &+ ledger.value
        if equity.magnitude > Self.largestAmount.magnitude || ledger.value.magnitude > Self.largestAmount.magnitude {
            fault = .overflow
            return
        }
        drawdown.observe(equity, at: time.rawValue)
    }
}

extension Books {
    /// Marks events `from ..< to` of a run, of which none does anything else to these books.
    package mutating func mark(_ run: EventRun, from: Int, to: Int) {
        for index in from..<to {
            let event = unsafe run.events[index]
            guard marks(event) else { continue }
            unsafe mark(
                event.instrument, run.prices[index], isBar: event.type == TD_EVENT_BAR,
                time: Timestamp(nanoseconds: event.time))
        }
    }

    /// Whether an event moves the mark of its instrument.
    private func marks(_ event: Event) -> Bool {
        switch Int(event.type) {
        case Int(TD_EVENT_BAR):
            let timeframe = positions[Int(event.instrument)].timeframe
            return timeframe == 0 || timeframe == event.timeframe
        case Int(TD_EVENT_TRADE), Int(TD_EVENT_QUOTE):
            return positions[Int(event.instrument)].timeframe == 0
        default: return false
        }
    }
}
