/// Follows an equity curve and remembers its deepest falls. Constant memory.
struct DrawdownTracker: Sendable {
    /// How many falls are kept.
    static let kept = 5

    private(set) var index = 0
    /// Deepest first; of equals the earlier first. The fall still open is not among them.
    private var closed: [DrawdownEpisode] = []
    private var peak: Double
    private var peakIndex = 0
    private var depth = 0.0
    private var troughIndex = 0
    private var longestClosed = 0
    private var closedCount = 0
    private var closedDepths = 0.0
    private var closedPeriods = 0
    /// Sum of the squared drawdowns of all periods after the start.
    private(set) var squares = 0.0

    init(start: Double) { peak = start }

    private var isUnderwater: Bool { peakIndex < index }

    @inline(__always) mutating func add(_ equity: Double) {
        index += 1
        if equity >= peak {
            reach(equity)
        } else {
            let drawdown = equity / peak - 1
            squares += drawdown * drawdown
            if drawdown < depth { deepen(to: drawdown, at: index) }
        }
    }

    /// Compounds the returns from `equity`, and gives where that leads and the sum of all levels
    /// passed.
    mutating func add(returns: Span<Double>, from equity: Double) -> (last: Double, sum: Double) {
        var level = equity
        var sum = 0.0
        var squared = 0.0
        let before = index
        for i in returns.indices {
            level *= 1 + returns[i]
            sum += level
            if level >= peak {
                index = before + i + 1
                reach(level)
            } else {
                let drawdown = level / peak - 1
                squared += drawdown * drawdown
                if drawdown < depth { deepen(to: drawdown, at: before + i + 1) }
            }
        }
        squares += squared
        index = before + returns.count
        return (level, sum)
    }

    @inline(__always) private mutating func deepen(to drawdown: Double, at index: Int) {
        depth = drawdown
        troughIndex = index
    }

    @inline(__always) private mutating func reach(_ high: Double) {
        if peakIndex < index - 1 { close() }
        peak = high
        peakIndex = index
    }

    @inline(never) private mutating func close() {
        let length = index - 1 - peakIndex
        longestClosed = max(longestClosed, length)
        closedPeriods += length
        closedCount += 1
        closedDepths += depth
        if closed.count < Self.kept || depth < closed[closed.count - 1].depth {
            let fall = DrawdownEpisode(
                peakIndex: peakIndex, troughIndex: troughIndex, recoveryIndex: index, depth: depth)
            DrawdownTracker.insert(fall, into: &closed)
        }
        depth = 0
    }

    private static func insert(_ fall: DrawdownEpisode, into list: inout [DrawdownEpisode]) {
        let place = list.firstIndex { fall.depth < $0.depth } ?? list.count
        list.insert(fall, at: place)
        if list.count > kept { list.removeLast() }
    }

    /// The deepest falls, deepest first, with the one that has not recovered.
    var worst: [DrawdownEpisode] {
        guard isUnderwater else { return closed }
        var list = closed
        let open = DrawdownEpisode(
            peakIndex: peakIndex, troughIndex: troughIndex, recoveryIndex: nil, depth: depth)
        DrawdownTracker.insert(open, into: &list)
        return list
    }

    /// The most periods in a row below the high.
    var longestUnderwater: Int {
        isUnderwater ? max(longestClosed, index - peakIndex) : longestClosed
    }

    /// Periods that ended below the high so far.
    var underwaterPeriods: Int { closedPeriods + index - peakIndex }

    var count: Int { closedCount + (isUnderwater ? 1 : 0) }

    /// The mean depth of all falls; nil when there was none.
    var meanDepth: Double? {
        quotient(closedDepths + (isUnderwater ? depth : 0), Double(count))
    }
}
