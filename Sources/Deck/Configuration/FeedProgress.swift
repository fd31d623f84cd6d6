/// How far a feed is read, or made.
package struct FeedProgress: Hashable, Sendable {
    package enum Unit: String, Hashable, Sendable { case bytes, sessions }

    package var done: Int
    package var total: Int
    package var unit: Unit
}
