import Glibc

/// Whether one series of returns has a higher mean than another of the same periods, told without
/// the assumption that periods do not depend on each other.
///
/// Everything is about the differences d of the two series, period by period, so that what both
/// have in common (the market of the day) takes no part.
package struct MeanDifference: Hashable, Sendable {
    /// How the differences are drawn anew.
    package struct Resampling: Hashable, Sendable {
        package var draws: Int
        /// One less the level: 0.05 for an interval of 95 %.
        package var level: Double

        package init(draws: Int = 9_999, level: Double = 0.05) {
            self.draws = draws
            self.level = level
        }
    }

    /// Periods below which nothing is said about chance.
    package static let leastPeriods = 30

    package let periods: Int
    /// Of d; of one period.
    package let mean: Double
    /// Of d, divided by n - 1; nil below two periods.
    package let deviation: Double?
    /// Autocovariances that the standard error counts.
    package let lag: Int
    /// Of the mean, after Newey and West; nil where it comes to nothing.
    package let standardError: Double?
    /// Periods that are drawn together.
    package let blockLength: Int
    /// The share of draws whose mean is as far from `mean` as that is from zero, both sides; nil
    /// below `leastPeriods`.
    package let chance: Double?
    /// Around the mean, of the level that was asked for; nil below `leastPeriods`.
    package let interval: ClosedRange<Double>?

    /// mean / standardError.
    package var tStatistic: Double? { standardError.map { mean / $0 } }

    /// - Parameter draw: a whole number from 0 up to, and without, its argument; all equally
    ///   likely.
    package init(
        _ differences: [Double], _ resampling: Resampling = Resampling(), draw: (Int) -> Int
    ) {
        let count = differences.count
        periods = count
        let mean = differences.reduce(0, +) / Double(max(1, count))
        self.mean = mean
        let centred = differences.map { $0 - mean }
        let squares = centred.reduce(0) { $0 + $1 * $1 }
        deviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
        lag = Self.lag(count)
        standardError = Self.standardError(centred, lag: lag)
        blockLength = Self.blockLength(count)
        guard count >= Self.leastPeriods else {
            chance = nil
            interval = nil
            return
        }
        let distances = Self.distances(
            centred, blockLength: blockLength, draws: resampling.draws, draw: draw)
        let beyond = distances.count { $0 >= mean.magnitude }
        chance = Double(1 + beyond) / Double(1 + resampling.draws)
        let place = Int((Double(resampling.draws + 1) * (1 - resampling.level)).rounded(.up)) - 1
        let reach = distances.sorted()[min(max(0, place), distances.count - 1)]
        interval = (mean - reach)...(mean + reach)
    }

    /// floor(4 (n / 100)^(2/9)): Newey and West, Review of Economic Studies 61 (1994); below n.
    package static func lag(_ count: Int) -> Int {
        max(0, min(count - 1, Int(4 * pow(Double(count) / 100, 2.0 / 9))))
    }

    /// The nearest whole number to the cube root of n: the rate of Hall, Horowitz and Jing,
    /// Biometrika 82 (1995).
    package static func blockLength(_ count: Int) -> Int {
        max(1, Int(cbrt(Double(count)).rounded()))
    }

    /// sqrt(S / n) with S = g(0) + 2 sum over l = 1...L of (1 - l / (L + 1)) g(l), and g(l) the sum
    /// of products of deviations l apart over n: Newey and West, Econometrica 55 (1987). The
    /// weights keep S from being negative.
    package static func standardError(_ centred: [Double], lag: Int) -> Double? {
        let count = centred.count
        guard count > 1 else { return nil }
        func covariance(_ distance: Int) -> Double {
            (distance..<count).reduce(0) { $0 + centred[$1] * centred[$1 - distance] }
                / Double(count)
        }
        var sum = covariance(0)
        for distance in stride(from: 1, through: lag, by: 1) {
            sum += 2 * (1 - Double(distance) / Double(lag + 1)) * covariance(distance)
        }
        return sum > 0 ? (sum / Double(count)).squareRoot() : nil
    }

    /// How far the mean of each draw is from zero, which is the mean of what is drawn from. A draw
    /// is made of blocks of neighbours that begin anywhere, the first period following on the last:
    /// the circular block bootstrap of Politis and Romano (1992).
    package static func distances(
        _ centred: [Double], blockLength: Int, draws: Int, draw: (Int) -> Int
    ) -> [Double] {
        let count = centred.count
        // Sums from the beginning, once round and a block further: a block's sum is a difference.
        var sums = [0.0]
        sums.reserveCapacity(count + blockLength + 1)
        for place in 0..<(count + blockLength) { sums.append(sums[place] + centred[place % count]) }
        return (0..<draws).map { _ in
            var total = 0.0
            var left = count
            while left > 0 {
                let length = min(blockLength, left)
                let start = draw(count)
                total += sums[start + length] - sums[start]
                left -= length
            }
            return (total / Double(count)).magnitude
        }
    }
}
