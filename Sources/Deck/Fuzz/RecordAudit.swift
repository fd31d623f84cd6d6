import CTapedeck
import Kernel
import Market

/// Follows one portfolio's records from event to event with books of its own, made of the records
/// alone.
struct RecordAudit {
    /// What is known of one order.
    private struct Life {
        var filled: Int64 = 0
        var limit: Int64 = 0
        /// As its last record says: what is left of it, signed, and its prices.
        var waiting = RangeAudit.Waiting(instrument: 0, remaining: 0, prices: [])
        var isOver = false
        /// A split has changed its quantities without a fill.
        var isSplit = false
    }

    private let settings: PortfolioSettings
    private let instruments: [Instrument]
    private var lives: [UInt64: Life] = [:]
    private var newest: UInt64 = 0
    /// Numbers below the newest of which nothing has been told yet: an order that breaks a rule is
    /// refused after what the rule does.
    private var untold: Set<UInt64> = []
    private var cash: Int64
    private var positions: [Int64]
    /// Instruments that a split or a successor has just changed, until a fill or the event's end
    /// tells their new position.
    private var restated: Set<Int> = []
    /// By instrument: the prices of the last event that orders met; nil where a split or a tick
    /// came since.
    private var ranges: [ClosedRange<Int64>?]
    private var lastSequence: UInt64 = 0
    private let hasOneCurrency: Bool
    /// Slippage may leave the bar.
    private let leavesBar: Bool
    private var range: RangeAudit
    private var shown: ShownPrices

    /// - Parameter largest: amounts beyond this are out of the range of an account's money.
    init(
        _ settings: PortfolioSettings, _ instruments: [Instrument],
        largest: Int128 = Int128(Books.largestAmount)
    ) {
        self.settings = settings
        range = RangeAudit(instruments, base: settings.currency, largest: largest)
        shown = ShownPrices(instruments)
        self.instruments = instruments
        cash = settings.cash.rawValue
        positions = instruments.map { _ in 0 }
        ranges = instruments.map { _ in nil }
        hasOneCurrency = instruments.allSatisfy { $0.currency.code == settings.currency.code }
        leavesBar = settings.execution.slippage != .none && !settings.execution.slippageWithinBar
    }

    /// What one event, and what was asked for at it, has left in the records.
    mutating func take(
        _ records: borrowing Records, _ event: Event, _ prices: ExactPrices, isMatched: Bool
    ) throws(FuzzViolation) {
        let place = Int(event.instrument)
        if event.type == TD_EVENT_BAR, isMatched, place < ranges.count {
            ranges[place] = min(prices.low, prices.high)...max(prices.low, prices.high)
        } else if event.type != TD_EVENT_BAR, !event.isOfSession, place < ranges.count {
            ranges[place] = nil
        }
        shown.take(event, prices)
        // Its mark is now what the old one's was.
        if event.type == TD_EVENT_STANDING, Int(event.standing.successor) < ranges.count {
            ranges[Int(event.standing.successor)] = nil
        }
        restated = Set(positions.indices.filter { restates(event, $0) })
        // An order that fills in part and is then changed has two limits within one event.
        let limits = records.fills.map { lives[$0.order]?.limit ?? 0 }
        for record in records.orders { try take(record) }
        if let missing = untold.min() {
            throw FuzzViolation(
                .numbers, at: event.sequence,
                "order \(newest) has come and order \(missing) has not")
        }
        for (fill, limit) in zip(records.fills, limits) {
            try take(fill, limitBefore: limit)
            range.take(fill)
        }
        if place < instruments.count { range.take(event, prices) }
        for line in records.ledger { cash &+= line.amount.rawValue }
        if event.type == TD_EVENT_SPLIT {
            for id in lives.keys { lives[id]?.isSplit = true }
        }
    }

    private mutating func take(_ record: OrderRecord) throws(FuzzViolation) {
        if record.sequence < lastSequence {
            throw FuzzViolation(
                .numbers, at: record.sequence, "order \(record.order) goes back to an earlier event"
            )
        }
        lastSequence = record.sequence
        if record.order > newest {
            untold.formUnion(newest + 1..<record.order)
            newest = record.order
        }
        untold.remove(record.order)
        var life = lives[record.order] ?? Life()
        if life.isOver {
            throw FuzzViolation(
                .orderOnce, at: record.sequence,
                "order \(record.order) is \(record.state) after its end")
        }
        if record.filled.rawValue.magnitude > record.quantity.rawValue.magnitude {
            throw FuzzViolation(
                .orderOnce, at: record.sequence,
                "order \(record.order) is filled \(record.filled.rawValue) of \(record.quantity.rawValue) units"
            )
        }
        life.limit = record.kind == .limit || record.kind == .stopLimit ? record.limit.rawValue : 0
        life.waiting = RangeAudit.Waiting(
            instrument: Int(record.instrument),
            remaining: record.quantity.rawValue - record.filled.rawValue,
            prices: [record.limit.rawValue, record.stop.rawValue].filter { $0 != 0 })
        switch record.state {
        case .rejected, .filled, .cancelled, .expired: life.isOver = true
        default: break
        }
        lives[record.order] = life
    }

