package import Market

/// Cash, positions, cost, marks and equity of one portfolio, exact to the unit of the money.
///
/// A fill's notional is rounded once to money; everything else is sums of such amounts, so that the identity of
/// `check()` holds exactly. Amounts beyond `largestAmount` are a fault, and then nothing is booked any more.
package struct Books: ~Copyable {
    /// Sums and differences of two amounts up to this never leave 64 bits.
    package static let largestAmount: Int64 = 1 << 62 - 1

    package let lots: PortfolioSettings.Lots
    /// Why nothing is booked any more; nil while the books are sound.
    package internal(set) var fault: Fault?
    /// Peak and drawdown of equity as seen at every mark.
    package internal(set) var drawdown: Drawdown
    /// Positions that are not flat.
    package internal(set) var openPositions = 0

    var scales: ContiguousArray<ValueScale>
    var positions: ContiguousArray<BooksPosition>
    var trips: ContiguousArray<OpenRoundTrip>
    var queues: ContiguousArray<LotQueue>
    var ledger: BooksLedger

    /// - Parameter matching: per instrument the time frame in seconds of the bars that mark it; zero for every
    ///   bar, trade and quote.
    package init(settings: PortfolioSettings, instruments: [Instrument], matching: [UInt32] = []) {
        lots = settings.lots
        ledger = BooksLedger(deposit: settings.cash.rawValue)
        drawdown = Drawdown(equity: settings.cash)
        scales = ContiguousArray(instruments.map(ValueScale.init))
        positions = []
        positions.reserveCapacity(instruments.count)
        for instrument in instruments {
            let id = Int(instrument.id)
            positions.append(BooksPosition(
                isFuture: instrument.kind == .future, timeframe: id < matching.count ? matching[id] : 0))
        }
        trips = ContiguousArray(repeating: OpenRoundTrip(), count: instruments.count)
        queues = lots == .fifo ? ContiguousArray(repeating: LotQueue(), count: instruments.count) : []
    }


    package var cash: Money { Money(ledger.cash) }
    /// Cash and what the positions are worth at their marks; of futures their open result.
    package var equity: Money { Money(ledger.cash &+ ledger.value) }
    package var deposits: Money { Money(ledger.deposits) }
    /// Closed results, gross of fees.
    package var realised: Money { Money(ledger.realised) }
    package var fees: Money { Money(ledger.fees) }
    /// Dividends, interest and the like.
    package var income: Money { Money(ledger.income) }


    package func quantity(of instrument: InstrumentID) -> Quantity {
        Quantity(positions[Int(instrument)].quantity)
    }

    /// The last price seen: a mark's, or a fill's that came later. Zero before the first.
    package func mark(of instrument: InstrumentID) -> Price {
        Price(positions[Int(instrument)].mark)
    }

    /// What the open quantity was bought for, negative when it was sold.
    package func cost(of instrument: InstrumentID) -> Money {
        Money(positions[Int(instrument)].cost)
    }

    /// Closed result of this instrument, gross of fees.
    package func realised(of instrument: InstrumentID) -> Money {
        Money(positions[Int(instrument)].realised)
    }
}
