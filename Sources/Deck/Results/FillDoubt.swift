import CTapedeck
import Kernel
import Market

/// What may be doubted about fills, told by the data that they were made of.
struct FillDoubt {
    /// A fill larger than this share of what its bar or trade traded is thin.
    static let thinShare = 0.1

    /// Decided by the intrabar assumption, and in how many bars.
    private(set) var ambiguous = 0
    private(set) var ambiguousBars = 0
    /// At a price from before the event that it was booked at.
    private(set) var stale = 0
    /// Of data that show no size or volume, or hardly more than the fill.
    private(set) var thin = 0
    private var lastAmbiguous: UInt64 = 0
    /// By instrument of the run: what a quantity unit is in units.
    private let units: [Double]

    init(_ instruments: [Instrument]) { units = instruments.map { $0.quantityScale.value(of: 1) } }

    /// Looks at the fill at a place, without taking the large record out of its list; `found` is
    /// where the event of the last one was.
    mutating func judge(
        _ fills: ContiguousArray<FillRecord>, _ place: Int, _ run: EventRun, _ found: inout Int
    ) {
        let sequence = fills[place].sequence
        if fills[place].isAmbiguous {
            ambiguous += 1
            if sequence != lastAmbiguous { ambiguousBars += 1 }
            lastAmbiguous = sequence
        }
        let count = unsafe run.count
        guard count > 0, unsafe run.events[0].sequence <= sequence,
            unsafe sequence <= run.events[count - 1].sequence
        else {
            if fills[place].reason == .endOfData { stale += 1 }
            return
        }
        found = unsafe SlotTally.place(after: sequence, in: run, from: found)
        var index = found - 1
        while index >= 0, unsafe run.events[index].sequence == sequence {
            let event = unsafe run.events[index]
            if event.instrument == fills[place].instrument, event.type <= UInt8(TD_EVENT_DEPTH) {
                if isThin(fills[place].quantity.rawValue, event) { thin += 1 }
                return
            }
            index -= 1
        }
        stale += 1
    }

    private func isThin(_ signed: Int64, _ event: Event) -> Bool {
        let quantity = Double(signed.magnitude) * units[Int(event.instrument)]
        switch Int(event.type) {
        case Int(TD_EVENT_BAR): return quantity > event.bar.volume * Self.thinShare
        case Int(TD_EVENT_TRADE): return quantity > event.trade.quantity
        case Int(TD_EVENT_QUOTE):
            return quantity > (signed > 0 ? event.quote.ask_quantity : event.quote.bid_quantity)
        default: return false
        }
    }
}

/// What moved cash beside trades, by kind and currency.
struct LedgerTotals {
    private struct Total {
        let kind: LedgerRecord.Kind
        let currency: Currency
        var lines = 0
        var amount: Int64 = 0
    }

    private var totals: [Total] = []
    private let base: Currency
    private let currencies: [Currency]

    init(_ instruments: [Instrument], base: Currency) {
        currencies = instruments.map(\.currency)
        self.base = base
    }

    mutating func add(_ line: LedgerRecord) {
        // What a conversion moves it moves into another pocket.
        guard line.kind != .conversion, line.kind != .deposit else { return }
        let currency =
            Int(line.instrument) < currencies.count ? currencies[Int(line.instrument)] : base
        var place = totals.firstIndex { $0.kind == line.kind && $0.currency == currency }
        if place == nil {
            totals.append(Total(kind: line.kind, currency: currency))
            place = totals.count - 1
        }
        guard let place else { return }
        totals[place].lines += 1
        totals[place].amount &+= line.amount.rawValue
    }

    /// By kind, then in the order in which currencies came.
    var lines: [SlotResult.LedgerTotal] {
        let kinds: [(LedgerRecord.Kind, String)] = [
            (.dividend, "dividends"), (.splitCash, "split cash"), (.borrowFee, "borrow fees"),
            (.interest, "interest"), (.funding, "funding"),
        ]
        return kinds.flatMap { kind, name in
            totals.filter { $0.kind == kind }.map { total in
                SlotResult.LedgerTotal(
                    kind: name, lines: total.lines,
                    amount: DecimalScale(exponent: -total.currency.exponent).value(
                        of: total.amount),
                    currency: total.currency.code)
            }
        }
    }
}
