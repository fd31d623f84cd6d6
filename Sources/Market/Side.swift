/// Which way an order goes.
public enum Side: Int32, Hashable, Sendable, Codable {
    case sell = -1
    case buy = 1
    @inlinable public var opposite: Side { self == .buy ? .sell : .buy }
}
