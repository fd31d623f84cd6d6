package import Market

extension Books {
    /// Marks one instrument at a price and looks at equity.
    package mutating func mark(_ instrument: InstrumentID, at price: Price, time: Timestamp) {
        let price = price.rawValue
        mark(
            instrument, ExactPrices(open: price, high: price, low: price, close: price),
            isBar: false, time: time)
    }

    /// Marks one instrument at an event's close and looks at equity. High and low count for the
    /// excursion of its round trip, from the entry's event on; of the exit's event only the fill
    /// does.
    package mutating func mark(
        _ instrument: InstrumentID, _ prices: ExactPrices, isBar: Bool, time: Timestamp
    ) {
        guard fault == nil else { return }
        do throws(Fault) {
            try setMark(instrument, prices, isBar: isBar)
            try observe(at: time.rawValue)
        } catch {
            fault = error
        }
    }

    private mutating func setMark(
        _ instrument: InstrumentID, _ prices: ExactPrices, isBar: Bool
    ) throws(Fault) {
        let id = Int(instrument)
        positions[id].mark = prices.close
        positions[id].markDivisor = 1
        if positions[id].quantity != 0 {
            positions[id].includeInRange(prices.high)
            positions[id].includeInRange(prices.low)
            if isBar { positions[id].bars &+= 1 }
            try revalue(id)
        }
        if positions[id].isRate { try refreshRates(instrument) }
    }

    /// Takes a position's new mark into the totals.
    mutating func revalue(_ id: Int) throws(Fault) {
        let worth = try positions[id].worth(at: positions[id].mark)
        let value = try Self.sum(worth, -positions[id].taken)
        let change = value &- positions[id].value
        positions[id].value = value
        let currency = Int(positions[id].currency)
        if currency == 0 {
            ledger.value = try Self.sum(ledger.value, change)
        } else {
            foreign[currency - 1].ledger.value = try Self.sum(
                foreign[currency - 1].ledger.value, change)
            try refresh(currency - 1)
        }
    }

    /// Looks at equity: a new peak, a deeper fall, or more than the books can hold.
    mutating func observe(at time: Int64) throws(Fault) {
        let own = try Self.sum(ledger.cash, ledger.value)
        drawdown.observe(try Self.sum(own, foreignEquity), at: time)
    }
}
