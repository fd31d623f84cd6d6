/// What can be wrong with a row, or worth knowing.
package enum ProblemKind: String, Hashable, Sendable, Codable, CaseIterable {
    case wrongFieldCount = "wrong_field_count"
    case brokenQuotes = "broken_quotes"
    case binaryBytes = "binary_bytes"
    case lineTooLong = "line_too_long"
    case missingValue = "missing_value"
    case unreadableNumber = "unreadable_number"
    case notFinite = "not_finite"
    case unreadableTime = "unreadable_time"
    case unreadableSide = "unreadable_side"
    case unreadableID = "unreadable_id"
    case unreadableSymbol = "unreadable_symbol"
    case priceNotPositive = "price_not_positive"
    case quantityNotPositive = "quantity_not_positive"
    case negativeQuantity = "negative_quantity"
    case highBelowLow = "high_below_low"
    case outsideRange = "outside_range"
    case badSplit = "bad_split"
    case badStanding = "bad_standing"
    case noSession = "no_session"
    case outOfOrder = "out_of_order"
    case duplicate
    /// An event that no tape may hold, for a reason without a kind of its own.
    case unsoundEvent = "unsound_event"
    // From here on: worth knowing, never wrong enough to refuse a row.
    case gap
    case zeroVolume = "zero_volume"
    case jump
    case outsideSession = "outside_session"
    case crossedQuote = "crossed_quote"
    case splitInPrices = "split_in_prices"
    case repeatedHeader = "repeated_header"
    case blankLine = "blank_line"
    case finerThanUnit = "finer_than_unit"

    package var isNote: Bool { index >= ProblemKind.gap.index }

    /// Its place among all kinds.
    package var index: Int { Self.indices[rawValue] ?? 0 }

    private static let indices = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($1.rawValue, $0) })

    package var title: String { rawValue.split(separator: "_").joined(separator: " ") }
}

/// What was done about a problem.
package enum ProblemAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// The file is refused because of it.
    case rejected
    /// The row was left out.
    case dropped
    /// The row was changed as the message says.
    case repaired
    /// Nothing was changed.
    case noted
}

/// One problem at one place.
package struct Problem: Hashable, Sendable, Codable {
    package var kind: ProblemKind
    package var action: ProblemAction
    /// From 1; of a tape the number of the event.
    package var line: Int
    /// The byte in the line, from 1; 0 for the whole row.
    package var column: Int
    package var message: String

    package init(
        _ kind: ProblemKind, _ action: ProblemAction, line: Int, column: Int, message: String
    ) {
        self.kind = kind
        self.action = action
        self.line = line
        self.column = column
        self.message = message
    }

    /// By place, then by kind.
    static func precedes(_ a: Problem, _ b: Problem) -> Bool {
        (a.line, a.column, a.kind.index) < (b.line, b.column, b.kind.index)
    }

    /// `spy.csv:14:22: high below low: high 3.2 is below low 3.4 (dropped)`
    package func text(_ path: String) -> String {
        let place = column > 0 ? "\(path):\(line):\(column)" : "\(path):\(line)"
        return "\(place): \(kind.title): \(message)"
            + (action == .noted ? "" : " (\(action.rawValue))")
    }
}

/// What happens to rows that are wrong.
package enum ImportPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// The whole file is refused, with every reason.
    case reject
    /// Wrong rows are left out. Of two rows for one time the first stays; rows that go back in time
    /// are left out.
    case drop
    /// What can be put right is: rows are sorted by time; of two rows for one time the last stays;
    /// high and low are widened to hold open and close; a missing volume becomes 0; a date without
    /// a session gets the regular hours. What cannot be put right is left out.
    case repair
}
