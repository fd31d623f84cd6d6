import Market

/// One instrument in the books. What a mark touches stands first, in one cache line.
struct BooksPosition: Hashable, Sendable {
    var quantity: Int64 = 0
    var mark: Int64 = 0
    var factor = WorthFactor.zero
    /// What equity counts: the worth at the mark; of a future the open result.
    var value: Int64 = 0
    /// Prices reached since the quantity last changed.
    var highest: Int64 = .min
    var lowest: Int64 = .max
    var bars: UInt32 = 0
    var timeframe: UInt32

    /// What the open quantity cost, negative for what a short sale brought.
    var cost: Int64 = 0
    /// The same in 2^-48 of the money's unit, so that many partial reductions do not add up
    /// roundings.
    var fineCost: Int128 = 0
    var realised: Int64 = 0
    /// The mark in full is `markNumerator / markDivisor` where a split made it a fraction.
    var markNumerator: Int64 = 0
    var markDivisor: Int64 = 1
    let scale: ValueScale
    let isFuture: Bool
    /// Its mark moves a rate between currencies.
    var isRate = false
    /// Zero for the base, else the place among the foreign currencies plus one.
    var currency: UInt8 = 0

    static let fractionBits = 48

    init(_ instrument: Instrument, timeframe: UInt32) {
        scale = ValueScale(instrument)
        isFuture = instrument.kind == .future
        self.timeframe = timeframe
    }

    /// What is taken off the worth to get the part of equity.
    @inline(__always) var taken: Int64 { isFuture ? cost : 0 }

    /// The open result at the mark.
    var unrealised: Int64 { isFuture ? value : value &- cost }

    /// Takes `fine` out of the cost, for a trade that paid `notional` (negative when it received);
    /// the realised result. What was realised so far stays the exact total rounded half to even,
    /// and the cost is the rest.
    @inline(__always)
    mutating func reduce(by fine: Int128, paying notional: Int64) throws(Fault) -> Int64 {
        fineCost -= fine
        let outlay = try Books.sum(try Books.sum(cost, -realised), notional)
        let total = try Books.amount(
            Self.rounded(fineCost - Int128(outlay) << Int128(Self.fractionBits)))
        let result = try Books.sum(total, -realised)
        realised = total
        cost = try Books.sum(outlay, total)
        return result
    }

    /// Worth of the held quantity at `price`; of a future its notional.
    @inline(__always) func worth(at price: Int64) throws(Fault) -> Int64 {
        try factor.worth(at: price, quantity, scale)
    }

    @inline(__always) mutating func includeInRange(_ price: Int64) {
        highest = max(highest, price)
        lowest = min(lowest, price)
    }

    /// The open result at the extremes since the quantity last changed; nil when flat or never
    /// marked.
    @inline(__always)
    func openRange() throws(Fault) -> ClosedRange<Int64>? {
        guard quantity != 0, lowest <= highest else { return nil }
        let one = try Books.sum(try worth(at: lowest), -cost)
        let other = try Books.sum(try worth(at: highest), -cost)
        return min(one, other)...max(one, other)
    }

    /// Marks at `price / over` after the quantity changed; the range of prices starts anew.
    mutating func setMark(_ price: Int64, over: Int64 = 1) throws(Fault) {
        factor = WorthFactor(quantity, scale)
        mark =
            over == 1
            ? price : try Books.amount(Rounding.halfEven.quotient(Int128(price), Int128(over)))
        markNumerator = price
        markDivisor = over
        value = try Books.sum(try scale.money(quantity, at: price, over: over), -taken)
        startRange()
    }

    mutating func startRange() {
        highest = .min
        lowest = .max
    }

    /// Half to even; the caller has kept `value` within 2^111. A half is what is nearer to one than
    /// 2^-32: shares such as thirds are cut at 2^-48, and three quarters of two thirds are a half
    /// all the same.
    @inline(__always)
    static func rounded(_ value: Int128) -> Int64 {
        let whole = Int64(truncatingIfNeeded: value >> Int128(fractionBits))
        let beyondHalf =
            Int64(truncatingIfNeeded: value & (1 << Int128(fractionBits) - 1)) - 1 << 47
        let isHalf = beyondHalf.magnitude <= 1 << 16
        return (isHalf ? whole & 1 == 1 : beyondHalf > 0) ? whole + 1 : whole
    }

    /// `amount * part / whole`, half to even, for 0 <= part <= whole and amounts below 2^111.
    static func share(_ amount: Int128, _ part: Int64, of whole: Int64) -> Int128 {
        if part == whole { return amount }
        let magnitude = amount.magnitude
        let divisor = UInt128(whole.magnitude)
        let factor = UInt128(part.magnitude)
        // Long division in two digits of 64 bits: the product may need 174 bits.
        let high = (magnitude >> 64) * factor
        let low = (magnitude & UInt128(UInt64.max)) * factor
        let (first, rest) = high.quotientAndRemainder(dividingBy: divisor)
        let (second, last) = ((rest << 64) + low).quotientAndRemainder(dividingBy: divisor)
        var quotient = (first << 64) + second
        if last > divisor - last || (last == divisor - last && quotient & 1 == 1) { quotient += 1 }
        return amount < 0 ? -Int128(quotient) : Int128(quotient)
    }
}
