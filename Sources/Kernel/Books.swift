package import Market

/// Cash, positions, cost, marks and equity of one portfolio, exact to the unit of the money.
///
/// A fill's notional is rounded once to money; everything else is sums of such amounts, so that the
/// identity of `check()` holds exactly, currency by currency. Amounts beyond `largestAmount` are a
/// fault, and then nothing is booked any more.
package struct Books: ~Copyable {
    /// Never set: a struct with a weak reference is handed on by its address, not copied to every
    /// method that asks.
    private weak var anchor: AnyObject?
    /// Sums and differences of two amounts up to this never leave 64 bits.
    package static let largestAmount: Int64 = 1 << 62 - 1

    package let lots: PortfolioSettings.Lots
    package let foreignCash: PortfolioSettings.ForeignCash
    /// Why nothing is booked any more; nil while the books are sound.
    package internal(set) var fault: Fault?
    /// Peak and drawdown of equity as seen at every mark.
    package internal(set) var drawdown: Drawdown
    /// Positions that are not flat.
    package internal(set) var openPositions = 0
    /// Those of them that are short.
    var shortPositions = 0
    /// One currency, no futures, and prices above zero.
    let isPlain: Bool
    /// What the closed round trips came to.
    package internal(set) var results = TripResults()

    var positions: ContiguousArray<BooksPosition>
    var trips: ContiguousArray<OpenRoundTrip>
    var queues: ContiguousArray<LotQueue>
    /// The base currency's totals.
    var ledger: BooksLedger
    /// Those of the instruments' other currencies; empty in most portfolios.
    var foreign: ContiguousArray<ForeignLedger>
    /// What the other currencies' cash and positions are worth in the base currency.
    var foreignEquity: Int64 = 0

    /// - Parameter matching: per instrument the time frame in seconds of the bars that mark it;
    ///   zero for every bar, trade and quote.
    package init(settings: PortfolioSettings, instruments: [Instrument], matching: [UInt32] = []) {
        lots = settings.lots
        foreignCash = settings.foreignCash
        ledger = BooksLedger(deposit: settings.cash.rawValue)
        drawdown = Drawdown(equity: settings.cash)
        let foreign = ForeignLedger.all(base: settings.currency, instruments)
        self.foreign = foreign
        isPlain =
            foreign.isEmpty
            && !instruments.contains { $0.kind == .future || $0.allowsNonPositivePrices }
        positions = []
        positions.reserveCapacity(instruments.count)
        for instrument in instruments {
            let id = Int(instrument.id)
            var position = BooksPosition(
                instrument, timeframe: id < matching.count ? matching[id] : 0)
            position.currency = UInt8(
                1 + (foreign.firstIndex { $0.currency == instrument.currency } ?? -1))
            position.isRate = foreign.contains { $0.route.uses(instrument.id) }
            positions.append(position)
        }
        trips = ContiguousArray(repeating: OpenRoundTrip(), count: instruments.count)
        queues =
            lots == .fifo ? ContiguousArray(repeating: LotQueue(), count: instruments.count) : []
    }

    package func quantity(of instrument: InstrumentID) -> Quantity {
        Quantity(positions[Int(instrument)].quantity)
    }

    /// The last price seen: a mark's, or a fill's that came later. Zero before the first.
    package func mark(of instrument: InstrumentID) -> Price {
        Price(positions[Int(instrument)].mark)
    }

    /// What the open quantity was bought for, negative what it was sold for; in the instrument's
    /// currency.
    package func cost(of instrument: InstrumentID) -> Money {
        Money(positions[Int(instrument)].cost)
    }

    /// Closed result of this instrument, gross of fees, in its currency.
    package func realised(of instrument: InstrumentID) -> Money {
        Money(positions[Int(instrument)].realised)
    }

    /// In the base currency; what is held in others stands in `cash(in:)`.
    package var cash: Money { Money(ledger.cash) }

    /// Cash and what the positions are worth at their marks (of futures their open result), in the
    /// base currency.
    package var equity: Money { Money(ledger.cash &+ ledger.value &+ foreignEquity) }
}
