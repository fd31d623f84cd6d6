import CTapedeck
import Market

/// What an instrument's market shows beside the last price: both sides of its book as far as the
/// tape tells them, and what this portfolio has taken of it.
///
/// A quote is a book of one level a side. Once levels of depth come, they are the book and quotes
/// only mark.
struct ShownMarket {
    /// A price and what stands there, in the instrument's units.
    struct Level {
        var price: Int64
        /// What a fill may take of it: `Int64.max` where sizes are not told, or not looked at.
        var quantity: Int64
        /// What stands there, as it was told.
        var size: Int64
        /// By this portfolio, since the level was last told.
        var taken: Int64 = 0

        var rest: Int64 { quantity == .max ? .max : max(0, quantity &- taken) }
    }

    enum Source: UInt8 { case nothing, quotes, depth }

    /// Best first.
    private(set) var bids = ContiguousArray<Level>()
    private(set) var asks = ContiguousArray<Level>()
    private(set) var source = Source.nothing
    /// Sizes were told at least once: from then on none is none.
    private(set) var showsSizes = false
    /// A bid stands above an ask: one of them is old.
    private(set) var isCrossed = false
    /// Of the last trade; zero before the first.
    private(set) var lastTrade: Int64 = 0
    private(set) var hasTrades = false
    /// Number and time of the last trade, quote or level.
    var sequence: UInt64 = 0
    var time = Int64.min

    var isBook: Bool { source != .nothing }

    /// The best level on the side that an order takes from; nil where nobody stands.
    func best(for side: Int8) -> Level? { side > 0 ? asks.first : bids.first }

    /// The best level on the order's own side.
    func bestOwn(of side: Int8) -> Level? { side > 0 ? bids.first : asks.first }

    func level(_ place: Int, for side: Int8) -> Level? {
        let levels = side > 0 ? asks : bids
        return place < levels.count ? levels[place] : nil
    }

    mutating func take(_ quantity: Int64, at place: Int, for side: Int8) {
        if side > 0 { asks[place].taken &+= quantity } else { bids[place].taken &+= quantity }
    }

    /// Halfway between the best prices, half to even; nil while a side is missing.
    var middle: Int64? {
        guard let bid = bids.first?.price, let ask = asks.first?.price else { return nil }
        let half = (bid &+ ask) >> 1
        return (bid &+ ask) & 1 == 1 && half & 1 == 1 ? half &+ 1 : half
    }

    /// How much stands at one price of the order's own side; nil where that cannot be seen.
    func standing(at price: Int64, of side: Int8) -> Int64? {
        let levels = side > 0 ? bids : asks
        guard showsSizes, let best = levels.first else { return nil }
        if side > 0 ? price > best.price : price < best.price { return 0 }
        if let level = levels.first(where: { $0.price == price }) { return level.size }
        guard source == .depth, let last = levels.last else { return nil }
        // A price between two levels is empty; what lies behind the last one is not told.
        return (side > 0 ? price > last.price : price < last.price) ? 0 : nil
    }

    mutating func noteTrade(_ price: Int64) {
        hasTrades = true
        lastTrade = price
    }

    /// A quote: nothing of what was shown before counts any more.
    mutating func show(bid: Level?, ask: Level?, hasSizes: Bool) {
        guard source != .depth else { return }
        source = .quotes
        showsSizes = showsSizes || hasSizes
        Self.replace(&bids, with: bid)
        Self.replace(&asks, with: ask)
        noteCrossing()
    }

    private mutating func noteCrossing() {
        guard let bid = bids.first?.price, let ask = asks.first?.price else {
            isCrossed = false
            return
        }
        isCrossed = bid > ask
    }

    private static func replace(_ levels: inout ContiguousArray<Level>, with level: Level?) {
        guard let level else { return levels.removeAll(keepingCapacity: true) }
        if levels.isEmpty { levels.append(level) } else { levels[0] = level }
    }

    /// One level of the book is told anew; a size of zero takes it away.
    mutating func show(_ level: Level, side: Int32) {
        if source != .depth {
            bids.removeAll(keepingCapacity: true)
            asks.removeAll(keepingCapacity: true)
            source = .depth
            showsSizes = true
        }
        if side > 0 {
            Self.put(level, into: &bids, isBid: true)
        } else {
            Self.put(level, into: &asks, isBid: false)
        }
        noteCrossing()
    }

    private static func put(_ level: Level, into levels: inout ContiguousArray<Level>, isBid: Bool)
    {
        var (low, high) = (0, levels.count)
        while low < high {
            let middle = (low + high) / 2
            let isBetter =
                isBid ? levels[middle].price > level.price : levels[middle].price < level.price
            if isBetter { low = middle + 1 } else { high = middle }
        }
        let isThere = low < levels.count && levels[low].price == level.price
        if level.size == 0 {
            if isThere { levels.remove(at: low) }
        } else if isThere {
            levels[low] = level
        } else {
            levels.insert(level, at: low)
        }
    }

    /// What was shown counts no more: from here on the feed tells other prices and sizes. What kind
    /// of feed it is stays known.
    mutating func forget() {
        bids.removeAll(keepingCapacity: true)
        asks.removeAll(keepingCapacity: true)
        isCrossed = false
        lastTrade = 0
        // Nothing that an auction could end at has come yet.
        sequence = 0
    }
}

extension ShownMarket {
    mutating func visit(_ archive: inout StateArchive) {
        archive.visit(&bids)
        archive.visit(&asks)
        archive.visit(&source)
        archive.visit(&showsSizes)
        archive.visit(&isCrossed)
        archive.visit(&lastTrade)
        archive.visit(&hasTrades)
        archive.visit(&sequence)
        archive.visit(&time)
    }
}
