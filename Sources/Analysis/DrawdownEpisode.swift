/// One fall of the equity below its high and, if it came, the way back.
///
/// Indices count periods: 0 is the start capital, i the equity after the i-th return.
package struct DrawdownEpisode: Hashable, Sendable, Codable {
    /// The last time the equity stood at its high.
    package var peakIndex: Int
    /// The first time it stood at its lowest.
    package var troughIndex: Int
    /// The first time it was back at the high; nil while it is not.
    package var recoveryIndex: Int?
    /// Equity at the trough over equity at the peak, less one: -0.25 is a loss of a quarter.
    package var depth: Double

    package init(peakIndex: Int, troughIndex: Int, recoveryIndex: Int?, depth: Double) {
        self.peakIndex = peakIndex
        self.troughIndex = troughIndex
        self.recoveryIndex = recoveryIndex
        self.depth = depth
    }

    package var periodsToTrough: Int { troughIndex - peakIndex }
    package var periodsToRecovery: Int? { recoveryIndex.map { $0 - peakIndex } }

    private enum CodingKeys: String, CodingKey {
        case peakIndex = "peak_index"
        case troughIndex = "trough_index"
        case recoveryIndex = "recovery_index"
        case depth
    }
}
