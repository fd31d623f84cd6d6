/// Counts, sums, extremes and streaks of winning and losing periods. A zero is neither.
struct WinsAndLosses: Sendable {
    private(set) var won = 0.0
    private(set) var lost = 0.0
    private(set) var best = -Double.infinity
    private(set) var worst = Double.infinity
    private var winning = Streak()
    private var losing = Streak()

    var wins: Int { winning.total }
    var losses: Int { losing.total }
    var longestWins: Int { winning.longest }
    var longestLosses: Int { losing.longest }

    mutating func add(_ x: Double) {
        winning.add(x > 0 ? 1 : 0, count: 1)
        losing.add(x < 0 ? 1 : 0, count: 1)
        won += max(x, 0)
        lost += min(x, 0)
        best = max(x, best)
        worst = min(x, worst)
    }

    /// Signs are as good as random: 64 at a time become bits, and nothing branches on one of them.
    mutating func add(contentsOf values: Span<Double>) {
        var first = 0
        while first + 64 <= values.count {
            addWord(values.extracting(first..<first + 64))
            first += 64
        }
        for i in first..<values.count { add(values[i]) }
    }

    private mutating func addWord(_ values: Span<Double>) {
        var positive: UInt64 = 0
        var negative: UInt64 = 0
        for i in 0..<64 {
            let x = values[i]
            positive |= (x > 0 ? 1 : 0) << UInt64(i)
            negative |= (x < 0 ? 1 : 0) << UInt64(i)
        }
        winning.add(positive, count: 64)
        losing.add(negative, count: 64)
        let zero = SIMD4<Double>.zero
        var (gains, falls) = (zero, zero)
        var (high, low) = (SIMD4(repeating: best), SIMD4(repeating: worst))
        forEachFour(values, padding: 0) { x in
            gains += x.replacing(with: zero, where: x .<= zero)
            falls += x.replacing(with: zero, where: x .>= zero)
            high = high.replacing(with: x, where: x .> high)
            low = low.replacing(with: x, where: x .< low)
        }
        won += gains.sum()
        lost += falls.sum()
        best = high.max()
        worst = low.min()
    }

    /// Sum won over sum lost; infinite without a loss, nil with neither.
    var profitFactor: Double? {
        losses > 0 ? won / -lost : (wins > 0 ? .infinity : nil)
    }

    var averageWin: Double? { wins > 0 ? won / Double(wins) : nil }
    var averageLoss: Double? { losses > 0 ? lost / Double(losses) : nil }
    /// Average win over average loss, both as positive numbers.
    var payoffRatio: Double? { quotient(averageWin, averageLoss.map { -$0 }) }
}

/// How often something happened, and how often in a row.
struct Streak: Sendable {
    private(set) var total = 0
    private(set) var longest = 0
    private var current = 0

    /// The next `count` (1...64) answers, the first in the lowest bit; bits above are zero.
    mutating func add(_ bits: UInt64, count: Int) {
        total += bits.nonzeroBitCount
        let leading = min((~bits).trailingZeroBitCount, count)
        longest = max(longest, current + leading)
        var rest = bits
        var run = 0
        while rest != 0 {
            rest &= rest << 1
            run += 1
        }
        longest = max(longest, run)
        let trailing = (~(bits << UInt64(64 - count))).leadingZeroBitCount
        current = leading == count ? current + count : trailing
    }
}
