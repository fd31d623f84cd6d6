import Market

/// From one currency's money to another's, as a fraction; unknown while its denominator is zero.
struct ConversionRate: Hashable, Sendable {
    private(set) var numerator: Int64 = 0
    private(set) var denominator: Int64 = 0

    static let unknown = ConversionRate()

    var isKnown: Bool { denominator != 0 }

    private init() {}

    /// Reduced; where 62 bits do not hold it, cut to them.
    init(_ numerator: Int128, _ denominator: Int128) {
        guard numerator > 0, denominator > 0 else { return }
        let common = Int128.commonDivisor(numerator, denominator)
        var (up, down) = (numerator / common, denominator / common)
        while max(up, down) >> 62 != 0 { (up, down) = (up >> 1, down >> 1) }
        guard up > 0, down > 0 else { return }
        self.numerator = Int64(up)
        self.denominator = Int64(down)
    }

    func then(_ next: ConversionRate) -> ConversionRate {
        ConversionRate(
            Int128(numerator) * Int128(next.numerator),
            Int128(denominator) * Int128(next.denominator))
    }

    /// Half to even.
    func convert(_ amount: Int64) throws(Fault) -> Int64 {
        guard isKnown else {
            if amount == 0 { return 0 }
            throw .missingRate
        }
        return try Books.amount(
            Rounding.halfEven.quotient(Int128(amount) * Int128(numerator), Int128(denominator)))
    }
}

/// The pairs whose marks give a rate: one, or two through a common currency.
struct ConversionRoute: Hashable, Sendable {
    struct Leg: Hashable, Sendable {
        var pair: InstrumentID
        var isInverse: Bool
        /// 10 to this turns the pair's price units into the target's money for one unit of the
        /// source's.
        var shift: Int

        func rate(at price: Int64) -> ConversionRate {
            let up = Int128(price) * PowerOfTen.wide(max(0, shift))
            let down = PowerOfTen.wide(max(0, -shift))
            return isInverse ? ConversionRate(down, up) : ConversionRate(up, down)
        }
    }

    private(set) var legs: [Leg] = []

    func uses(_ instrument: InstrumentID) -> Bool { legs.contains { $0.pair == instrument } }

    /// The direct pair, else the inverse one, else the first two that share a currency; empty where
    /// there is none.
    init(from source: Currency, to target: Currency, _ instruments: [Instrument]) {
        if let leg = Self.leg(source, target, instruments) {
            legs = [leg]
            return
        }
        for middle in Self.currencies(instruments) where middle != source && middle != target {
            if let first = Self.leg(source, middle, instruments),
                let last = Self.leg(middle, target, instruments)
            {
                legs = [first, last]
                return
            }
        }
    }

    private static func leg(_ source: Currency, _ target: Currency, _ pairs: [Instrument]) -> Leg? {
        if let pair = pairs.first(where: { $0.currency == target && $0.asset == source.code }) {
            return Leg(
                pair: pair.id, isInverse: false,
                shift: pair.priceExponent + target.exponent - source.exponent)
        }
        if let pair = pairs.first(where: { $0.currency == source && $0.asset == target.code }) {
            return Leg(
                pair: pair.id, isInverse: true,
                shift: pair.priceExponent + source.exponent - target.exponent)
        }
        return nil
    }

    /// Every currency that something is quoted in, in the instruments' order.
    private static func currencies(_ instruments: [Instrument]) -> [Currency] {
        var found: [Currency] = []
        for instrument in instruments where !found.contains(instrument.currency) {
            found.append(instrument.currency)
        }
        return found
    }
}

extension Instrument {
    /// What is bought with the currency, where the symbol ends in the currency's code: EUR of
    /// EURUSD, BTC of BTC-USDT; else nil.
    var asset: String? {
        guard kind == .spot, symbol.hasSuffix(currency.code) else { return nil }
        var asset = symbol.dropLast(currency.code.count)
        if let last = asset.last, "-/_.:".contains(last) { asset.removeLast() }
        return asset.isEmpty ? nil : String(asset)
    }
}
