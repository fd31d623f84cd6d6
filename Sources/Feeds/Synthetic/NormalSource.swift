import Market

/// Standard normal numbers of a seeded generator, by Marsaglia's polar method.
struct NormalSource {
    var random: Xoshiro256StarStar
    private var spare: Double?

    init(seed: UInt64) { random = Xoshiro256StarStar(seed: seed) }

    mutating func next() -> Double {
        if let spare {
            self.spare = nil
            return spare
        }
        while true {
            let u = 2 * random.unit() - 1, v = 2 * random.unit() - 1
            let s = u * u + v * v
            guard s < 1, s > 0 else { continue }
            let factor = (-2 * PortableMath.logarithm(s) / s).squareRoot()
            spare = v * factor
            return u * factor
        }
    }

    /// In (0, 1], so that it has a logarithm.
    mutating func positiveUnit() -> Double { 1 - random.unit() }

    /// Exponentially distributed with mean 1.
    mutating func exponential() -> Double { -PortableMath.logarithm(positiveUnit()) }
}
