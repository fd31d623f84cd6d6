/// How fast a tape is played.
package enum ReplaySpeed: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Without waiting.
    case maximum
    /// So many seconds of the tape in one of the clock; 1 is live.
    case times(Double)

    /// Reads `max`, `live`, `60x`, `0.5x`.
    package init?(_ text: some StringProtocol) {
        switch text {
        case "max": self = .maximum
        case "live": self = .times(1)
        default:
            guard text.hasSuffix("x"), let times = Double(text.dropLast()), times > 0, times <= 1e9 else {
                return nil
            }
            self = .times(times)
        }
    }

    package var description: String {
        switch self {
        case .maximum: "max"
        case .times(1): "live"
        case .times(let times): times == times.rounded() ? "\(Int(times))x" : "\(times)x"
        }
    }
}
