import Market
import StrategyHost

/// A change that the command line makes to a configuration: `feed.path=data/spy.csv`,
/// `strategies.momentum_v1.params.fast=12`, `strategies.*.cash=50000 USD`.
package struct ConfigurationOverride: Hashable, Sendable {
    /// As given.
    package let text: String
    private let steps: [String]
    private let value: YAMLNode

    /// Items of a list are chosen by their `name` or `symbol`, by number from 0, or all by `*`.
    package init?(_ text: String, problems: ProblemList) {
        self.text = text
        let place = SourcePosition(line: 1, column: 1, override: text)
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            problems.report("an override is written KEY.KEY=VALUE", at: place)
            return nil
        }
        steps = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(
            String.init)
        guard !steps.contains("") else {
            problems.report("there is an empty name in \"\(text[..<equals])\"", at: place)
            return nil
        }
        let written = String(text[text.index(after: equals)...])
        guard !written.isEmpty, !written.contains(where: \.isNewline),
            let node = YAMLComposer.compose(written, override: text, problems: problems)
        else {
            if written.isEmpty { problems.report("there is no value behind the =", at: place) }
            return nil
        }
        value = node
    }

    package func apply(to root: inout YAMLNode, problems: ProblemList) {
        set(steps[...], in: &root, problems)
    }

    private var place: SourcePosition { value.position }

    private func set(_ steps: ArraySlice<String>, in node: inout YAMLNode, _ problems: ProblemList)
    {
        guard let step = steps.first else {
            node = value
            return
        }
        let rest = steps.dropFirst()
        switch node.content {
        case .mapping(var entries):
            if let index = entries.firstIndex(where: { $0.key == step }) {
                set(rest, in: &entries[index].value, problems)
            } else {
                var made = YAMLNode(.mapping([]), at: place)
                set(rest, in: &made, problems)
                entries.append(.init(key: step, keyPosition: place, value: made))
            }
            node = YAMLNode(.mapping(entries), at: node.position)
        case .sequence(var items):
            let chosen = choose(step, items)
            if chosen.isEmpty {
                let hint = Suggestion.clause(for: step, among: items.compactMap(Self.name))
                problems.report("nothing in the list is called \"\(step)\"\(hint)", at: place)
            }
            for index in chosen { set(rest, in: &items[index], problems) }
            node = YAMLNode(.sequence(items), at: node.position)
        case .scalar:
            // A short form gives way to its long form: `max_drawdown: 10%` to
            // `max_drawdown.action=disable` would lose the 10%, so it is refused; an empty value
            // has nothing to lose.
            guard node.isNull else {
                problems.report("\"\(step)\" cannot be set inside a single value", at: place)
                return
            }
            node = YAMLNode(.mapping([]), at: place)
            set(steps, in: &node, problems)
        }
    }

    private func choose(_ step: String, _ items: [YAMLNode]) -> [Int] {
        if step == "*" { return Array(items.indices) }
        let named = items.indices.filter { Self.name(items[$0]) == step }
        if named.isEmpty, let index = Int(step), items.indices.contains(index) { return [index] }
        return named
    }

    private static func name(_ node: YAMLNode) -> String? {
        if case .scalar(let scalar) = node.content { return scalar.text }
        for key in ["name", "symbol", "id"] {
            if case .scalar(let scalar)? = node[key]?.content { return scalar.text }
        }
        return nil
    }
}
