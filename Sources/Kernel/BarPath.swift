import Market

/// One bar as orders meet it.
struct BarPath {
    /// Whether, and at what price, a bar reaches an order after it became live.
    enum Reach: Hashable {
        case never
        /// Perhaps: only the unknown path inside the bar could tell.
        case possible(Int64)
        case certain(Int64)

        var price: Int64? {
            switch self {
            case .never: nil
            case .possible(let price), .certain(let price): price
            }
        }
    }

    let open: Int64
    let high: Int64
    let low: Int64
    let close: Int64
    let sequence: UInt64
    /// A limit needs a trade through its price, not only at it.
    let isStrict: Bool

    init(_ prices: ExactPrices, sequence: UInt64, isStrict: Bool) {
        open = prices.open
        high = prices.high
        low = prices.low
        close = prices.close
        self.sequence = sequence
        self.isStrict = isStrict
    }

    /// Whether the open itself satisfies a stop or a limit.
    @inline(__always) func opensBeyond(_ order: borrowing WorkingOrder) -> Bool {
        let level = order.isLimitLike ? order.limit : order.stop
        return Self.isUpward(order) ? open >= level : open <= level
    }

    /// Stops lie in the direction of the order's side, limits against it.
    @inline(__always) static func isUpward(_ order: borrowing WorkingOrder) -> Bool {
        order.isLimitLike != order.isBuy
    }

    /// Where the bar reaches a waiting stop or a limit.
    @inline(__always) func reach(_ order: borrowing WorkingOrder) -> Reach {
        let level = order.isLimitLike ? order.limit : order.stop
        let isUpward = Self.isUpward(order)
        let needsThrough = isStrict && order.isLimitLike
        let far = Self.touches(level, isUpward ? high : low, isUpward, needsThrough)
        guard order.turnedAt == sequence, order.since != .open else {
            return far ? .certain(level) : .never
        }
        let turn = order.turnPrice
        if isUpward ? level <= turn : level >= turn { return .certain(turn) }
        guard far else { return .never }
        // What the price was moving towards when the order became live still lies ahead of it.
        if isUpward == (order.since == .rising) { return .certain(level) }
        return Self.touches(level, close, isUpward, needsThrough)
            ? .certain(level) : .possible(level)
    }

    @inline(__always) private static func touches(
        _ level: Int64, _ price: Int64, _ isUpward: Bool, _ needsThrough: Bool
    ) -> Bool {
        if isUpward { return needsThrough ? price > level : price >= level }
        return needsThrough ? price < level : price <= level
    }

    /// Whether the range of the whole bar touches a price at all.
    func contains(_ price: Int64) -> Bool { low <= price && price <= high }
}

/// A walk over a bar as `intrabar: path` assumes it: open, the nearer extreme, the farther one,
/// close.
struct BarWalk {
    private(set) var position: Int64
    private var leg = 0
    private let turns: (Int64, Int64, Int64)

    init(_ bar: BarPath) {
        position = bar.open
        // Of two equally near extremes the low comes first.
        let highFirst = bar.high - bar.open < bar.open - bar.low
        turns = highFirst ? (bar.high, bar.low, bar.close) : (bar.low, bar.high, bar.close)
    }

    var isOver: Bool { leg == 3 }
    /// Where the present leg ends.
    var end: Int64 { leg == 0 ? turns.0 : leg == 1 ? turns.1 : turns.2 }
    var isRising: Bool { end > position }

    mutating func move(to price: Int64) { position = price }

    mutating func finishLeg() {
        position = end
        leg += 1
    }

    /// How far along the present leg an order is reached; nil where it is not.
    func distance(to order: borrowing WorkingOrder, _ bar: BarPath) -> UInt64? {
        let level = order.isLimitLike ? order.limit : order.stop
        let isUpward = BarPath.isUpward(order)
        if order.turnedAt == bar.sequence, order.since != .open, order.turnPrice == position,
            isUpward ? level <= position : level >= position
        {
            return 0
        }
        guard position != end, isUpward == isRising else { return nil }
        let needsThrough = bar.isStrict && order.isLimitLike
        if isUpward {
            guard level > position, needsThrough ? level < end : level <= end else { return nil }
        } else {
            guard level < position, needsThrough ? level > end : level >= end else { return nil }
        }
        return (level &- position).magnitude
    }
}
