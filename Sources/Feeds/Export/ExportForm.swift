import CTapedeck
import Market

/// How one row of each form is written.
struct ExportForm {
    /// What comes with a bar.
    struct Actions {
        var dividend: Double
        var split: (Int64, Int64)
        var adjustment: Double
    }

    private let plan: ExportPlan
    private let form: CSVExportSettings.Form
    private let scales: [NumberWriter]

    init(_ plan: ExportPlan) {
        self.plan = plan
        form = plan.settings.form
        scales = plan.instruments.map {
            NumberWriter(priceExponent: $0.priceExponent, quantityExponent: $0.quantityExponent)
        }
    }

    var isReversed: Bool { form == .coinbase || form == .cryptoDataDownload }

    func header(_ out: inout [UInt8]) {
        out += Array(plan.label.utf8)
        let symbol = plan.hasManySymbols ? ",symbol" : ""
        let text: String
        switch (plan.kind, form) {
        case (.trades, _): text = "ts\(symbol),id,side,price,quantity"
        case (.quotes, _): text = "ts\(symbol),bid,bid_quantity,ask,ask_quantity"
        case (.depth, _): text = "ts\(symbol),side,level,price,quantity"
        case (.funding, _): text = "ts\(symbol),funding_rate,mark_price"
        case (.standings, _): text = "ts,symbol,standing,cash,successor,ratio"
        case (_, .canonical):
            let actions = plan.hasActions ? ",dividend,split" : ""
            text = "\(stampName)\(symbol),open,high,low,close,volume\(actions)"
        case (_, .yahoo): text = "Date,Open,High,Low,Close,Adj Close,Volume"
        case (_, .alpaca): text = "t,o,h,l,c,v"
        case (_, .stooq):
            text =
                plan.timeframe.isOfDates
                ? "Date,Open,High,Low,Close,Volume"
                : "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>"
        case (_, .cryptoDataDownload): text = "unix,date,symbol,open,high,low,close,Volume"
        case (_, .binance), (_, .coinbase): return
        }
        out += Array(text.utf8) + [10]
    }

    /// What the first column is called tells an importer what it stamps.
    private var stampName: String {
        switch plan.clocks[plan.isWritten.firstIndex(of: true) ?? 0].stamp {
        case .open: "ts"
        case .close: "close_time"
        case .date: plan.timeframe.isOfDates ? "date" : "ts"
        }
    }

    func bar(_ event: Event, _ actions: Actions, _ out: inout [UInt8]) {
        let number = Int(event.instrument)
        let clock = plan.clocks[number]
        let opens = clock.opens(event.time, isShort: event.marks.contains(.shortBar))
        let numbers = scales[number]
        let bar = event.bar
        switch form {
        case .canonical:
            stamp(event.time, opens, clock, &out)
            if plan.hasManySymbols { text(",\(plan.instruments[number].symbol)", &out) }
            numbers.prices([bar.open, bar.high, bar.low, bar.close], &out)
            numbers.quantity(bar.volume, &out)
            if plan.hasActions { write(actions, numbers, &out) }
        case .yahoo:
            TimeText.append(clock.date(closes: event.time), to: &out)
            numbers.prices(
                [bar.open, bar.high, bar.low, bar.close, bar.close * actions.adjustment], &out)
            numbers.quantity(bar.volume, &out)
        case .alpaca:
            TimeText.append(Timestamp(nanoseconds: opens), to: &out)
            numbers.prices([bar.open, bar.high, bar.low, bar.close], &out)
            numbers.quantity(bar.volume, &out)
        case .coinbase:
            text("\(opens / 1_000_000_000)", &out)
            numbers.prices([bar.low, bar.high, bar.open, bar.close], &out)
            numbers.quantity(bar.volume, &out)
        case .binance:
            text("\(opens / 1_000_000)", &out)
            numbers.prices([bar.open, bar.high, bar.low, bar.close], &out)
            numbers.quantity(bar.volume, &out)
            text(",\(event.time / 1_000_000 - 1),0,0,0,0,0", &out)
        case .cryptoDataDownload:
            text("\(opens / 1_000_000_000),", &out)
            TimeText.append(Timestamp(nanoseconds: opens).date, to: &out)
            text(",\(plan.instruments[number].symbol)", &out)
            numbers.prices([bar.open, bar.high, bar.low, bar.close], &out)
            numbers.quantity(bar.volume, &out)
        case .stooq: stooq(event, opens, clock, numbers, &out)
        }
        out.append(10)
    }