    private mutating func take(_ fill: FillRecord, limitBefore: Int64) throws(FuzzViolation) {
        guard var life = lives[fill.order] else {
            throw FuzzViolation(
                .orderOnce, at: fill.sequence,
                "order \(fill.order) is filled and was never accepted")
        }
        let place = Int(fill.instrument)
        if restated.remove(place) != nil {
            positions[place] = fill.positionAfter.rawValue &- fill.quantity.rawValue
        }
        positions[place] &+= fill.quantity.rawValue
        cash = cash &+ fill.cash.rawValue &- fill.fee.rawValue
        life.filled &+= fill.quantity.rawValue
        lives[fill.order] = life
        if positions[place] != fill.positionAfter.rawValue {
            throw FuzzViolation(
                .positionAddsUp, at: fill.sequence,
                "after order \(fill.order) the position is \(fill.positionAfter.rawValue), the fills say "
                    + "\(positions[place])")
        }
        let price = fill.price.rawValue
        if !leavesBar, let range = ranges[place], !range.contains(price) {
            throw FuzzViolation(
                .fillInsideBar, at: fill.sequence,
                "order \(fill.order) is filled at \(price), the bar is \(range.lowerBound) to \(range.upperBound)"
            )
        }
        // Who waited gets his own price, which nobody else need have shown.
        let isOwn = price == life.limit || price == limitBefore
        if !leavesBar, !isOwn, let span = shown[place], !span.contains(price) {
            throw FuzzViolation(
                .fillInsideBar, at: fill.sequence,
                "order \(fill.order) is filled at \(price), the market has shown "
                    + "\(span.lowerBound) to \(span.upperBound)")
        }
        let isBuy = fill.quantity.rawValue > 0
        let isWorse = [life.limit, limitBefore].allSatisfy {
            $0 == 0 || (isBuy ? price > $0 : price < $0)
        }
        if life.limit != 0, isWorse {
            throw FuzzViolation(
                .fillWithinLimit, at: fill.sequence,
                "order \(fill.order) is filled at \(price), its limit is \(life.limit)")
        }
    }

    /// Compares with what the portfolio itself says, at the end of an event.
    mutating func compare(_ portfolio: borrowing Portfolio, _ event: Event) throws(FuzzViolation) {
        guard portfolio.fault == nil else { return }
        let difference = portfolio.books.difference()
        if difference != .zero {
            throw FuzzViolation(
                .booksClose, at: event.sequence, "they differ by \(difference.rawValue) units")
        }
        for place in positions.indices {
            let held = portfolio.books.quantity(of: InstrumentID(place)).rawValue
            if restates(event, place) {
                positions[place] = held
            }
            if positions[place] != held {
                throw FuzzViolation(
                    .positionAddsUp, at: event.sequence,
                    "\(instruments[place].symbol): the books have \(held), the fills \(positions[place])"
                )
            }
        }
        if hasOneCurrency, portfolio.books.cash.rawValue != cash {
            throw FuzzViolation(
                .cashAddsUp, at: event.sequence,
                "the books have \(portfolio.books.cash.rawValue), fills and ledger lines \(cash)")
        }
    }

    /// What has left the range of the account's money by now, or would with a fill of what waits;
    /// nil where nothing has.
    func figureOutOfRange(_ portfolio: borrowing Portfolio) -> String? {
        let waiting = lives.values.filter { !$0.isOver }.map(\.waiting)
        return range.figure(
            RangeAudit.Account(
                // Of several currencies the records alone do not say what is held in which.
                cash: Int128(hasOneCurrency ? cash : portfolio.books.cash.rawValue),
                positions: positions,
                waiting: waiting.filter { $0.instrument < instruments.count }))
    }

    /// A split changes positions without a fill; so does a successor, its own as well.
    private func restates(_ event: Event, _ place: Int) -> Bool {
        switch Int(event.type) {
        case Int(TD_EVENT_SPLIT): Int(event.instrument) == place
        case Int(TD_EVENT_STANDING) where Int(event.standing.kind) == Int(TD_STANDING_SUCCEEDED):
            Int(event.instrument) == place || Int(event.standing.successor) == place
        default: false
        }
    }

    /// At the end every order's fills are what it says was filled.
    func finish(_ orders: [UInt64: Int64]) throws(FuzzViolation) {
        for (order, filled) in orders.sorted(by: { $0.key < $1.key }) {
            guard let life = lives[order], !life.isSplit, life.filled != filled else { continue }
            throw FuzzViolation(
                .orderOnce, "order \(order) says \(filled) units, its fills \(life.filled)")
        }
    }
}
