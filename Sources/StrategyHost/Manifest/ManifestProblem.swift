import Market

/// One thing that is wrong in a manifest: where, and what.
package struct ManifestProblem: Hashable, Sendable, CustomStringConvertible {
    /// `parameters[2].min`; empty for the whole.
    package var path: String
    package var position: TextPosition
    package var message: String

    package var description: String {
        (path.isEmpty ? "" : path + " ")
            + "(line \(position.line), column \(position.column)): \(message)"
    }
}

/// All that is wrong in a manifest, in the order of its text.
package struct ManifestProblems: Error, Hashable, Sendable, CustomStringConvertible {
    package var problems: [ManifestProblem]
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Takes one JSON object apart, and notes what is missing, mistyped or unknown.
struct JSONObjectReader {
    let path: String
    let position: TextPosition
    let members: [JSON.Member]
    /// Every key that the caller asked for, which makes the others unknown.
    private var known: [String] = []
    private(set) var problems: [ManifestProblem] = []

    /// Nil, with a problem noted, when it is not an object.
    init?(_ json: JSON, path: String, problems: inout [ManifestProblem]) {
        guard case .object(let members) = json.value else {
            problems.append(
                ManifestProblem(
                    path: path, position: json.position,
                    message: "must be an object, not \(json.kind)"))
            return nil
        }
        self.path = path
        self.members = members
        position = json.position
    }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    mutating func note(_ key: String, at position: TextPosition? = nil, _ message: String) {
        problems.append(
            ManifestProblem(
                path: path(of: key), position: position ?? value(key)?.position ?? self.position,
                message: message))
    }

    mutating func adopt(_ others: [ManifestProblem]) { problems += others }

    private func value(_ key: String) -> JSON? { members.first { $0.key == key }?.value }

    /// The member's value; a missing one that is required is noted.
    mutating func member(_ key: String, required: Bool = false) -> JSON? {
        known.append(key)
        guard let value = value(key) else {
            if required { note(key, "is missing") }
            return nil
        }
        return value
    }

    private mutating func take<T>(
        _ key: String, required: Bool, _ expected: String, _ convert: (JSON.Value) -> T?
    ) -> T? {
        guard let json = member(key, required: required) else { return nil }
        if let value = convert(json.value) { return value }
        note(key, "must be \(expected), not \(json.kind)")
        return nil
    }

    mutating func string(_ key: String, required: Bool = false, longest: Int = 256) -> String? {
        let text: String? = take(key, required: required, "a string") {
            if case .string(let text) = $0 { text } else { nil }
        }
        guard let text else { return nil }
        if required, text.isEmpty { note(key, "is empty") }
        if text.utf8.count > longest { note(key, "is longer than \(longest) bytes") }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            note(key, "holds a control character")
        }
        return text
    }

    mutating func bool(_ key: String) -> Bool? {
        take(key, required: false, "true or false") {
            if case .bool(let value) = $0 { value } else { nil }
        }
    }

    mutating func integer(
        _ key: String, required: Bool = false, _ range: ClosedRange<Int64>
    ) -> Int64? {
        let number: Int64? = take(key, required: required, "a whole number") {
            if case .integer(let value) = $0 { value } else { nil }
        }
        guard let number else { return nil }
        if range.contains(number) { return number }
        let bounds =
            range.upperBound == .max
            ? "at least \(range.lowerBound)" : "between \(range.lowerBound) and \(range.upperBound)"
        note(key, "must be \(bounds), not \(number)")
        return nil
    }

    /// A length of time as text, in nanoseconds.
    mutating func span(_ key: String) -> Int64? {
        guard let text = string(key) else { return nil }
        if let span = SpanOfTime.nanoseconds(text), span > 0 { return span }
        note(key, "\"\(text)\" is not a length of time such as 50us, 5m or 1h30m")
        return nil
    }

    mutating func array(_ key: String, required: Bool = false) -> [JSON]? {
        take(key, required: required, "a list") {
            if case .array(let elements) = $0 { elements } else { nil }
        }
    }

    mutating func object(_ key: String, required: Bool = false) -> JSONObjectReader? {
        guard let json = member(key, required: required) else { return nil }
        return JSONObjectReader(json, path: path(of: key), problems: &problems)
    }

    /// Notes the keys that nobody asked for; `x_` begins an author's own.
    mutating func noteUnknownKeys() {
        for member in members where !known.contains(member.key) && !member.key.hasPrefix("x_") {
            note(
                member.key, at: member.position,
                "is not a key of this object\(Suggestion.clause(for: member.key, among: known))")
        }
    }
}
