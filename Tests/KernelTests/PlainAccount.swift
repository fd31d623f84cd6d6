import CTapedeck
import Kernel
import Market

/// A whole account once more, slow and obvious: a ledger of exact fractions for each instrument,
/// fees and carrying costs from their rules. It is told events, fills (instrument, quantity, price,
/// who waited) and marks; every amount of money is its own.
struct PlainAccount {
    let storm: OrderStorm
    private(set) var ledgers: [PlainLedger]
    private(set) var interest: Int64 = 0
    private(set) var problems: [String] = []
    private var dayEnds = Int64.min
    private var fundingDue: [Int64]
    private static let day: Int64 = 86_400_000_000_000

    init(_ storm: OrderStorm) {
        self.storm = storm
        ledgers = storm.instruments.map {
            PlainLedger($0, cash: 0, isFIFO: storm.settings.lots == .fifo)
        }
        fundingDue = storm.instruments.map { _ in .min }
    }

    var cash: Int64 { storm.settings.cash.rawValue + interest + ledgers.reduce(0) { $0 + $1.cash } }
    var equity: Int64 {
        cash + ledgers.reduce(0) { $0 + ($1.isFuture ? $1.unrealised : $1.worth) }
    }

    /// What a time brings before anything happens at it.
    mutating func pass(to time: Int64, _ early: ArraySlice<FillRecord>) {
        if dayEnds != .min, time > dayEnds { chargeDays((time - 1 - dayEnds) / Self.day + 1) }
        if dayEnds == .min || time > dayEnds { dayEnds = Self.ceiling(time, Self.day) }
        for fill in early { book(fill) }
        fund(before: time)
    }

    /// The first multiple of `step` at or after `time`.
    private static func ceiling(_ time: Int64, _ step: Int64) -> Int64 {
        (time + step - 1) / step * step
    }

    private func yearly(_ amount: Int64, _ rate: Rate, _ days: Int64) -> Int64 {
        (ExactFraction(Int128(amount)) * ExactFraction(Int128(rate.rawValue), 1_000_000_000)
            * ExactFraction(Int128(days), 365)).halfEven
    }

    private mutating func chargeDays(_ days: Int64) {
        for place in storm.settings.carries.indices
        where ledgers[place].quantity < 0 && !ledgers[place].isFuture {
            ledgers[place].earn(
                -yearly(abs(ledgers[place].worth), storm.settings.carries[place].borrow, days))
        }
        let held = cash
        if held < 0 {
            interest += yearly(held, storm.settings.interest.debit, days)
        } else {
            let shorts = ledgers.filter { $0.quantity < 0 && !$0.isFuture }.reduce(0) {
                $0 + $1.worth
            }
            interest += yearly(max(0, held + shorts), storm.settings.interest.credit, days)
        }
    }

    private mutating func fund(before time: Int64) {
        for place in storm.settings.carries.indices
        where storm.settings.carries[place].fundingInterval > 0 {
            let (rate, step) = (
                storm.settings.carries[place].funding, storm.settings.carries[place].fundingInterval
            )
            if fundingDue[place] == .min { fundingDue[place] = Self.ceiling(time, step) }
            while fundingDue[place] < time {
                charge(funding: Int128(rate.rawValue), place)
                fundingDue[place] += step
            }
        }
    }

    private mutating func charge(funding rate: Int128, _ place: Int) {
        let paid = ExactFraction(Int128(ledgers[place].worth)) * ExactFraction(rate, 1_000_000_000)
        ledgers[place].earn(-paid.halfEven)
    }

    /// Corporate actions and rates that the tape tells.
    mutating func act(_ event: Event) {
        let place = Int(event.instrument)
        switch Int(event.type) {
        case Int(TD_EVENT_SPLIT):
            ledgers[place].split(
                event.split.numerator, event.split.denominator,
                lot: storm.instruments[place].quantityStep.rawValue)
        case Int(TD_EVENT_DIVIDEND):
            let instrument = storm.instruments[place]
            let shift = instrument.quantityExponent + instrument.currency.exponent - 9
            let gross =
                (ExactFraction(
                    Int128(ledgers[place].quantity)
                        * Int128((event.dividend.amount * 1e9).rounded()))
                * ExactFraction(PowerOfTen.wide(max(0, shift)), PowerOfTen.wide(max(0, -shift))))
                .halfEven
            let tax =
                ExactFraction(Int128(gross))
                * ExactFraction(Int128((event.dividend.tax_rate * 1e9).rounded()), 1_000_000_000)
            ledgers[place].earn(gross > 0 ? gross - tax.halfEven : gross)
        case Int(TD_EVENT_FUNDING):
            charge(funding: Int128((event.funding.rate * 1e9).rounded()), place)
        default: break
        }
    }

    /// A fill, with the fee that its rule gives.
    mutating func book(_ fill: FillRecord) {
        let place = Int(fill.instrument)
        let rule = storm.settings.commissions[place]
        let rate = fill.isMaker ? rule.maker ?? rule.rate : rule.taker ?? rule.rate
        let (up, down) = ledgers[place].scale
        let value =
            ExactFraction(Int128(fill.quantity.rawValue.magnitude) * Int128(fill.price.rawValue))
            * ExactFraction(up, down)
        let fee =
            (ExactFraction(Int128(rule.perTrade.rawValue))
            + value * ExactFraction(Int128(rate.rawValue), 1_000_000_000)).halfEven
        if fee != fill.fee.rawValue {
            problems.append("fee \(fill.fee.rawValue), not \(fee) of \(fill)")
        }
        ledgers[place].fill(fill.quantity.rawValue, at: fill.price.rawValue, fee: fee)
    }

    mutating func mark(_ place: Int, at price: Int64) { ledgers[place].quote(price) }

    /// What the kernel's books say otherwise; nil where all agrees.
    func difference(from portfolio: borrowing Portfolio) -> String? {
        if let problem = problems.first { return problem }
        let own: [(String, Int64)] = [
            ("cash", cash), ("equity", equity),
            ("realised", ledgers.reduce(0) { $0 + $1.realised }),
            ("fees", ledgers.reduce(0) { $0 + $1.fees }),
            ("income", interest + ledgers.reduce(0) { $0 + $1.income }),
        ]
        let books = [
            portfolio.books.cash, portfolio.books.equity, portfolio.books.realised,
            portfolio.books.fees,
            portfolio.books.income,
        ].map(\.rawValue)
        for (own, found) in zip(own, books) where own.1 != found {
            return "\(own.0) \(found), not \(own.1)"
        }
        for place in storm.instruments.indices {
            let found = portfolio.books.quantity(of: InstrumentID(place)).rawValue
            if found != ledgers[place].quantity {
                return "\(found) of \(place), not \(ledgers[place].quantity)"
            }
        }
        return nil
    }
}
