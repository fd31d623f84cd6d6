package import Market

/// How one file writes its rows. Everything can be given; what is not given is sniffed and
/// explained.
package struct CSVDialect: Hashable, Sendable, Codable {
    package enum Separator: String, Hashable, Sendable, Codable, CaseIterable {
        case comma, semicolon, tab, pipe, space

        var byte: UInt8 {
            switch self {
            case .comma: UInt8(ascii: ",")
            case .semicolon: UInt8(ascii: ";")
            case .tab: 9
            case .pipe: UInt8(ascii: "|")
            case .space: UInt8(ascii: " ")
            }
        }
    }

    package enum DecimalPoint: String, Hashable, Sendable, Codable, CaseIterable {
        case point, comma

        var byte: UInt8 { self == .point ? UInt8(ascii: ".") : UInt8(ascii: ",") }
    }

    /// What one row tells.
    package enum Layout: String, Hashable, Sendable, Codable, CaseIterable {
        case bars, trades, quotes
        /// Bars of bid and ask: they become bars of the middle.
        case quoteBars = "quote_bars"
        /// One column of closes for each symbol: they become bars whose four prices are that close.
        case closes
        /// Levels of an order book, each with its side and what stands there now; zero takes it
        /// away. Rows of one time and symbol are one update.
        case depth
        /// Funding rates of perpetuals at the times at which they fall due.
        case funding
        /// What becomes of instruments: halts and their ends, delistings, new symbols and mergers.
        case standings

        /// Its events have a time and no length.
        var isOfInstants: Bool { [.trades, .quotes, .depth, .funding, .standings].contains(self) }
    }

    package enum Order: String, Hashable, Sendable, Codable, CaseIterable {
        case oldestFirst = "oldest_first"
        case newestFirst = "newest_first"
    }

    /// What it looks like, for people: `yahoo`, `binance klines`, ...
    package var name: String
    package var separator: Separator
    package var decimalPoint: DecimalPoint
    /// Lines before the header, or before the first row where there is none.
    package var skippedLines: Int
    package var hasHeader: Bool
    package var columns: [CSVColumn]
    package var layout: Layout
    package var timestamp: TimestampFormat
    /// Of stamps that do not say their own: `UTC`, a name of the tz database, or `+05:30`.
    package var zone: String
    package var stamp: BarStamp
    /// Of its bars; nil for what has no length.
    package var timeframe: TimeFrame?
    package var order: Order

    package init(
        name: String, separator: Separator = .comma, decimalPoint: DecimalPoint = .point,
        skippedLines: Int = 0, hasHeader: Bool = true, columns: [CSVColumn], layout: Layout,
        timestamp: TimestampFormat, zone: String = "UTC", stamp: BarStamp = .open,
        timeframe: TimeFrame? = nil, order: Order = .oldestFirst
    ) {
        self.name = name
        self.separator = separator
        self.decimalPoint = decimalPoint
        self.skippedLines = skippedLines
        self.hasHeader = hasHeader
        self.columns = columns
        self.layout = layout
        self.timestamp = timestamp
        self.zone = zone
        self.stamp = stamp
        self.timeframe = timeframe
        self.order = order
    }

    /// The place of the first column with this role.
    package func index(of role: CSVColumn.Role) -> Int? { columns.firstIndex { $0.role == role } }

    package var hasSymbols: Bool { index(of: .symbol) != nil }
}

/// What is known of a dialect before the file is looked at; nil is sniffed.
package struct CSVDialectHints: Hashable, Sendable, Codable {
    package var separator: CSVDialect.Separator?
    package var decimalPoint: CSVDialect.DecimalPoint?
    package var skippedLines: Int?
    package var hasHeader: Bool?
    /// The role of every column, in order.
    package var columns: [CSVColumn.Role]?
    package var timestamp: TimestampFormat?
    package var zone: String?
    package var stamp: BarStamp?
    package var timeframe: TimeFrame?
    package var order: CSVDialect.Order?

    package init() {}
}

/// One column of a file.
package struct CSVColumn: Hashable, Sendable, Codable {
    package enum Role: String, Hashable, Sendable, Codable, CaseIterable {
        case ignored
        /// A whole stamp, or a date that `timeOfDay` completes.
        case time
        case timeOfDay = "time_of_day"
        case symbol
        case open, high, low, close, volume
        /// Cash per unit on the ex date; new units for one old.
        case dividend, split
        case price, quantity, side, id
        /// Of a book: 0 for the best price of its side.
        case level
        case fundingRate = "funding_rate"
        /// What funding is paid on; the position's own mark without it.
        case markPrice = "mark_price"
        /// `halted`, `resumed`, `delisted` or `succeeded`.
        case standing
        /// What is paid for each unit that is delisted, or for each old one beside its successor.
        case cash
        /// The symbol that takes this one's place.
        case successor
        /// New units for old ones: `3:2`, or `1.5`.
        case ratio
        /// True where the buyer's order rested, so that the taker sold.
        case buyerIsMaker = "buyer_is_maker"
        case bid, ask
        case bidQuantity = "bid_quantity"
        case askQuantity = "ask_quantity"
        case bidOpen = "bid_open", bidHigh = "bid_high", bidLow = "bid_low", bidClose = "bid_close"
        case askOpen = "ask_open", askHigh = "ask_high", askLow = "ask_low", askClose = "ask_close"
        /// The close of the symbol that the column is called by.
        case closeOfSymbol = "close_of_symbol"
    }

    /// As its header says; empty without one.
    package var name: String
    package var role: Role

    package init(_ name: String, _ role: Role) {
        self.name = name
        self.role = role
    }
}
