/// A price, exact: a count of `10^priceExponent` of its instrument.
public struct Price: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    public var rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(_ units: Int64) { self.rawValue = units }
    @inlinable public static func < (a: Price, b: Price) -> Bool { a.rawValue < b.rawValue }
    @inlinable public static var zero: Price { Price(0) }
}

/// A quantity, exact and signed: a count of `10^quantityExponent` of its instrument.
public struct Quantity: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    public var rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(_ units: Int64) { self.rawValue = units }
    @inlinable public static func < (a: Quantity, b: Quantity) -> Bool { a.rawValue < b.rawValue }
    @inlinable public static var zero: Quantity { Quantity(0) }
    @inlinable public static prefix func - (a: Quantity) -> Quantity { Quantity(-a.rawValue) }
    @inlinable public var magnitude: Quantity { rawValue < 0 ? Quantity(-rawValue) : self }
    @inlinable public var isZero: Bool { rawValue == 0 }
}

/// An amount of money, exact: a count of `10^-exponent` of its currency (6 for ordinary ones, 8 for
/// coins).
public struct Money: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    public var rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(_ units: Int64) { self.rawValue = units }
    @inlinable public static func < (a: Money, b: Money) -> Bool { a.rawValue < b.rawValue }
    @inlinable public static var zero: Money { Money(0) }
}

/// A proportion, exact: a count of one billionth (1 basis point = 100_000).
public struct Rate: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    public var rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(perBillion: Int64) { self.rawValue = perBillion }
    @inlinable public static func < (a: Rate, b: Rate) -> Bool { a.rawValue < b.rawValue }
    @inlinable public static var zero: Rate { Rate(perBillion: 0) }
    @inlinable public static var one: Rate { Rate(perBillion: 1_000_000_000) }
    @inlinable public static func basisPoints(_ n: Int64) -> Rate { Rate(perBillion: n * 100_000) }
}

/// An instant: UTC nanoseconds since 1970.
public struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    public var rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(nanoseconds: Int64) { self.rawValue = nanoseconds }
    @inlinable public init(seconds: Int64) { self.rawValue = seconds * 1_000_000_000 }
    @inlinable public static func < (a: Timestamp, b: Timestamp) -> Bool { a.rawValue < b.rawValue }
    @inlinable public static var distantPast: Timestamp { Timestamp(nanoseconds: .min) }
    @inlinable public static var distantFuture: Timestamp { Timestamp(nanoseconds: .max) }
}
