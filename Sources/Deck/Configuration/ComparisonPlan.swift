import Market
import StrategyHost

/// Two slots that are measured against each other over one tape.
package struct ComparisonPlan: Hashable, Sendable {
    /// Names of slots.
    package var champion: String
    package var challenger: String
    /// Of the interval: 0.95.
    package var confidence = 0.95

    package init(champion: String, challenger: String) {
        self.champion = champion
        self.challenger = challenger
    }
}

/// The keys of an entry of `compare`.
package enum ComparisonKey: String, CaseIterable {
    case champion, challenger, confidence
}

extension ComparisonPlan {
    /// One for each challenger of an entry.
    /// - Parameter names: of all strategies that can be compared, whatever else is wrong with them.
    static func plans(_ reader: ConfigurationReader, names: [String]) -> [ComparisonPlan] {
        guard
            let section = ConfigurationSection(
                reader.renamed("the comparison"), ComparisonKey.self),
            let one = section.required(.champion), let others = section.required(.challenger),
            let champion = name(one, names)
        else { return [] }
        var confidence = 0.95
        section.read(.confidence, into: &confidence) { reader in
            guard let rate = reader.rate() else { return nil }
            let share = Double(rate.rawValue) / 1e9
            guard (0.5...0.999).contains(share) else {
                reader.report("confidence takes a share from 50% to 99.9%")
                return nil
            }
            return share
        }
        return others.list().compactMap { item in
            guard let challenger = name(item, names) else { return nil }
            guard challenger != champion else {
                item.report("\(challenger) cannot challenge itself")
                return nil
            }
            var plan = ComparisonPlan(champion: champion, challenger: challenger)
            plan.confidence = confidence
            return plan
        }
    }

    private static func name(_ reader: ConfigurationReader, _ names: [String]) -> String? {
        guard let name = reader.string(expected: "the name of a strategy") else { return nil }
        if names.contains(name) { return name }
        reader.reportUnknownStrategy(name, among: names)
        return nil
    }
}

extension ConfigurationReader {
    func reportUnknownStrategy(_ name: String, among names: [String]) {
        let hint = Suggestion.clause(for: name, among: names)
        let rest = hint.isEmpty ? "; there are \(names.joined(separator: ", "))" : hint
        report("there is no strategy \"\(name)\"\(rest)")
    }
}
