/// What an ensemble did, and where its members stood at the end.
package struct EnsembleResult: Hashable, Sendable, Codable {
    package struct Member: Hashable, Sendable, Codable {
        package var name: String
        /// `signals`, or `position` for one that has given none.
        package var votesBy: String
        /// By symbol of the ensemble: its last word, -1...1; null where it has no vote.
        package var words: [Double?]
        /// Its share of all weights, 0...1; null for rules that do not weigh, and before a whole
        /// window.
        package var weight: Double?
        /// Why it has no vote; null where it has one.
        package var silence: String?

        private enum CodingKeys: String, CodingKey {
            case name, words, weight, silence
            case votesBy = "votes_by"
        }
    }

    package var rule: EnsemblePlan.Rule
    package var atLeast: Int?
    package var members: [Member]
    /// By symbol: what they came to together.
    package var combined: [Double]
    /// By symbol, of the rule regime: 1, 0 or -1, null while it is unknown.
    package var regimes: [Int?]?
    /// By symbol, of the rule regime: who was best in that regime; null while it is unknown, and
    /// where none gained.
    package var best: [String?]?
    /// Times that words were combined; of them those with members on both sides, and those that
    /// changed the position.
    package var decisions: Int
    package var divided: Int
    package var changes: Int
    /// In the window at the end; null for rules that do not measure.
    package var periods: Int?

    private enum CodingKeys: String, CodingKey {
        case rule, members, combined, regimes, best, decisions, divided, changes, periods
        case atLeast = "at_least"
    }
}

extension EnsembleRunner {
    /// After the last event.
    var result: EnsembleResult {
        let weights = plan.members.indices.map(council.track.measuredWeight)
        let total = weights.reduce(0) { $0 + ($1 ?? 0) }
        let members = plan.members.enumerated().map { member, name in
            EnsembleResult.Member(
                name: name, votesBy: council.speaks(member) ? "signals" : "position",
                words: instruments.indices.map { council.word(of: member, $0) },
                weight: total > 0 ? weights[member].map { $0 / total } : nil,
                silence: council.silence[member].words)
        }
        return EnsembleResult(
            rule: plan.rule, atLeast: plan.atLeast, members: members,
            combined: instruments.indices.map { council.combined($0) },
            regimes: plan.regime == nil ? nil : instruments.indices.map { council.label($0) },
            best: plan.regime == nil
                ? nil
                : instruments.indices.map { place in
                    council.bestMember(place).map { plan.members[$0] }
                },
            decisions: tally.decisions, divided: tally.divided, changes: tally.changes,
            periods: plan.rule.isMeasured ? council.track.periods : nil)
    }
}

extension SignalTap.Silence {
    /// Nil for none.
    var words: String? {
        if contains(.absent) { return "it has left the deck" }
        if contains(.faulted) { return "it has failed" }
        return contains(.paused) ? "an operator has paused it" : nil
    }
}
