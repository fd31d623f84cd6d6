package import Kernel
package import Market
package import StrategyHost

/// One thing that a strategy asked for or said, or that its portfolio did by that: what two plays
/// of the same past must have in common.
package struct Decision: Hashable, Sendable {
    package enum Act: Hashable, Sendable {
        case order(OrderRecord)
        case fill(FillRecord)
        case ledger(LedgerRecord)
        case breach(BreachRecord)
        case signal(SignalRecord)
        /// A plotted value, by its bits: not a number equals itself.
        case plot(name: String, bits: UInt64)
        case fault(String)
    }

    /// Of the event at which it was taken.
    package var sequence: UInt64
    package var time: Timestamp
    package var act: Act

    /// The order of decisions of one event, where records do not tell it.
    var rank: Int {
        switch act {
        case .order: 0
        case .fill: 1
        case .ledger: 2
        case .breach: 3
        case .signal: 4
        case .plot: 5
        case .fault: 6
        }
    }

    /// What kind it is, in one word.
    package var kind: String {
        switch act {
        case .order: "order"
        case .fill: "fill"
        case .ledger: "ledger"
        case .breach: "limit"
        case .signal: "signal"
        case .plot: "plot"
        case .fault: "fault"
        }
    }
}

/// All that one slot decided in a run, in the order of the events.
package struct DecisionLog: Hashable, Sendable {
    package var name: String
    package var decisions: [Decision]

    package init(name: String, decisions: [Decision]) {
        self.name = name
        // Stable, so that what one kind of record tells in order stays in order.
        let places = decisions.indices.sorted { i, j in
            let (a, b) = (decisions[i], decisions[j])
            return (a.sequence, a.rank, i) < (b.sequence, b.rank, j)
        }
        self.name = name
        self.decisions = places.map { decisions[$0] }
    }

    /// Where two logs part: the first decisions that differ, among those that `counts`.
    package func divergence(
        from other: DecisionLog, _ counts: (Decision) -> Bool = { _ in true }
    ) -> Divergence? {
        let (mine, theirs) = (decisions.filter(counts), other.decisions.filter(counts))
        var place = 0
        while place < min(mine.count, theirs.count), mine[place] == theirs[place] { place += 1 }
        guard place < max(mine.count, theirs.count) else { return nil }
        return Divergence(
            strategy: name, place: place, first: place < mine.count ? mine[place] : nil,
            second: place < theirs.count ? theirs[place] : nil)
    }
}

/// Where two plays part. One of the two sides may have no more decisions.
package struct Divergence: Hashable, Sendable {
    package var strategy: String
    /// Decisions before it that are equal.
    package var place: Int
    package var first: Decision?
    package var second: Decision?

    /// The earlier side of it.
    package var earliest: Decision? {
        guard let first, let second else { return first ?? second }
        return (second.sequence, second.rank) < (first.sequence, first.rank) ? second : first
    }
}
