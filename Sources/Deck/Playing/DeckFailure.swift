/// Why a run could not begin, or could not go on.
package struct DeckFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