    private func stooq(
        _ event: Event, _ opens: Int64, _ clock: BarStamping, _ numbers: NumberWriter,
        _ out: inout [UInt8]
    ) {
        if plan.timeframe.isOfDates {
            TimeText.append(clock.date(closes: event.time), to: &out)
        } else {
            var stamp: [UInt8] = []
            TimeText.append(Timestamp(nanoseconds: opens), precision: .seconds, to: &stamp)
            let digits = String(decoding: stamp.filter { 48...57 ~= $0 }, as: UTF8.self)
            let symbol = plan.instruments[Int(event.instrument)].symbol
            text("\(symbol),\(event.timeframe / 60),\(digits.prefix(8)),\(digits.suffix(6))", &out)
        }
        let bar = event.bar
        numbers.prices([bar.open, bar.high, bar.low, bar.close], &out)
        numbers.quantity(bar.volume, &out)
        if !plan.timeframe.isOfDates { text(",0", &out) }
    }

    func trade(_ event: Event, _ out: inout [UInt8]) {
        let number = Int(event.instrument)
        TimeText.append(event.timestamp, to: &out)
        if plan.hasManySymbols { text(",\(plan.instruments[number].symbol)", &out) }
        text(",\(event.trade.id),", &out)
        text(event.trade.side > 0 ? "buy" : event.trade.side < 0 ? "sell" : "", &out)
        scales[number].prices([event.trade.price], &out)
        scales[number].quantity(event.trade.quantity, &out)
        out.append(10)
    }

    func quote(_ event: Event, _ out: inout [UInt8]) {
        let number = Int(event.instrument)
        let quote = event.quote
        TimeText.append(event.timestamp, to: &out)
        if plan.hasManySymbols { text(",\(plan.instruments[number].symbol)", &out) }
        scales[number].prices([quote.bid], &out)
        scales[number].quantity(quote.bid_quantity, &out)
        scales[number].prices([quote.ask], &out)
        scales[number].quantity(quote.ask_quantity, &out)
        out.append(10)
    }

    func depth(_ event: Event, _ out: inout [UInt8]) {
        let number = Int(event.instrument)
        TimeText.append(event.timestamp, to: &out)
        if plan.hasManySymbols { text(",\(plan.instruments[number].symbol)", &out) }
        text(",\(event.depth.side > 0 ? "bid" : "ask"),\(event.depth.level)", &out)
        scales[number].prices([event.depth.price], &out)
        scales[number].quantity(event.depth.quantity, &out)
        out.append(10)
    }

    func funding(_ event: Event, _ out: inout [UInt8]) {
        let number = Int(event.instrument)
        TimeText.append(event.timestamp, to: &out)
        if plan.hasManySymbols { text(",\(plan.instruments[number].symbol)", &out) }
        scales[number].number(event.funding.rate, &out)
        scales[number].number(event.funding.price, &out)
        out.append(10)
    }

    /// Its symbol stands in the row always: such a file lies beside others that have the prices.
    func standing(_ event: Event, _ out: inout [UInt8]) {
        let (row, instruments) = (event.standing, plan.instruments)
        // It holds from right after its time on, as an import has it.
        TimeText.append(Timestamp(nanoseconds: event.time &- 1), to: &out)
        text(",\(instruments[Int(event.instrument)].symbol)", &out)
        switch Int(row.kind) {
        case Int(TD_STANDING_HALTED): text(",halted,,,", &out)
        case Int(TD_STANDING_RESUMED): text(",resumed,,,", &out)
        case Int(TD_STANDING_DELISTED):
            text(",delisted", &out)
            if row.price < 0 { text(",", &out) } else { scales[0].number(row.price, &out) }
            text(",,", &out)
        default:
            text(",succeeded", &out)
            scales[0].number(row.price, &out)
            let successor = Int(row.successor)
            let name = instruments.indices.contains(successor) ? instruments[successor].symbol : ""
            text(",\(name),\(row.numerator):\(row.denominator)", &out)
        }
        out.append(10)
    }

