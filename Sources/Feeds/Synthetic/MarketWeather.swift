import Market

/// What all symbols of a synthetic market share: its regime, its own movement, its jumps.
struct MarketWeather {
    private let regimes: [SyntheticSettings.Regime]
    private let totalWeight: Double
    private var source: NormalSource
    private(set) var current: Int

    init(_ regimes: [SyntheticSettings.Regime], seed: UInt64) {
        self.regimes = regimes
        totalWeight = regimes.reduce(0) { $0 + $1.weight }
        source = NormalSource(seed: seed)
        current = 0
    }

    var regime: SyntheticSettings.Regime { regimes[current] }

    /// One step of `share` of a session: perhaps another regime; the market's normal number, and a
    /// jump as a logarithm, 0 for none.
    mutating func step(_ share: Double) -> (normal: Double, jump: Double) {
        if source.random.unit() * regime.length < share { current = draw() }
        let normal = source.next()
        let jumps = source.random.unit() < regime.jumps * share
        return (normal, jumps ? source.next() * regime.jumpSize : 0)
    }

    private mutating func draw() -> Int {
        var left = source.random.unit() * totalWeight
        for (index, regime) in regimes.enumerated() {
            left -= regime.weight
            if left < 0 { return index }
        }
        return regimes.count - 1
    }
}

/// One symbol on its way.
struct SyntheticSymbol {
    let volatility: Double
    let volume: Double
    var source: NormalSource
    /// The logarithm of the price.
    private(set) var level: Double
    private let unit: Double
    private let quantityUnit: Double

    init(_ symbol: SyntheticSettings.Symbol, seed: UInt64) {
        volatility = symbol.volatility
        volume = symbol.volume
        source = NormalSource(seed: seed)
        level = PortableMath.logarithm(symbol.price)
        unit = PowerOfTen.double(-symbol.priceExponent)
        quantityUnit = PowerOfTen.double(-symbol.quantityExponent)
    }

    mutating func move(by change: Double) { level += change }

    /// The price of a level, a whole number of units and at least one.
    func price(_ level: Double) -> Double {
        max(1, (PortableMath.exponential(level) * unit).rounded()) / unit
    }

    /// The price with a whole number of units, as the double that its decimal text gives.
    func nearest(_ price: Double) -> Double { (price * unit).rounded() / unit }

    func quantity(_ amount: Double) -> Double { (amount * quantityUnit).rounded() / quantityUnit }
    var leastQuantity: Double { 1 / quantityUnit }
    /// The least step of the price.
    var tick: Double { 1 / unit }

    /// The extremes of a path from 0 to `change` whose deviation is `deviation`: those of a
    /// Brownian bridge.
    mutating func extremes(_ change: Double, _ deviation: Double) -> (high: Double, low: Double) {
        let variance = 2 * deviation * deviation
        let up = (change * change + variance * source.exponential()).squareRoot()
        let down = (change * change + variance * source.exponential()).squareRoot()
        return ((change + up) / 2, (change - down) / 2)
    }
}
