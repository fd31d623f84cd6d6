import Market

/// Correlations of slots' returns over a rolling window.
struct ReturnCorrelation {
    private let settings: OverallLimits.Correlation
    private var last: [Int64]
    private var boundary: Int64
    /// Returns of all slots, the oldest first; at most a window of them.
    private var rows: [[Double]] = []
    private var lastAverage: Double?
    private var largest: (average: Double, time: Timestamp)?

    init(_ settings: OverallLimits.Correlation, _ equity: [Int64], first: Int64) {
        self.settings = settings
        last = equity
        boundary = first - first % settings.every + settings.every
    }

    mutating func take(_ equity: [Int64], at time: Timestamp) {
        guard time.rawValue >= boundary else { return }
        boundary = time.rawValue - time.rawValue % settings.every + settings.every
        rows.append(zip(equity, last).map { $1 > 0 ? Double($0) / Double($1) - 1 : 0 })
        last = equity
        if rows.count > settings.window { rows.removeFirst() }
        guard rows.count == settings.window, let average = average() else { return }
        lastAverage = average
        if largest.map({ average > $0.average }) ?? true { largest = (average, time) }
    }

    /// By slot: its returns less their mean, over their deviation; nil for one that does not move.
    private func standardised() -> [[Double]?] {
        last.indices.map { slot in
            let column = rows.map { $0[slot] }
            let mean = column.reduce(0, +) / Double(column.count)
            let deviation = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
            return deviation > 0 ? column.map { ($0 - mean) / deviation } : nil
        }
    }

    /// Of all pairs that move: the sum of standardised returns says it without looking at every
    /// pair.
    private func average() -> Double? {
        let moving = standardised().compactMap { $0 }
        guard moving.count > 1 else { return nil }
        let sums = rows.indices.map { row in moving.reduce(0) { $0 + $1[row] } }
        let total = sums.reduce(0) { $0 + $1 * $1 }
        let count = Double(moving.count)
        return (total - count) / (count * (count - 1))
    }

    /// A matrix of more would not be read.
    private static let mostNames = 24

    func answer(_ names: [String]) -> OverallResult.Correlation? {
        guard rows.count == settings.window, let lastAverage, let largest else { return nil }
        let columns = standardised().prefix(Self.mostNames)
        let matrix = columns.map { one in
            columns.map { other -> Double? in
                guard let one, let other else { return nil }
                return zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
            }
        }
        return OverallResult.Correlation(
            window: settings.window, every: SpanOfReturns.text(settings.every),
            average: lastAverage,
            largestAverage: largest.average, largestAt: Moment(largest.time),
            names: Array(names.prefix(Self.mostNames)), matrix: matrix)
    }
}

/// How long one return is, as a configuration says it.
enum SpanOfReturns {
    static func text(_ nanoseconds: Int64) -> String {
        TimeFrame(rawValue: UInt32(clamping: nanoseconds / 1_000_000_000)).description
    }
}
