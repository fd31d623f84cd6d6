import Market
import StrategyHost

/// One value of a configuration with the way to it: decodes it as what is wanted, or reports at its
/// place what it should have been. Nil answers have been reported; reading goes on, so that one
/// look tells all.
package struct ConfigurationReader {
    package let node: YAMLNode
    /// Its key, as messages name it.
    package let name: String
    package let problems: ProblemList
    let environment: (String) -> String?

    package init(
        _ node: YAMLNode, name: String, problems: ProblemList,
        environment: @escaping (String) -> String?
    ) {
        self.node = node
        self.name = name
        self.problems = problems
        self.environment = environment
    }

    func reader(of node: YAMLNode, named name: String) -> ConfigurationReader {
        ConfigurationReader(node, name: name, problems: problems, environment: environment)
    }

    package func report(_ message: String) { problems.report(message, at: node.position) }

    /// Reports that `expected` was wanted. What the file says is quoted, never what a variable
    /// held.
    package func refuse(expected: String) {
        let found =
            if case .scalar(let scalar) = node.content, !node.isNull {
                "\"\(scalar.text.prefix(80))\""
            } else {
                node.kind
            }
        report("\(name) must be \(expected), not \(found)")
    }

    /// The scalar's text with `${NAME}` replaced from the environment.
    package func text(expected: String = "text") -> String? {
        guard case .scalar(let scalar) = node.content, !node.isNull else {
            refuse(expected: expected)
            return nil
        }
        return expand(scalar.text)
    }

    /// Text that is not empty.
    package func string(expected: String = "text") -> String? {
        guard let text = text(expected: expected) else { return nil }
        if text.isEmpty { refuse(expected: expected) }
        return text.isEmpty ? nil : text
    }

    package func flag() -> Bool? {
        let expected = "true or false"
        guard let text = text(expected: expected) else { return nil }
        switch (text, isPlain) {
        case ("true", true): return true
        case ("false", true): return false
        default:
            refuse(expected: expected)
            return nil
        }
    }

    package func integer(
        in range: ClosedRange<Int> = Int.min...Int.max, expected: String? = nil
    ) -> Int? {
        let expected = expected ?? "a whole number\(Self.bounds(range))"
        guard let text = text(expected: expected) else { return nil }
        guard isPlain, let value = NumberText.integer(text), range.contains(value) else {
            refuse(expected: expected)
            return nil
        }
        return value
    }

    package func number(in range: ClosedRange<Double>? = nil, expected: String? = nil) -> Double? {
        let bounds = range.map { " from \($0.lowerBound) to \($0.upperBound)" } ?? ""
        let expected = expected ?? "a number\(bounds)"
        guard let text = text(expected: expected) else { return nil }
        guard isPlain, let value = NumberText.double(text), range?.contains(value) ?? true else {
            refuse(expected: expected)
            return nil
        }
        return value
    }

    /// One of the words of `Choice`.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type = Choice.self
    ) -> Choice? where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue)
        let expected = "one of \(words.joined(separator: ", "))"
        guard let text = text(expected: expected) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let hint = Suggestion.clause(for: text, among: words)
        if hint.isEmpty {
            refuse(expected: expected)
        } else {
            report("\(name) cannot be \(quoted)\(hint)")
        }
        return nil
    }

    /// The items of a list; a single value is a list of one.
    package func list() -> [ConfigurationReader] {
        switch node.content {
        case .sequence(let items): return items.map { reader(of: $0, named: name) }
        case .scalar where !node.isNull: return [self]
        default:
            refuse(expected: "a list")
            return []
        }
    }

    /// The same where nothing but a list will do.
    package func items() -> [ConfigurationReader] {
        if case .sequence = node.content { return list() }
        refuse(expected: "a list (its lines begin with \"- \")")
        return []
    }

    package var isBlock: Bool { if case .mapping = node.content { true } else { false } }

    package var isPlain: Bool {
        if case .scalar(let scalar) = node.content { scalar.isPlain } else { false }
    }

    var quoted: String {
        if case .scalar(let scalar) = node.content {
            "\"\(scalar.text.prefix(80))\""
        } else {
            node.kind
        }
    }

    private static func bounds(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): ""
        case (let low, .max): " of at least \(low)"
        case (.min, let high): " of at most \(high)"
        case (let low, let high): " from \(low) to \(high)"
        }
    }
}

extension ConfigurationReader {
    /// `$${` stands for `${` itself.
    private func expand(_ text: String) -> String? {
        guard text.contains("${") else { return text }
        var result = ""
        var rest = Substring(text)
        while let dollar = rest.firstRange(of: "${") {
            result += rest[..<dollar.lowerBound]
            if result.last == "$" {
                result.removeLast()
                result += "${"
                rest = rest[dollar.upperBound...]
                continue
            }
            guard let end = rest[dollar.upperBound...].firstIndex(of: "}") else {
                report("\(name) has ${ without its }")
                return nil
            }
            let variable = String(rest[dollar.upperBound..<end])
            guard let value = environment(variable) else {
                report("\(name) needs the environment variable \(variable), which is not set")
                return nil
            }
            result += value
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
