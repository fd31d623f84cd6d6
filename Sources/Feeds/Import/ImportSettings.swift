package import Market

/// What a user says of an instrument; nil is taken from the file or from common usage.
package struct InstrumentOverrides: Hashable, Sendable, Codable {
    package var symbol: String?
    package var venue: String?
    package var kind: Instrument.Kind?
    package var currency: Currency?
    package var priceExponent: Int?
    package var quantityExponent: Int?
    /// Decimal text, such as `0.01`.
    package var priceStep: String?
    package var quantityStep: String?
    package var multiplier: Int64?
    package var minimumNotional: Money?

    package init() {}
}

/// How a file becomes a tape.
package struct CSVImportSettings: Hashable, Sendable, Codable {
    /// What split columns mean.
    package enum Splits: String, Hashable, Sendable, Codable, CaseIterable {
        /// A split becomes an event where the prices make its step, and is left out, with a note,
        /// where they are adjusted for it already.
        case sniff
        case apply
        case ignore
    }

    package var hints = CSVDialectHints()
    package var policy = ImportPolicy.reject
    /// `24/7`, `XNYS`, ...
    package var calendar = "24/7"
    package var allowsNonPositivePrices = false
    /// For all instruments of the file; a symbol here names a file that has no column of symbols.
    package var instrument = InstrumentOverrides()
    /// For the instruments whose symbol they name.
    package var instruments: [InstrumentOverrides] = []
    package var splits = Splits.sniff
    /// Puts the opens and closes of the calendar's sessions on the tape.
    package var hasSessions = true
    /// How many problems of each kind are kept in the report; all are counted.
    package var problemsKept = 20
    /// Where every problem is written, one line each.
    package var problemFile: String?
    /// What the tape says of its source; the file's name when nil.
    package var source: String?
    package var isDurable = true
    /// Threads that read; the result is the same for any number. All processors, at most four, when
    /// nil.
    package var threads: Int?
    /// Bytes that one thread reads at a time; the result is the same for any number.
    package var pieceSize = 1 << 20
    /// Bytes from which on a file's tape is written past the system's cache: it would only drive
    /// out what is read again sooner. The result is the same.
    package var largeFile = 64 << 20

    package init() {}
}

/// Told as an import goes on, on one of its threads.
package struct ImportProgress: Hashable, Sendable {
    package var bytesDone: Int
    package var bytesTotal: Int
    package var events: Int
}