    private func stamp(_ closes: Int64, _ opens: Int64, _ clock: BarStamping, _ out: inout [UInt8])
    {
        switch clock.stamp {
        case .date where plan.timeframe.isOfDates:
            TimeText.append(clock.date(closes: closes), to: &out)
        case .close: TimeText.append(Timestamp(nanoseconds: closes), to: &out)
        default: TimeText.append(Timestamp(nanoseconds: opens), to: &out)
        }
    }

    private func write(_ actions: Actions, _ numbers: NumberWriter, _ out: inout [UInt8]) {
        numbers.number(actions.dividend, &out)
        numbers.number(Double(actions.split.0) / Double(actions.split.1), &out)
    }

    private func text(_ text: String, _ out: inout [UInt8]) { out.append(contentsOf: text.utf8) }
}

/// Doubles as the shortest decimal text that reads back as the same double.
struct NumberWriter {
    private let priceExponent: Int
    private let quantityExponent: Int
    private let priceScale: DecimalScale
    private let quantityScale: DecimalScale

    init(priceExponent: Int, quantityExponent: Int) {
        self.priceExponent = priceExponent
        self.quantityExponent = quantityExponent
        priceScale = DecimalScale(exponent: priceExponent)
        quantityScale = DecimalScale(exponent: quantityExponent)
    }

    /// Each after a comma.
    func prices(_ values: [Double], _ out: inout [UInt8]) {
        for value in values { write(value, priceScale, priceExponent, &out) }
    }

    func quantity(_ value: Double, _ out: inout [UInt8]) {
        write(value, quantityScale, quantityExponent, &out)
    }

    /// A number that has no unit.
    func number(_ value: Double, _ out: inout [UInt8]) {
        out.append(UInt8(ascii: ","))
        ShortestDecimal.append(value, to: &out)
    }

    private func write(
        _ value: Double, _ scale: DecimalScale, _ exponent: Int, _ out: inout [UInt8]
    ) {
        out.append(UInt8(ascii: ","))
        // Nearly all numbers are whole counts of their unit, and integers are quick to write.
        do {
            let count = try scale.count(of: value)
            if scale.value(of: count) == value {
                return DecimalText.append(count, exponent: exponent, decimals: .trimmed, to: &out)
            }
        } catch {
            // Too large to be counted: written by its own digits.
        }
        ShortestDecimal.append(value, to: &out)
    }
}

/// The shortest decimal of a double, written without a power of ten.
enum ShortestDecimal {
    static func append(_ value: Double, to out: inout [UInt8]) {
        let text = Array("\(value)".utf8)
        guard let mark = text.firstIndex(of: UInt8(ascii: "e")) else {
            let isWhole = text.suffix(2) == [UInt8(ascii: "."), UInt8(ascii: "0")]
            out.append(contentsOf: isWhole ? text.dropLast(2) : text[...])
            return
        }
        let power = Int(String(decoding: text[(mark + 1)...], as: UTF8.self)) ?? 0
        let isNegative = text[0] == UInt8(ascii: "-")
        let mantissa = text[(isNegative ? 1 : 0)..<mark]
        let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
        let digits = mantissa.filter { $0 != UInt8(ascii: ".") }
        let point = whole.count + power
        if isNegative { out.append(UInt8(ascii: "-")) }
        let zero = UInt8(ascii: "0")
        if point <= 0 {
            out += [zero, UInt8(ascii: ".")] + Array(repeating: zero, count: -point) + digits
        } else if point >= digits.count {
            let isBare = digits.last == zero && digits.count > 1 && whole.count + 1 == digits.count
            let plain = isBare ? Array(digits.dropLast()) : Array(digits)
            out += plain + Array(repeating: zero, count: max(0, point - plain.count))
        } else {
            out += digits[..<point] + [UInt8(ascii: ".")] + digits[point...]
        }
    }
}
