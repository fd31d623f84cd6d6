import Market

/// How far equity may move before a rule on losses has to be looked at, shared out among the open
/// positions.
///
/// One open position has all of it, and where it leaves its band its room is measured anew. Of
/// several each has a share that lets it cross its whole band while all others do: together they
/// use three quarters of what there was. So the bands of those that nothing happened to stay right
/// until a quarter of the room is gone, or there are more positions than shares.
struct EquityRoom: Hashable, Sendable {
    /// Down and up, in the base currency, for one position: what its worth may change by.
    private(set) var down = Int64.max
    private(set) var up = Int64.max
    /// Positions that there is a share for.
    private(set) var shares = 1
    /// What may go before the shares have to be made anew.
    private var reserve: Int64 = 0
    /// Cash when the shares were made: one position's room depends on it alone.
    private var cash: Int64 = 0

    init() {}

    /// Shares out what lies between `safe` and equity now.
    init(_ safe: (above: Int64, below: Int64), _ books: borrowing Books) {
        let equity = books.equity.rawValue
        down = Self.distance(equity, safe.above)
        up = Self.distance(safe.below, equity)
        cash = books.cash.rawValue
        guard books.openPositions > 1 else { return }
        // Some for positions to come, so that not every new one shares out anew.
        shares = books.openPositions + (books.openPositions + 1) / 2
        let least = min(down, up)
        reserve = least - least / 4
        down = reserve / Int64(2 * shares)
        up = down
    }

    /// Whether bands made of these shares are right, but for the one of an instrument that
    /// something happened to.
    func holds(
        _ safe: (above: Int64, below: Int64), _ books: borrowing Books, but touched: InstrumentID
    ) -> Bool {
        if books.openPositions > shares { return false }
        if shares == 1 {
            return books.openPositions == 0 || !books.quantity(of: touched).isZero
                || books.cash.rawValue == cash
        }
        // So few that they can have more.
        if books.openPositions * 8 <= shares { return false }
        let equity = books.equity.rawValue
        return Self.distance(equity, safe.above) > reserve
            && Self.distance(safe.below, equity) > reserve
    }

    /// From `b` up to `a`; zero where it is above, and no more than books can hold.
    private static func distance(_ a: Int64, _ b: Int64) -> Int64 {
        let (distance, isWide) = a.subtractingReportingOverflow(b)
        return isWide ? (a > b ? .max : 0) : max(0, distance)
    }
}

extension Books {
    /// Prices of an instrument strictly between which its worth changes by less than `room`; none
    /// where its mark moves rates.
    func prices(
        of instrument: InstrumentID, within room: EquityRoom
    ) -> (below: Int64, above: Int64) {
        let id = Int(instrument)
        if positions[id].isRate { return (.max, .min) }
        let down = distance(of: id, room.down)
        let up = distance(of: id, room.up)
        let mark = positions[id].mark
        let isLong = positions[id].quantity > 0
        return (
            Self.shifted(mark, down: isLong ? down : up), Self.shifted(mark, up: isLong ? up : down)
        )
    }

    /// How far the price may go for the worth to change by less than `room`, in the base currency.
    private func distance(of id: Int, _ room: Int64) -> Int64 {
        if room > Self.largestAmount { return .max }
        let rate = positions[id].currency == 0 ? nil : foreign[Int(positions[id].currency) - 1].rate
        let perPrice =
            Double(positions[id].quantity.magnitude) * Double(positions[id].scale.numerator)
            / Double(positions[id].scale.denominator)
        let inBase =
            rate.map { $0.isKnown ? Double($0.numerator) / Double($0.denominator) : .infinity } ?? 1
        // Three units for the roundings of two worths and a conversion.
        let prices = Double(max(0, room - 3)) / (perPrice * inBase)
        // A little less than the double says, so that its rounding stays on the safe side.
        return prices < 0x1p62 ? Int64(prices * (1 - 0x1p-40)) : .max
    }

    @inline(__always) static func shifted(_ price: Int64, down distance: Int64) -> Int64 {
        let (value, overflow) = price.subtractingReportingOverflow(distance)
        return overflow ? .min : value
    }

    @inline(__always) static func shifted(_ price: Int64, up distance: Int64) -> Int64 {
        let (value, overflow) = price.addingReportingOverflow(distance)
        return overflow ? .max : value
    }
}
