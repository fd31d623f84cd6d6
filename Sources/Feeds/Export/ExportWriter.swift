import CTapedeck
import Market

/// Writes rows into a file through one buffer.
struct ExportWriter {
    private let plan: ExportPlan
    private let output: OutputFile
    private let form: ExportForm
    private(set) var rows = 0
    private(set) var size = 0
    private var buffer: [UInt8] = []
    /// By instrument: the actions that wait for their bar.
    private var dividends: [Double]
    private var splits: [(Int64, Int64)]
    /// By instrument; empty where bars are written as they are.
    private var restated: [PriceAdjustment] = []

    private static let bufferSize = 256 << 10

    init(_ plan: ExportPlan, _ output: OutputFile) {
        self.plan = plan
        self.output = output
        form = ExportForm(plan)
        dividends = plan.instruments.map { _ in 0 }
        splits = plan.instruments.map { _ in (1, 1) }
        buffer.reserveCapacity(Self.bufferSize + 4096)
    }

    mutating func run(_ tape: TapeFile, _ step: (Int) -> Bool) throws(FeedError) {
        if plan.settings.isAdjusted { restated = try Self.restated(tape, plan) }
        form.header(&buffer)
        let adjustments = plan.settings.form == .yahoo ? Self.adjustments(tape, plan) : []
        let count = tape.count
        for place in 0..<count {
            // The newest first where the form wants it so.
            let event = tape[form.isReversed ? count - 1 - place : place]
            if try write(event, adjustments), buffer.count >= Self.bufferSize { try flush() }
            if place % 65_536 == 65_535, !step(place + 1) {
                throw FeedError(
                    .cancelled, tape.path, "the export was stopped; nothing was written")
            }
        }
        try flush()
    }

    /// True when a row was written.
    private mutating func write(_ event: Event, _ adjustments: [Double]) throws(FeedError) -> Bool {
        if event.isSession { return false }
        let number = Int(event.instrument)
        guard number < plan.isWritten.count, plan.isWritten[number] else { return false }
        switch (plan.kind, event.type) {
        case (.bars, EventCode.dividend):
            dividends[number] += event.dividend.amount
            return false
        case (.bars, EventCode.split):
            splits[number] = (event.split.numerator, event.split.denominator)
            return false
        case (.bars, EventCode.bar) where event.timeframe == plan.timeframe.seconds:
            let actions = ExportForm.Actions(
                dividend: dividends[number], split: splits[number],
                adjustment: rows < adjustments.count ? adjustments[rows] : 1)
            var event = event
            if !restated.isEmpty {
                event.bar = restated[number].adjusted(event.bar, at: event.timestamp)
            }
            form.bar(event, actions, &buffer)
            dividends[number] = 0
            splits[number] = (1, 1)
        case (.trades, EventCode.trade): form.trade(event, &buffer)
        case (.quotes, EventCode.quote): form.quote(event, &buffer)
        case (.depth, EventCode.depth): form.depth(event, &buffer)
        case (.funding, EventCode.funding): form.funding(event, &buffer)
        case (.standings, EventCode.standing): form.standing(event, &buffer)
        default: return false
        }
        rows += 1
        return true
    }

    private static func restated(
        _ tape: TapeFile, _ plan: ExportPlan
    ) throws(FeedError) -> [PriceAdjustment] {
        var found: [PriceAdjustment] = []
        for instrument in plan.instruments {
            do {
                // The tape stays mapped as long as this.
                found.append(try PriceAdjustment(unsafe tape.events.span, of: instrument.id))
            } catch {
                throw FeedError(
                    .badSettings, tape.path,
                    "\(instrument.symbol) cannot be adjusted: its dividend of \(error.dividend) at "
                        + "\(TimeText.string(error.time)) is not below its price of \(error.close)")
            }
        }
        return found
    }

    private mutating func flush() throws(FeedError) {
        try output.write(buffer, at: size)
        size += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Yahoo's factors, one for each row: every dividend lowers all closes before it by its share
    /// of the last one. (Splits are in the prices of such a file already.)
    private static func adjustments(_ tape: TapeFile, _ plan: ExportPlan) -> [Double] {
        var closes: [Double] = []
        var shares: [(row: Int, factor: Double)] = []
        for place in 0..<tape.count {
            let event = tape[place]
            guard !event.isSession, plan.isWritten[Int(event.instrument)] else { continue }
            if event.type == EventCode.dividend, let last = closes.last, last > 0 {
                shares.append((closes.count, 1 - event.dividend.amount / last))
            }
            if event.type == EventCode.bar, event.timeframe == plan.timeframe.seconds {
                closes.append(event.bar.close)
            }
        }
        var factors = closes.map { _ in 1.0 }
        for share in shares {
            for row in 0..<share.row { factors[row] *= share.factor }
        }
        return factors
    }
}
