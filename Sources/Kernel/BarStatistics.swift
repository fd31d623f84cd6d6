package import Market

/// Rolling true range and returns of the bars that mark each instrument, kept only for the windows
/// that sizing, stops or slippage ask for. Doubles, each computed in one fixed order.
package struct BarStatistics: Hashable, Sendable {
    /// The windows of average true range and of deviation that a portfolio's settings ask for.
    package struct Windows: Hashable, Sendable {
        package private(set) var trueRange: [Int] = []
        package private(set) var deviation: [Int] = []

        package init() {}

        package init(_ settings: PortfolioSettings) {
            switch settings.sizing {
            case .riskPerTrade(_, let stop): add(stop)
            case .volatilityTarget(_, let window): addDeviation(window)
            case .fixedQuantity, .fixedCash, .percentOfEquity, .kelly: break
            }
            if let stop = settings.risk.stopLoss { add(stop) }
            if let target = settings.risk.takeProfit { add(target) }
            if case .volumeImpact(_, let window) = settings.execution.slippage {
                addDeviation(window)
            }
        }

        package mutating func add(_ distance: StopDistance) {
            guard case .averageTrueRange(_, let window) = distance, !trueRange.contains(window)
            else { return }
            trueRange.append(window)
        }

        package mutating func addDeviation(_ window: Int) {
            if !deviation.contains(window) { deviation.append(window) }
        }
    }

    /// Wilder's average of one window: the mean of the first `window` true ranges, then smoothed.
    private struct AverageTrueRange: Hashable {
        let window: Int
        var sum = 0.0
        var value = 0.0
        var count = 0

        mutating func add(_ range: Double) {
            count += 1
            if count > window {
                value = (value * Double(window - 1) + range) / Double(window)
            } else {
                sum += range
                if count == window { value = sum / Double(window) }
            }
        }
    }

    private struct History: Hashable {
        var close = 0.0
        var bars = 0
        var ranges: ContiguousArray<AverageTrueRange>
        /// The newest returns, `capacity` of them, as a ring.
        var returns: ContiguousArray<Double>
    }

    private let windows: Windows
    private var histories: ContiguousArray<History>
    /// Nothing is asked for; `observe` need not be called.
    package let isIdle: Bool

    package init(_ windows: Windows, instruments: Int) {
        self.windows = windows
        isIdle = windows.trueRange.isEmpty && windows.deviation.isEmpty
        let history = History(
            ranges: ContiguousArray(windows.trueRange.map { AverageTrueRange(window: $0) }),
            returns: ContiguousArray(repeating: 0, count: windows.deviation.max() ?? 0))
        histories = ContiguousArray(repeating: history, count: isIdle ? 0 : instruments)
    }

    /// Takes in a closed bar, in price units.
    package mutating func observe(_ instrument: InstrumentID, _ prices: ExactPrices) {
        if isIdle { return }
        let id = Int(instrument)
        let last = histories[id].close
        let bars = histories[id].bars
        let (high, low, close) = (Double(prices.high), Double(prices.low), Double(prices.close))
        if bars > 0 {
            let range = max(high, last) - min(low, last)
            for index in histories[id].ranges.indices { histories[id].ranges[index].add(range) }
            let capacity = histories[id].returns.count
            if capacity > 0 {
                histories[id].returns[(bars - 1) % capacity] = last == 0 ? 0 : close / last - 1
            }
        }
        histories[id].close = close
        histories[id].bars = bars + 1
    }

    /// A split: earlier prices are restated.
    package mutating func split(_ instrument: InstrumentID, numerator: Int64, denominator: Int64) {
        if isIdle { return }
        let factor = Double(denominator) / Double(numerator)
        let id = Int(instrument)
        histories[id].close *= factor
        for index in histories[id].ranges.indices {
            histories[id].ranges[index].sum *= factor
            histories[id].ranges[index].value *= factor
        }
    }

    /// Another symbol takes over: where it has no bars of its own yet, it goes on from those of the
    /// old one.
    mutating func rename(
        _ old: InstrumentID, to new: InstrumentID, numerator: Int64, denominator: Int64
    ) {
        if isIdle || histories[Int(new)].bars > 0 { return }
        histories[Int(new)] = histories[Int(old)]
        split(new, numerator: numerator, denominator: denominator)
    }

    /// In price units; nil before the first `window` + 1 bars.
    package func averageTrueRange(_ instrument: InstrumentID, window: Int) -> Double? {
        guard let index = windows.trueRange.firstIndex(of: window) else { return nil }
        let range = histories[Int(instrument)].ranges[index]
        return range.count >= window ? range.value : nil
    }

    /// Of the last `window` bars' returns, population (divided by `window`); nil while there are
    /// fewer.
    package func deviation(_ instrument: InstrumentID, window: Int) -> Double? {
        guard windows.deviation.contains(window), window > 0 else { return nil }
        let history = histories[Int(instrument)]
        let count = history.bars - 1
        guard count >= window else { return nil }
        var sum = 0.0
        let capacity = history.returns.count
        for index in (count - window)..<count { sum += history.returns[index % capacity] }
        let mean = sum / Double(window)
        var squares = 0.0
        for index in (count - window)..<count {
            let difference = history.returns[index % capacity] - mean
            squares += difference * difference
        }
        return (squares / Double(window)).squareRoot()
    }
}

extension BarStatistics {
    mutating func visit(_ archive: inout StateArchive) {
        for place in histories.indices {
            archive.visit(&histories[place].close)
            archive.visit(&histories[place].bars)
            archive.visit(&histories[place].ranges)
            archive.visit(&histories[place].returns)
        }
    }
}
