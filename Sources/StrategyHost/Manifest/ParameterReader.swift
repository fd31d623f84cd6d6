import Market

/// Reads and checks one parameter's declaration.
enum ParameterReader {
    static func read(
        _ json: JSON, path: String, problems: inout [ManifestProblem]
    ) -> ParameterDeclaration? {
        guard var object = JSONObjectReader(json, path: path, problems: &problems) else {
            return nil
        }
        defer { problems += object.problems }
        let id = object.integer("id", required: true, 1...Int64(UInt32.max))
        let name = object.string("name", required: true, longest: 64)
        let kindName = object.string("type", required: true)
        let documentation = object.string("doc", required: true, longest: 1024)
        let unit = object.string("unit")
        let isLive = object.bool("live")
        let standard = object.member("default")
        let minimum = object.member("min")
        let maximum = object.member("max")
        let values = object.array("values")
        object.noteUnknownKeys()

        if let name, !isName(name) {
            object.note("name", "\"\(name)\" must be a-z, 0-9 and _, a letter first")
        }
        guard let kindName else { return nil }
        let kinds = ParameterDeclaration.Kind.allCases.map(\.rawValue)
        guard let kind = ParameterDeclaration.Kind(rawValue: kindName) else {
            object.note(
                "type",
                "\"\(kindName)\" is not one of \(kinds.joined(separator: ", "))"
                    + Suggestion.clause(for: kindName, among: kinds))
            return nil
        }
        guard let id, let name else { return nil }
        var parameter = ParameterDeclaration(id: UInt32(id), name: name, kind: kind)
        parameter.documentation = documentation ?? ""
        parameter.unit = unit ?? ""
        parameter.isLive = isLive ?? false
        bounds(&parameter, minimum, maximum, &object)
        allowed(&parameter, values, &object)
        self.standard(&parameter, standard, &object)
        return parameter
    }

    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
        }
    }

    private static func bounds(
        _ parameter: inout ParameterDeclaration, _ minimum: JSON?, _ maximum: JSON?,
        _ object: inout JSONObjectReader
    ) {
        for (key, json) in [("min", minimum), ("max", maximum)] {
            guard let json else { continue }
            guard [.int, .float, .duration].contains(parameter.kind) else {
                object.note(
                    key, "has no meaning for a parameter of type \(parameter.kind.rawValue)")
                continue
            }
            guard let value = value(json, parameter.kind) else {
                object.note(key, mismatch(json, parameter.kind))
                continue
            }
            if key == "min" { parameter.minimum = value } else { parameter.maximum = value }
        }
        if let least = parameter.minimum, let most = parameter.maximum, most.isLess(than: least) {
            object.note("min", "\(least.text) is larger than max, \(most.text)")
        }
    }

    private static func allowed(
        _ parameter: inout ParameterDeclaration, _ values: [JSON]?, _ object: inout JSONObjectReader
    ) {
        guard let values else {
            if parameter.kind == .choice {
                object.note("values", "is missing: an enum needs its choices")
            }
            return
        }
        guard [.choice, .int, .float, .string].contains(parameter.kind) else {
            object.note(
                "values", "has no meaning for a parameter of type \(parameter.kind.rawValue)")
            return
        }
        if values.isEmpty { object.note("values", "is empty") }
        for json in values {
            // An enum's choices are words; the others are values of their own type.
            let kind = parameter.kind == .choice ? .string : parameter.kind
            guard let value = value(json, kind), !value.text.isEmpty else {
                object.note("values", at: json.position, mismatch(json, kind))
                continue
            }
            if parameter.allowed.contains(value) || parameter.choices.contains(value.text) {
                object.note("values", at: json.position, "\"\(value.text)\" stands here twice")
            }
            if parameter.kind == .choice {
                parameter.choices.append(value.text)
            } else {
                parameter.allowed.append(value)
            }
        }
    }

    private static func standard(
        _ parameter: inout ParameterDeclaration, _ json: JSON?, _ object: inout JSONObjectReader
    ) {
        guard let json else { return }
        if parameter.kind == .choice, case .string(let word) = json.value {
            guard let place = parameter.choices.firstIndex(of: word) else {
                object.note(
                    "default",
                    "\"\(word)\" is not one of its values"
                        + Suggestion.clause(for: word, among: parameter.choices))
                return
            }
            parameter.standard = .choice(place, word)
            return
        }
        guard let value = value(json, parameter.kind) else {
            object.note("default", mismatch(json, parameter.kind))
            return
        }
        if let reason = parameter.objection(to: value) {
            object.note("default", reason)
        } else {
            parameter.standard = value
        }
    }

    /// A JSON value as one of a parameter's type; nil when it is not.
    private static func value(_ json: JSON, _ kind: ParameterDeclaration.Kind) -> ParameterValue? {
        switch (kind, json.value) {
        case (.bool, .bool(let value)): .bool(value)
        case (.int, .integer(let value)): .int(value)
        case (.float, .integer(let value)): .float(Double(value))
        case (.float, .number(let value)): .float(value)
        case (.string, .string(let text)): .string(text)
        case (.file, .string(let text)): .file(text)
        case (.duration, .string(let text)):
            SpanOfTime.nanoseconds(text).map(ParameterValue.duration)
        default: nil
        }
    }

    private static func mismatch(_ json: JSON, _ kind: ParameterDeclaration.Kind) -> String {
        switch kind {
        case .duration: "must be a length of time such as \"5m\""
        case .instrument: "is not possible: the operator wires instruments"
        case .bool: "must be true or false, not \(json.kind)"
        case .int: "must be a whole number, not \(json.kind)"
        case .float: "must be a number, not \(json.kind)"
        case .string, .choice, .file: "must be a text that is not empty, not \(json.kind)"
        }
    }
}
