/// What one round trip, from flat to flat, came to.
///
/// Money is in the account's currency. Indices count the bars of the equity curve.
package struct TradeOutcome: Hashable, Sendable {
    package enum Side: String, Hashable, Sendable, Codable {
        case long, short
    }

    package var side: Side
    /// After costs.
    package var net: Double
    /// Before costs.
    package var gross: Double
    package var costs: Double
    package var entryIndex: Int
    package var exitIndex: Int
    /// Bars held.
    package var bars: Int
    /// Why it ended, in the words that are to be printed.
    package var exitReason: String
    /// The worst and the best it ever stood at while open, unrealised: at most and at least zero.
    package var worstExcursion: Double
    package var bestExcursion: Double

    package init(
        side: Side, net: Double, gross: Double, costs: Double, entryIndex: Int, exitIndex: Int,
        bars: Int, exitReason: String, worstExcursion: Double, bestExcursion: Double
    ) {
        self.side = side
        self.net = net
        self.gross = gross
        self.costs = costs
        self.entryIndex = entryIndex
        self.exitIndex = exitIndex
        self.bars = bars
        self.exitReason = exitReason
        self.worstExcursion = worstExcursion
        self.bestExcursion = bestExcursion
    }
}
