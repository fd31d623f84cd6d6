import ArgumentParser
import Deck
import Feeds
import Market

// Choices of Feeds as options: their words are those of the configuration and of reports.
extension ImportPolicy: ExpressibleByArgument {}
extension CSVDialect.Separator: ExpressibleByArgument {}
extension CSVDialect.DecimalPoint: ExpressibleByArgument {}
extension CSVDialect.Order: ExpressibleByArgument {}
extension TimestampFormat: ExpressibleByArgument {}
extension BarStamp: ExpressibleByArgument {}
extension CSVImportSettings.Splits: ExpressibleByArgument {}
extension Instrument.Kind: ExpressibleByArgument {}

extension TimeFrame: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

/// What is known of a CSV file; everything else is found out.
struct DialectArguments: ParsableArguments {
    @Option(help: "Length of its bars: 1m, 4h, 1d.")
    var timeframe: TimeFrame?
    @Option(help: "What its stamps are: a bar's open, its close, or the session's date.")
    var stamp: BarStamp?
    @Option(help: "Zone of stamps that do not say their own: UTC, America/New_York, +05:30.")
    var zone: String?
    @Option(help: "How its stamps are written.")
    var time: TimestampFormat?
    @Option(help: "What stands between two fields.")
    var separator: CSVDialect.Separator?
    @Option(help: "What stands before decimals.")
    var decimal: CSVDialect.DecimalPoint?
    @Option(help: "Order of its rows.")
    var order: CSVDialect.Order?
    @Option(help: "Lines before the header.")
    var skip: Int?
    @Flag(inversion: .prefixedNo, help: "Whether the first row names the columns.")
    var header: Bool?
    @Option(
        help: ArgumentHelp(
            "What each column is, in order: time,open,high,low,close,volume,ignored, ...",
            valueName: "roles"))
    var columns: String?

    func hints() throws -> CSVDialectHints {
        var hints = CSVDialectHints()
        hints.timeframe = timeframe
        hints.stamp = stamp
        hints.zone = zone
        hints.timestamp = time
        hints.separator = separator
        hints.decimalPoint = decimal
        hints.order = order
        hints.skippedLines = skip
        hints.hasHeader = header
        hints.columns = try columns.map(Self.roles)
        return hints
    }

    private static func roles(_ text: String) throws -> [CSVColumn.Role] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let role = CSVColumn.Role(rawValue: String(word)) else {
                let known = CSVColumn.Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError(
                    "--columns: \"\(word)\" is no column's role; there are \(known)")
            }
            return role
        }
    }
}

/// What is known of an instrument; everything else is taken from the file and from common usage.
struct InstrumentArguments: ParsableArguments {
    @Option(help: "Its symbol, where the file does not name any.")
    var symbol: String?
    @Option(help: "Where it is traded.")
    var venue: String?
    @Option(
        help: "Whether the whole value changes hands (spot) or only what was won and lost (future)."
    )
    var kind: Instrument.Kind?
    @Option(help: "Its currency: USD, EUR, USDT.")
    var currency: String?
    @Option(help: "Its calendar: 24/7, XNYS, XLON, XNSE.")
    var calendar = "24/7"
    @Option(help: "The least difference between two prices: 0.01.")
    var priceStep: String?
    @Option(help: "The least difference between two quantities: 1, 0.0001.")
    var quantityStep: String?
    @Option(help: "Money per point and unit.")
    var multiplier: Int64?
    @Flag(help: "Prices may be zero or negative.")
    var anyPrice = false

    func overrides() throws -> InstrumentOverrides {
        var overrides = InstrumentOverrides()
        overrides.symbol = symbol
        overrides.venue = venue
        overrides.kind = kind
        overrides.currency = try currency.map(Self.currency)
        overrides.priceStep = priceStep
        overrides.quantityStep = quantityStep
        overrides.multiplier = multiplier
        return overrides
    }

    /// Letters and digits; money of coins is counted finer.
    static func currency(_ code: String) throws -> Currency {
        let isPlain =
            (1...7).contains(code.utf8.count)
            && code.utf8.allSatisfy {
                (65...90).contains($0) || (48...57).contains($0)
            }
        guard isPlain else {
            throw ValidationError("--currency takes a code such as USD or USDT, not \"\(code)\"")
        }
        return Currency(code: code)
    }
}
