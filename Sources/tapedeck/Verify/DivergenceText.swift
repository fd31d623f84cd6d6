import Deck
import Market

/// Where two plays part, both sides in words.
struct DivergenceText: Encodable {
    struct Side: Encodable {
        var time: Moment
        var event: UInt64
        var decision: String
    }
    var strategy: String
    /// Decisions before it that are equal.
    var equalBefore: Int
    var first: Side?
    var second: Side?

    init(_ divergence: Divergence, _ words: DecisionText) {
        strategy = divergence.strategy
        equalBefore = divergence.place
        func side(_ decision: Decision?) -> Side? {
            decision.map {
                Side(time: Moment($0.time), event: $0.sequence, decision: words.words($0))
            }
        }
        first = side(divergence.first)
        second = side(divergence.second)
    }

    /// - Parameter names: what the two plays are called.
    func lines(_ names: (String, String)) -> [String] {
        let width = max(names.0.count, names.1.count)
        func line(_ name: String, _ side: Side?) -> String {
            let start = name.padded(to: width) + ": "
            guard let side else { return start + "no more decisions" }
            let event = side.event > 0 ? ", event \(side.event)" : ""
            return start + "\(side.time)\(event): \(side.decision)"
        }
        let count = FigureText.count(equalBefore, "decision")
        return ["\(count) the same, then", line(names.0, first), line(names.1, second)]
    }
}
