import Market

/// Equity and prices at the last sessions' ends, for the rules about sustained performance.
struct SessionHistory: Hashable, Sendable {
    private let sharpe: RiskSettings.PerformanceFloor?
    private let profit: RiskSettings.PerformanceFloor?
    private let lag: RiskSettings.PerformanceFloor?
    private let sessionsPerYear: Double
    /// The newest values, oldest first; as many as the longest window needs.
    private var equity: ContiguousArray<Double> = []
    /// By session, the marks of all instruments; empty without a benchmark rule.
    private var marks: ContiguousArray<Double> = []
    private let count: Int
    private let capacity: Int
    /// What the last session's end broke.
    var broken: ContiguousArray<RiskBreach> = []

    init(_ settings: PortfolioSettings, _ instruments: [Instrument]) {
        sharpe = settings.risk.minSharpe
        profit = settings.risk.minReturn
        lag = settings.risk.maxLag
        count = instruments.count
        capacity = [sharpe, profit, lag].reduce(0) { max($0, ($1?.window ?? -1) + 1) }
        let calendar = instruments.first.flatMap { try? TradingCalendar.named($0.calendar) }
        sessionsPerYear = sharpe == nil ? 0 : calendar?.sessionsPerYear ?? 0
    }

    var isIdle: Bool { capacity == 0 }

    /// Remembers a session's end.
    mutating func append(_ books: borrowing Books) {
        if equity.count == capacity {
            equity.removeFirst()
            if lag != nil { marks.removeFirst(count) }
        }
        equity.append(Double(books.equity.rawValue))
        guard lag != nil else { return }
        for id in 0..<count { marks.append(Double(books.mark(of: InstrumentID(id)).rawValue)) }
    }

    mutating func split(_ id: Int, numerator: Int64, denominator: Int64) {
        guard count > 0 else { return }
        var index = id
        while index < marks.count {
            marks[index] *= Double(denominator) / Double(numerator)
            index += count
        }
    }

    /// The return over the last `window` sessions; nil while there are fewer.
    private func change(_ window: Int) -> Double? {
        guard equity.count > window, let last = equity.last else { return nil }
        let first = equity[equity.count - 1 - window]
        return first > 0 ? last / first - 1 : nil
    }

    /// Mean over deviation (divided by n - 1) of the sessions' returns, made annual; nil where it
    /// is not defined.
    private func sharpeRatio(_ window: Int) -> Double? {
        guard equity.count > window, window > 1 else { return nil }
        let start = equity.count - 1 - window
        var returns: [Double] = []
        for index in start..<(equity.count - 1) {
            guard equity[index] > 0 else { return nil }
            returns.append(equity[index + 1] / equity[index] - 1)
        }
        let mean = returns.reduce(0, +) / Double(window)
        let squares = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (squares / Double(window - 1)).squareRoot()
        return deviation > 0 ? mean / deviation * sessionsPerYear.squareRoot() : nil
    }

    /// How far equity stayed behind holding all instruments in equal parts.
    private func lagBehind(_ window: Int) -> Double? {
        guard let own = change(window), marks.count == equity.count * count else { return nil }
        let last = equity.count - 1
        var sum = 0.0
        var held = 0
        for id in 0..<count {
            let first = marks[(last - window) * count + id]
            guard first > 0 else { continue }
            sum += marks[last * count + id] / first - 1
            held += 1
        }
        return held == 0 ? nil : sum / Double(held) - own
    }

    /// What is broken now: a floor by less than it, a lag at its limit or beyond.
    func look(_ rules: borrowing RiskRules) -> ContiguousArray<RiskBreach> {
        var found: ContiguousArray<RiskBreach> = []
        if let sharpe, let value = sharpeRatio(sharpe.window), value < sharpe.floor {
            found.append(rules.breach(.minSharpe, .risk, value, over: sharpe.floor))
        }
        if let profit, let value = change(profit.window), value < profit.floor {
            found.append(rules.breach(.minReturn, .risk, value, over: profit.floor))
        }
        if let lag, let value = lagBehind(lag.window), value >= lag.floor {
            found.append(rules.breach(.maxLag, .risk, value, over: lag.floor))
        }
        return found
    }
}

extension RiskRules {
    /// A session, or a UTC day, has ended: the limits on sustained performance that it broke.
    package mutating func endSession(_ books: borrowing Books) -> ContiguousArray<RiskBreach> {
        guard !sessions.isIdle else { return [] }
        sessions.append(books)
        let found = sessions.look(self)
        sessions.broken = found
        return found
    }
}

extension SessionHistory {
    mutating func visit(_ archive: inout StateArchive) {
        archive.visit(&equity)
        archive.visit(&marks)
        archive.visit(&broken)
    }
}
