package import Market

/// A bug or a bound that stops one portfolio: nothing is done with it any more, everybody else goes
/// on.
package enum Fault: Error, Hashable, Sendable {
    /// A product or a sum left the 64-bit range of its unit.
    case overflow
    /// Money of another currency moved before its rate to the base currency was known.
    case missingRate
    /// The books do not close: what is missing on the side of the cash and the positions.
    case booksDoNotClose(difference: Money)
}
