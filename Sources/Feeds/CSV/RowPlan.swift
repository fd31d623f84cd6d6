import Market

/// A dialect made ready for reading: what to do with each column of a row, and where its number
/// goes.
struct RowPlan: Sendable {
    enum Action: UInt8 {
        case skip, price, quantity, number, rate, time, timeOfDay, symbol, side, buyerIsMaker, id
        case standing, cash, successor, ratio
    }

    struct Step {
        var action: Action
        var slot: UInt8
    }

    /// Where numbers stand in a row's scratch.
    enum Slot {
        static let open = 0, high = 1, low = 2, close = 3, volume = 4, dividend = 5, split = 6
        static let price = 0, quantity = 1, level = 2
        static let fundingRate = 0, markPrice = 1
        static let bid = 0, bidQuantity = 1, ask = 2, askQuantity = 3
        static let bidBar = 8, askBar = 12
        static let closes = 16
        /// Slots are a byte, so a table of closes has at most this many symbols.
        static let largestCloses = 240
        static let count = 256
    }

    let dialect: CSVDialect
    let steps: [Step]
    let zone: ZoneRules
    /// The symbols of the columns of a table of closes, in the order of their names.
    let closeSymbols: [String]
    let allowsNonPositivePrices: Bool
    /// What every event is flagged with.
    let flags: EventFlags
    let hasActions: Bool
    let hasVolume: Bool

    init(
        _ dialect: CSVDialect, allowsNonPositivePrices: Bool, isSynthetic: Bool, path: String
    ) throws(FeedError) {
        guard let zone = ZoneRules.named(dialect.zone) else {
            throw FeedError(
                .badSettings, path, "the time zone \"\(dialect.zone)\" is not known",
                hint: "use UTC, an offset such as +05:30, or one of "
                    + ZoneRules.all.map(\.name).joined(separator: ", "))
        }
        self.dialect = dialect
        self.zone = zone
        self.allowsNonPositivePrices = allowsNonPositivePrices
        flags = isSynthetic ? .synthetic : []
        var steps: [Step] = []
        let symbols = SymbolOrder.sorted(
            dialect.columns.filter { $0.role == .closeOfSymbol }.map(\.name))
        for column in dialect.columns {
            let place = column.role == .closeOfSymbol ? symbols.firstIndex(of: column.name) : nil
            let isUsed = dialect.layout.roles.contains(column.role)
            steps.append(Self.step(isUsed ? column.role : .ignored, closes: place ?? 0))
        }
        guard Set(symbols).count == symbols.count else {
            throw FeedError(.unknownLayout, path, "two columns are called the same", line: 1)
        }
        guard symbols.count <= Slot.largestCloses else {
            throw FeedError(
                .unknownLayout, path,
                "\(symbols.count) symbols side by side; at most \(Slot.largestCloses) can be read",
                hint: "write one row for each symbol and date instead")
        }
        self.steps = steps
        closeSymbols = symbols
        hasVolume = dialect.index(of: .volume) != nil
        hasActions = dialect.index(of: .dividend) != nil || dialect.index(of: .split) != nil
    }

    private static func step(_ role: CSVColumn.Role, closes: Int) -> Step {
        switch role {
        case .ignored: Step(action: .skip, slot: 0)
        case .time: Step(action: .time, slot: 0)
        case .timeOfDay: Step(action: .timeOfDay, slot: 0)
        case .symbol: Step(action: .symbol, slot: 0)
        case .open: price(Slot.open)
        case .high: price(Slot.high)
        case .low: price(Slot.low)
        case .close: price(Slot.close)
        case .volume: Step(action: .quantity, slot: UInt8(Slot.volume))
        case .dividend: Step(action: .number, slot: UInt8(Slot.dividend))
        case .split: Step(action: .number, slot: UInt8(Slot.split))
        case .price: price(Slot.price)
        case .quantity: Step(action: .quantity, slot: UInt8(Slot.quantity))
        case .side: Step(action: .side, slot: 0)
        case .level: Step(action: .number, slot: UInt8(Slot.level))
        case .fundingRate: Step(action: .rate, slot: UInt8(Slot.fundingRate))
        case .markPrice: Step(action: .number, slot: UInt8(Slot.markPrice))
        case .standing: Step(action: .standing, slot: 0)
        case .cash: Step(action: .cash, slot: 0)
        case .successor: Step(action: .successor, slot: 0)
        case .ratio: Step(action: .ratio, slot: 0)
        case .id: Step(action: .id, slot: 0)
        case .buyerIsMaker: Step(action: .buyerIsMaker, slot: 0)
        case .bid: price(Slot.bid)
        case .ask: price(Slot.ask)
        case .bidQuantity: Step(action: .quantity, slot: UInt8(Slot.bidQuantity))
        case .askQuantity: Step(action: .quantity, slot: UInt8(Slot.askQuantity))
        case .bidOpen: price(Slot.bidBar)
        case .bidHigh: price(Slot.bidBar + 1)
        case .bidLow: price(Slot.bidBar + 2)
        case .bidClose: price(Slot.bidBar + 3)
        case .askOpen: price(Slot.askBar)
        case .askHigh: price(Slot.askBar + 1)
        case .askLow: price(Slot.askBar + 2)
        case .askClose: price(Slot.askBar + 3)
        case .closeOfSymbol: price(Slot.closes + min(closes, Slot.largestCloses - 1))
        }
    }

    private static func price(_ slot: Int) -> Step { Step(action: .price, slot: UInt8(slot)) }
}

extension CSVDialect.Layout {
    /// What its rows are made of; other columns are passed over.
    var roles: [CSVColumn.Role] {
        let common: [CSVColumn.Role] = [.time, .timeOfDay, .symbol]
        return switch self {
        case .bars: common + [.open, .high, .low, .close, .volume, .dividend, .split]
        case .trades: common + [.price, .quantity, .side, .id, .buyerIsMaker]
        case .quotes: common + [.bid, .ask, .bidQuantity, .askQuantity]
        case .quoteBars:
            common + [
                .bidOpen, .bidHigh, .bidLow, .bidClose, .askOpen, .askHigh, .askLow, .askClose,
            ]
        case .closes: [.time, .timeOfDay, .closeOfSymbol]
        case .depth: common + [.side, .level, .price, .quantity]
        case .funding: common + [.fundingRate, .markPrice]
        case .standings: common + [.standing, .cash, .successor, .ratio]
        }
    }
}

/// The order of instruments made of one file: by the bytes of their symbols, however the rows are
/// ordered.
enum SymbolOrder {
    static func precedes(_ a: String, _ b: String) -> Bool {
        a.utf8.lexicographicallyPrecedes(b.utf8)
    }

    static func sorted(_ symbols: [String]) -> [String] { symbols.sorted(by: precedes) }
}
