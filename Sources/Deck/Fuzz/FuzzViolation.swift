/// A rule that does not hold, and where.
package struct FuzzViolation: Error, Hashable, Sendable, CustomStringConvertible {
    /// What must hold for every tape and every strategy.
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        case booksClose = "the books close after every event"
        case cashAddsUp = "cash is what the records say"
        case positionAddsUp = "positions are what the fills say"
        case fillInsideBar = "no fill is outside its bar, or of what its market has shown"
        case fillWithinLimit = "no fill is worse than its limit"
        case orderOnce = "no order is filled twice or after its end"
        case numbers = "numbers of orders and events are gapless and rise"
        case batches = "results do not depend on batches"
        case lanes = "results do not depend on lanes"
        case orderOfTime = "a tape that goes back in time is refused"
        case taken = "a sound tape is taken"
        case explained = "a strategy that is stopped says why"
        case noCrash = "nothing crashes"
    }

    package var rule: Rule
    /// Of the tape; nil where it is about the whole.
    package var event: UInt64?
    package var text: String

    package init(_ rule: Rule, at event: UInt64? = nil, _ text: String) {
        self.rule = rule
        self.event = event
        self.text = text
    }

    package var description: String {
        "not so: \(rule.rawValue)" + (event.map { ", at event \($0)" } ?? "") + ": \(text)"
    }
}

/// Something that is played a tape and must keep every rule.
package protocol FuzzTrial {
    /// For people: `order storm`, or the strategies.
    var name: String { get }
    /// The first rule that the tape breaks. The same tape gives the same answer.
    func violation(_ tape: FuzzTape, seed: UInt64) -> FuzzViolation?
}
