/// Everything of the main table that one pass over the returns can know. Constant memory; no value
/// is kept, so quantiles are not here (see `ReturnTails`).
///
/// Feed it returns or equity marks, not both. A return that is not finite makes every figure
/// undefined.
package struct ReturnAccumulator: Sendable {
    package let conventions: MetricConventions
    /// The capital before the first period; 1 when returns are fed.
    let start: Double
    private(set) var level: Double
    /// Sum of all levels, the start included.
    private(set) var levels: Double
    private(set) var sum = CompensatedSum()
    private(set) var moments = Moments()
    private(set) var drawdowns: DrawdownTracker
    private(set) var sides = WinsAndLosses()
    private(set) var downside: Downside

    private static let block = 512

    package init(_ conventions: MetricConventions, start: Double = 1) {
        self.conventions = conventions
        self.start = start
        level = start
        levels = start
        drawdowns = DrawdownTracker(start: start)
        downside = Downside(riskFree: conventions.riskFreePerPeriod)
    }

    package var periods: Int { drawdowns.index }

    /// The return of the next period, as a fraction of the equity before it.
    package mutating func add(return r: Double) {
        level *= 1 + r
        follow(r)
    }

    /// The equity at the end of the next period.
    package mutating func add(equity: Double) {
        let r = ReturnAccumulator.growth(from: level, to: equity)
        level = equity
        follow(r)
    }

    private mutating func follow(_ r: Double) {
        levels += level
        drawdowns.add(level)
        sum.add(r)
        moments.add(r)
        sides.add(r)
        downside.add(r)
    }

    /// After a ruin (equity zero or less) there is nothing left that could earn: returns are zero.
    static func growth(from before: Double, to after: Double) -> Double {
        before > 0 ? after / before - 1 : 0
    }

    /// The same as `add(return:)` for each in turn, to rounding, but faster: each part of the state
    /// passes over a block while that is in the nearest cache and its own sums are in registers.
    package mutating func add(returns: Span<Double>) {
        forEachBlock(of: returns.count) { accumulator, range in
            let block = returns.extracting(range)
            let walk = accumulator.drawdowns.add(returns: block, from: accumulator.level)
            accumulator.level = walk.last
            accumulator.levels += walk.sum
            accumulator.summarise(block)
        }
    }

    /// The same for equity marks; `returns[i]` must be the growth to `equity[i]`.
    mutating func add(equity: Span<Double>, returns: Span<Double>) {
        forEachBlock(of: equity.count) { accumulator, range in
            for i in range {
                accumulator.drawdowns.add(equity[i])
                accumulator.levels += equity[i]
            }
            accumulator.level = equity[range.upperBound - 1]
            accumulator.summarise(returns.extracting(range))
        }
    }

    private mutating func forEachBlock(
        of count: Int, _ body: (inout ReturnAccumulator, Range<Int>) -> Void
    ) {
        for first in stride(from: 0, to: count, by: Self.block) {
            body(&self, first..<min(first + Self.block, count))
        }
    }

    private mutating func summarise(_ block: Span<Double>) {
        sum.add(contentsOf: block)
        moments.add(contentsOf: block)
        sides.add(contentsOf: block)
        downside.add(contentsOf: block)
    }
}
