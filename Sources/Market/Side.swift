/// Which way an order goes.
package enum Side: Int32, Hashable, Sendable, Codable {
    case sell = -1
    case buy = 1
    @inlinable package var opposite: Side { self == .buy ? .sell : .buy }
}
