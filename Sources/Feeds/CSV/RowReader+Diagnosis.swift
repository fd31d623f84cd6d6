import CTapedeck
import Market

/// The long way: reads one row in full, says everything that is wrong with it, and puts right what
/// the policy allows.
extension RowReader {
    /// A line longer than this is no row.
    static var longestLine: Int { 65_536 }

    mutating func diagnose(_ text: UnsafeBufferPointer<UInt8>, into batch: RowBatch) {
        var row = unsafe Array(text)
        if row.last == 10 { row.removeLast() }
        if row.last == 13 { row.removeLast() }
        if row.allSatisfy(LineFields.isBlank) {
            return note(.blankLine, batch, "nothing on this line")
        }
        if row == header { return note(.repeatedHeader, batch, "the header again") }
        batch.rowCount += 1
        guard let fields = fields(of: row, batch), readFields(fields, batch) else { return }
        // A row that only looked unusual is complete now.
        if emit(batch) { return }
        settle(fields, batch)
    }

    private func fields(of row: [UInt8], _ batch: RowBatch) -> [LineFields.Field]? {
        if row.count > Self.longestLine {
            refuse(.lineTooLong, 0, "\(row.count) bytes", batch)
            return nil
        }
        if let place = row.firstIndex(where: { $0 < 32 && $0 != 9 || $0 == 127 }) {
            refuse(.binaryBytes, place + 1, "a byte of value \(row[place])", batch)
            return nil
        }
        let split = LineFields(row, plan.dialect)
        if let place = split.brokenQuote {
            refuse(.brokenQuotes, place, "a quote that does not end where its field ends", batch)
            return nil
        }
        let wanted = plan.steps.count
        guard split.fields.count == wanted else {
            let surplus = split.fields.count > wanted ? split.fields[wanted].column : row.count + 1
            refuse(
                .wrongFieldCount, surplus, "\(split.fields.count) fields where \(wanted) belong",
                batch)
            return nil
        }
        return split.fields
    }

    /// Reads all fields; false when the row is lost.
    private mutating func readFields(_ fields: [LineFields.Field], _ batch: RowBatch) -> Bool {
        var isWhole = true
        timeValue = 0
        isAbsolute = false
        standing = StandingRow()
        for (field, step) in zip(fields, plan.steps) {
            let isRead =
                switch step.action {
                case .skip: true
                case .price, .quantity, .number, .rate: readNumber(field, step, batch)
                case .time, .timeOfDay: readTime(field, step, batch)
                default: readWord(field, step, batch)
                }
            isWhole = isWhole && isRead
        }
        return isWhole
    }

    private mutating func readNumber(
        _ field: LineFields.Field, _ step: RowPlan.Step, _ batch: RowBatch
    ) -> Bool {
        let slot = Int(step.slot)
        switch NumberText.read(
            field.text, point: plan.dialect.decimalPoint.byte, isQuoted: field.isQuoted)
        {
        case .number(let value, let decimals):
            values[slot] = value
            if step.action == .price { priceDecimals = max(priceDecimals, decimals) }
            if step.action == .quantity { quantityDecimals = max(quantityDecimals, decimals) }
            return true
        case .missing:
            values[slot] = step.action == .price ? .nan : 0
            return settleMissing(field, step, batch)
        case .notFinite:
            return refuse(.notFinite, field.column, "\"\(field.text.excerpt)\"", batch)
        case .unreadable:
            return refuse(.unreadableNumber, field.column, "\"\(field.text.excerpt)\"", batch)
        }
    }

    /// An empty action means none; an empty close of a table means that its symbol has no row; an
    /// empty volume can be taken for zero.
    private func settleMissing(
        _ field: LineFields.Field, _ step: RowPlan.Step, _ batch: RowBatch
    ) -> Bool {
        if step.action == .number { return true }
        if plan.dialect.layout == .closes {
            let name = plan.closeSymbols[Int(step.slot) - RowPlan.Slot.closes]
            batch.problems.record(
                .missingValue, .noted, line: line, column: field.column, "no close of \(name)")
            return true
        }
        if policy == .repair, step.action == .quantity,
            ![.trades, .depth].contains(plan.dialect.layout)
        {
            batch.problems.record(
                .missingValue, .repaired, line: line, column: field.column, "no volume, taken for 0"
            )
            return true
        }
        let found = field.text.isEmpty ? "nothing" : "\"\(field.text.excerpt)\""
        return refuse(.missingValue, field.column, "\(found) where a number belongs", batch)
    }

    private mutating func readTime(
        _ field: LineFields.Field, _ step: RowPlan.Step, _ batch: RowBatch
    ) -> Bool {
        let read = TimeField.read(
            field.text, step.action == .time ? plan.dialect.timestamp : nil)
        guard let read else {
            let what = field.text.isEmpty ? "nothing" : "\"\(field.text.excerpt)\""
            return refuse(
                .unreadableTime, field.column, "\(what) is not \(plan.dialect.timestamp.title)",
                batch)
        }
        timeValue &+= read.value
        isAbsolute = isAbsolute || read.isAbsolute
        return true
    }

    private mutating func readWord(
        _ field: LineFields.Field, _ step: RowPlan.Step, _ batch: RowBatch
    ) -> Bool {
        let text = field.text
        switch step.action {
        case .symbol:
            if setSymbol(text, batch) { return true }
            return refuse(
                .unreadableSymbol, field.column,
                text.isEmpty ? "no symbol" : "\"\(text.excerpt)\" is longer than 31 bytes", batch)
        case .id:
            if text.isEmpty {
                id = 0
                return true
            }
            guard text.allSatisfy({ 48...57 ~= $0 }),
                let value = UInt64(String(decoding: text, as: UTF8.self))
            else { return refuse(.unreadableID, field.column, "\"\(text.excerpt)\"", batch) }
            id = value
        case .standing, .cash, .successor, .ratio: return readStanding(field, step.action, batch)
        default:
            let read =
                step.action == .side ? SideText.side(text) : SideText.takerWhenBuyerIsMaker(text)
            guard let read else {
                return refuse(.unreadableSide, field.column, "\"\(text.excerpt)\"", batch)
            }
            side = read
        }
        return true
    }

    /// Says that the row cannot be used as it is.
    @discardableResult
    func refuse(
        _ kind: ProblemKind, _ column: Int, _ message: @autoclosure () -> String, _ batch: RowBatch
    ) -> Bool {
        batch.problems.record(
            kind, policy == .reject ? .rejected : .dropped, line: line, column: column, message())
        return false
    }
}

/// Time stamps of single fields.
enum TimeField {
    /// Reads a whole field; `format` nil means a time of day.
    static func read(
        _ text: [UInt8], _ format: TimestampFormat?
    ) -> (value: Int64, isAbsolute: Bool, hasTime: Bool)? {
        guard !text.isEmpty, text.count <= 64 else { return nil }
        let padded = text + [UInt8](repeating: 0, count: 64)
        return unsafe padded.withUnsafeBufferPointer { buffer in
            guard var p = buffer.baseAddress else { return nil }
            var reader = TimestampReader(format ?? .compact)
            let isRead = unsafe format == nil ? reader.readTimeOfDay(&p) : reader.read(&p)
            guard isRead, unsafe p - (buffer.baseAddress ?? p) == text.count else { return nil }
            return (reader.value, reader.isAbsolute, reader.hasTime)
        }
    }
}
