/// A price, exact: a count of `10^priceExponent` of its instrument.
package struct Price: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package var rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable package init(_ units: Int64) { self.rawValue = units }
    @inlinable package static func < (a: Price, b: Price) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var zero: Price { Price(0) }
}

/// A quantity, exact and signed: a count of `10^quantityExponent` of its instrument.
package struct Quantity: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package var rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable package init(_ units: Int64) { self.rawValue = units }
    @inlinable package static func < (a: Quantity, b: Quantity) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var zero: Quantity { Quantity(0) }
    @inlinable package static prefix func - (a: Quantity) -> Quantity { Quantity(-a.rawValue) }
    @inlinable package var magnitude: Quantity { rawValue < 0 ? Quantity(-rawValue) : self }
    @inlinable package var isZero: Bool { rawValue == 0 }
}

/// An amount of money, exact: a count of `10^-exponent` of its currency (6 for ordinary ones, 8 for coins).
package struct Money: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package var rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable package init(_ units: Int64) { self.rawValue = units }
    @inlinable package static func < (a: Money, b: Money) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var zero: Money { Money(0) }
}

/// A proportion, exact: a count of one billionth (1 basis point = 100_000).
package struct Rate: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package var rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable package init(perBillion: Int64) { self.rawValue = perBillion }
    @inlinable package static func < (a: Rate, b: Rate) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var zero: Rate { Rate(perBillion: 0) }
    @inlinable package static var one: Rate { Rate(perBillion: 1_000_000_000) }
    @inlinable package static func basisPoints(_ n: Int64) -> Rate { Rate(perBillion: n * 100_000) }
}

/// An instant: UTC nanoseconds since 1970.
package struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package var rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable package init(nanoseconds: Int64) { self.rawValue = nanoseconds }
    @inlinable package init(seconds: Int64) { self.rawValue = seconds * 1_000_000_000 }
    @inlinable package static func < (a: Timestamp, b: Timestamp) -> Bool { a.rawValue < b.rawValue }
    @inlinable package static var distantPast: Timestamp { Timestamp(nanoseconds: .min) }
    @inlinable package static var distantFuture: Timestamp { Timestamp(nanoseconds: .max) }
}
