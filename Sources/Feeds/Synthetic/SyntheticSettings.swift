package import Market

/// What a made-up market is like. The same settings and seed give the same tape on every machine.
package struct SyntheticSettings: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable { case bars, trades }

    /// One symbol of the market.
    package struct Symbol: Hashable, Sendable, Codable {
        package var name: String
        /// At the beginning, in its currency.
        package var price: Double
        /// Of a year in the first regime's terms, 0.2 is 20 percent.
        package var volatility: Double
        /// Of an ordinary session, in units.
        package var volume: Double
        package var priceExponent: Int
        package var quantityExponent: Int

        package init(
            _ name: String, price: Double = 100, volatility: Double = 0.25,
            volume: Double = 1_000_000,
            priceExponent: Int = -2, quantityExponent: Int = 0
        ) {
            self.name = name
            self.price = price
            self.volatility = volatility
            self.volume = volume
            self.priceExponent = priceExponent
            self.quantityExponent = quantityExponent
        }
    }

    /// A state of the whole market; which comes next is drawn anew whenever one ends.
    package struct Regime: Hashable, Sendable, Codable {
        package var name: String
        /// Of a year, as a logarithm.
        package var drift: Double
        /// Times the symbols' own.
        package var volatility: Double
        /// Sessions that it lasts on average.
        package var length: Double
        /// How often it comes, in relation to the others.
        package var weight: Double
        /// Jumps a session, and their deviation as a logarithm.
        package var jumps: Double
        package var jumpSize: Double

        package init(
            _ name: String, drift: Double, volatility: Double, length: Double, weight: Double,
            jumps: Double, jumpSize: Double
        ) {
            self.name = name
            self.drift = drift
            self.volatility = volatility
            self.length = length
            self.weight = weight
            self.jumps = jumps
            self.jumpSize = jumpSize
        }
    }

    package var seed: UInt64 = 1
    package var kind = Kind.bars
    package var symbols = [Symbol("SYN")]
    package var calendar = "24/7"
    package var currency = Currency(code: "USD", exponent: 6)
    package var from = CivilDate(dayNumber: 19_723)
    package var sessions = 250
    /// Of bars; trades are laid out on minutes.
    package var timeframe = TimeFrame.minutes(1)
    /// Of one symbol in an ordinary session.
    package var tradesPerSession = 5000.0
    /// Bid and ask before every trade.
    package var hasQuotes = false
    /// Between bid and ask, as a share of the price.
    package var spread = 0.0004
    /// How much of every symbol's movement is the market's, from 0 to 1: the correlation of any
    /// two.
    package var correlation = 0.5
    /// How much busier open and close are than the middle of a session; 0 for the same all day.
    package var openingRush = 2.0
    /// The share of a day's variance that happens while a market is shut.
    package var overnight = 0.2
    package var regimes = SyntheticSettings.ordinaryRegimes

    package static let ordinaryRegimes = [
        Regime(
            "calm", drift: 0.06, volatility: 0.7, length: 40, weight: 5, jumps: 0.02, jumpSize: 0.01
        ),
        Regime(
            "trend", drift: 0.35, volatility: 1, length: 25, weight: 3, jumps: 0.05, jumpSize: 0.015
        ),
        Regime(
            "crash", drift: -1.5, volatility: 2.5, length: 6, weight: 1, jumps: 0.5, jumpSize: 0.03),
    ]

    package init() {}

    /// What stands on the tape and wherever the market is shown.
    package var label: String {
        "SYNTHETIC: seed \(seed), \(symbols.count) \(symbols.count == 1 ? "symbol" : "symbols"), \(calendar), "
            + (kind == .bars ? "bars of \(timeframe)" : "trades")
            + ", regimes " + regimes.map(\.name).joined(separator: "/")
    }

    /// Every setting that makes no market, in words.
    package func problems() -> [String] {
        var problems: [String] = []
        func check(_ isSound: Bool, _ text: String) { if !isSound { problems.append(text) } }
        check(!symbols.isEmpty && symbols.count <= 1000, "between 1 and 1000 symbols")
        check(Set(symbols.map(\.name)).count == symbols.count, "symbols have different names")
        check(1...100_000 ~= sessions, "between 1 and 100000 sessions")
        check(timeframe.seconds > 0 && timeframe <= .day, "a time frame up to 1d")
        check(0...1 ~= correlation, "a correlation between 0 and 1")
        check(0...100 ~= openingRush, "an opening rush between 0 and 100")
        check(0..<1 ~= overnight, "an overnight share from 0 to below 1")
        check(0..<0.5 ~= spread, "a spread from 0 to below 0.5")
        check(1...10_000_000 ~= tradesPerSession, "between 1 and 10000000 trades a session")
        check(!regimes.isEmpty, "at least one regime")
        for symbol in symbols {
            let scale = -12...0 ~= symbol.priceExponent && -12...0 ~= symbol.quantityExponent
            check(scale, "\(symbol.name): exponents between -12 and 0")
            check(1e-9...1e9 ~= symbol.price, "\(symbol.name): a price between 1e-9 and 1e9")
            check(0...10 ~= symbol.volatility, "\(symbol.name): a volatility between 0 and 10")
            check(0...1e15 ~= symbol.volume, "\(symbol.name): a volume between 0 and 1e15")
        }
        for regime in regimes {
            let isSound =
                regime.weight > 0 && regime.weight.isFinite && 0.01...1e6 ~= regime.length
                && 0...100 ~= regime.volatility && -100...100 ~= regime.drift
                && 0...100 ~= regime.jumps
                && 0...1 ~= regime.jumpSize
            check(isSound, "regime \(regime.name): a weight, a length and shares that are possible")
        }
        return problems
    }
}
