import Market

/// Reads a number of bars: `20`, `"slow"`, `{"max_of": ["fast", "slow"], "times": 2, "plus": 1}`,
/// `{"choice": "signal", "bars": {"cross": "slow", "state": 30}}`.
struct BarCountReader {
    let parameters: [ParameterDeclaration]

    func read(_ json: JSON, path: String, problems: inout [ManifestProblem]) -> BarCount? {
        func note(_ message: String) {
            problems.append(ManifestProblem(path: path, position: json.position, message: message))
        }
        switch json.value {
        case .integer(let number):
            if (0...Int64(BarCount.most)).contains(number) { return .bars(Int(number)) }
            note("must be between 0 and \(BarCount.most), not \(number)")
        case .string(let name):
            let whole = parameters.filter { $0.kind == .int }.map(\.name)
            if whole.contains(name) { return .parameter(name) }
            note(
                "\"\(name)\" is not an int parameter of this manifest"
                    + Suggestion.clause(for: name, among: whole))
        case .object: return combination(json, path: path, problems: &problems)
        default:
            note(
                "must be a whole number, a parameter's name, max_of, sum_of or choice; not \(json.kind)"
            )
        }
        return nil
    }

    private func combination(
        _ json: JSON, path: String, problems: inout [ManifestProblem]
    ) -> BarCount? {
        guard var object = JSONObjectReader(json, path: path, problems: &problems) else {
            return nil
        }
        if let name = object.string("choice") {
            defer { problems += object.problems }
            return choice(name, &object)
        }
        let largest = object.array("max_of")
        let sum = object.array("sum_of")
        let times = Int(object.integer("times", 1...1_000) ?? 1)
        let plus = Int(object.integer("plus", -1_000_000...1_000_000) ?? 0)
        object.noteUnknownKeys()
        defer { problems += object.problems }
        guard (largest == nil) != (sum == nil), let elements = largest ?? sum, !elements.isEmpty
        else {
            object.note(
                largest == nil ? "sum_of" : "max_of",
                "needs one list, max_of or sum_of, of at least one part, or a choice")
            return nil
        }
        var inner: [ManifestProblem] = []
        let parts = elements.enumerated().compactMap {
            read(
                $1, path: "\(path).\(largest == nil ? "sum_of" : "max_of")[\($0)]", problems: &inner
            )
        }
        object.adopt(inner)
        guard parts.count == elements.count else { return nil }
        return largest == nil
            ? .sum(parts, times: times, plus: plus) : .largest(parts, times: times, plus: plus)
    }

    /// A number for each value of an enum or a bool.
    private func choice(_ name: String, _ object: inout JSONObjectReader) -> BarCount? {
        let eligible = parameters.filter { $0.kind == .choice || $0.kind == .bool }
        let cases = object.object("bars", required: true)
        object.noteUnknownKeys()
        guard let declaration = eligible.first(where: { $0.name == name }) else {
            object.note(
                "choice",
                "\"\(name)\" is not an enum or bool parameter of this manifest"
                    + Suggestion.clause(for: name, among: eligible.map(\.name)))
            return nil
        }
        guard var cases else { return nil }
        let words = declaration.kind == .bool ? ["false", "true"] : declaration.choices
        var inner: [ManifestProblem] = []
        let counts = words.compactMap { word in
            cases.member(word, required: true).flatMap {
                read($0, path: cases.path(of: word), problems: &inner)
            }
        }
        cases.noteUnknownKeys()
        object.adopt(cases.problems + inner)
        return counts.count == words.count ? .choice(name, counts) : nil
    }
}
