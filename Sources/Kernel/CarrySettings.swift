package import Market

/// What holding one instrument costs.
package struct CarrySettings: Hashable, Sendable, Codable {
    /// Of the worth of a short position, a year.
    package var borrow: Rate = .zero
    /// Of the notional, at every multiple of `fundingInterval`: longs pay it to shorts, or get it
    /// where it is negative.
    package var funding: Rate = .zero
    /// Nanoseconds; zero for none but what the tape tells.
    package var fundingInterval: Int64 = 0

    package init() {}
}

/// Interest on cash, a year.
package struct InterestSettings: Hashable, Sendable, Codable {
    /// On what is owed.
    package var debit: Rate = .zero
    /// On what is there, less what short sales brought.
    package var credit: Rate = .zero

    package init() {}
}
