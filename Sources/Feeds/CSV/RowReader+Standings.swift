import CTapedeck
import Market

/// What one row says of an instrument's standing, as it is written.
struct StandingRow {
    var kind: UInt32 = 0
    /// Nil where nothing stands.
    var cash: Double?
    var successor: [UInt8] = []
    var ratio: (numerator: Int64, denominator: Int64)?

    static func kind(_ text: [UInt8]) -> UInt32? {
        switch String(decoding: text, as: UTF8.self).lowercased() {
        case "halted", "halt": UInt32(TD_STANDING_HALTED)
        case "resumed", "resume": UInt32(TD_STANDING_RESUMED)
        case "delisted", "delist": UInt32(TD_STANDING_DELISTED)
        case "succeeded", "renamed", "merged": UInt32(TD_STANDING_SUCCEEDED)
        default: nil
        }
    }

    /// `3:2`, or a decimal; nil where it is neither.
    static func ratio(_ text: [UInt8]) -> (numerator: Int64, denominator: Int64)? {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let plain = parts.map { String(decoding: $0, as: UTF8.self) }
        if plain.count == 2 {
            guard let new = Int64(plain[0]), let old = Int64(plain[1]), new > 0, old > 0 else {
                return nil
            }
            return (new, old)
        }
        guard plain.count == 1, let ratio = Double(plain[0]) else { return nil }
        return SplitRatio.fraction(ratio)
    }
}

/// Halts, delistings and successors.
extension RowReader {
    mutating func readStanding(
        _ field: LineFields.Field, _ action: RowPlan.Action, _ batch: RowBatch
    ) -> Bool {
        let text = field.text
        switch action {
        case .standing:
            guard let kind = StandingRow.kind(text) else {
                return refuse(
                    .badStanding, field.column,
                    "\"\(text.excerpt)\" is none of halted, resumed, delisted, succeeded", batch)
            }
            standing.kind = kind
        case .successor: standing.successor = text
        case .ratio:
            if text.isEmpty { return true }
            standing.ratio = StandingRow.ratio(text)
            guard standing.ratio != nil else {
                return refuse(
                    .badStanding, field.column,
                    "\"\(text.excerpt)\" is no ratio such as 3:2, new units for old ones", batch)
            }
        default: return readCash(field, batch)
        }
        return true
    }

    private mutating func readCash(_ field: LineFields.Field, _ batch: RowBatch) -> Bool {
        switch NumberText.read(
            field.text, point: plan.dialect.decimalPoint.byte, isQuoted: field.isQuoted)
        {
        case .number(let value, _):
            standing.cash = value
            return true
        case .missing: return true
        case .notFinite: return refuse(.notFinite, field.column, "\"\(field.text.excerpt)\"", batch)
        case .unreadable:
            return refuse(.unreadableNumber, field.column, "\"\(field.text.excerpt)\"", batch)
        }
    }

    /// Adds the row's event where nothing about it is wrong.
    mutating func emitStanding(_ batch: RowBatch) -> Bool {
        guard contradiction == nil, let successor = successor(batch) else { return false }
        let row = standing
        // The bar that closes at this time came before the change.
        let time = clock.instant(timeValue, isAbsolute: isAbsolute) &+ 1
        let event = unsafe add(batch, EventCode.standing, 0, time)
        let isSuccession = row.kind == UInt32(TD_STANDING_SUCCEEDED)
        let isDelisting = row.kind == UInt32(TD_STANDING_DELISTED)
        unsafe event.pointee.standing = td_standing(
            kind: row.kind, successor: UInt32(successor),
            numerator: isSuccession ? row.ratio?.numerator ?? 1 : 0,
            denominator: isSuccession ? row.ratio?.denominator ?? 1 : 0,
            price: row.cash ?? (isDelisting ? -1 : 0), reserved: 0)
        return true
    }

    /// The batch's number of the row's successor, 0 for none; nil where it is no symbol, or the
    /// row's own.
    private mutating func successor(_ batch: RowBatch) -> Int? {
        guard !standing.successor.isEmpty else { return 0 }
        let own = symbol
        defer { symbol = own }
        return setSymbol(standing.successor, batch) && symbol != own ? symbol : nil
    }

    mutating func settleStanding(_ fields: [LineFields.Field], _ batch: RowBatch) -> Bool {
        if let (role, what) = contradiction {
            return refuse(.badStanding, column(role, fields), what, batch)
        }
        return refuse(
            .badStanding, column(.successor, fields),
            "the successor \"\(standing.successor.excerpt)\" is no other symbol of at most 31 bytes",
            batch)
    }

    /// Where the fields of a row do not go together.
    private var contradiction: (CSVColumn.Role, String)? {
        let row = standing
        if let cash = row.cash, cash < 0 || cash > Self.largestCash {
            return (.cash, "cash of \(cash) for each unit")
        }
        switch Int(row.kind) {
        case Int(TD_STANDING_SUCCEEDED):
            return row.successor.isEmpty
                ? (.successor, "the symbol of the successor is missing") : nil
        case Int(TD_STANDING_DELISTED): break
        default: if row.cash != nil { return (.cash, "a halt pays nothing") }
        }
        if !row.successor.isEmpty { return (.successor, "only what is succeeded has a successor") }
        return row.ratio == nil ? nil : (.ratio, "only what is succeeded has a ratio")
    }

    /// For a unit, in its currency: more is a slip of the pen, and is not booked.
    private static var largestCash: Double { 9e6 }
}
