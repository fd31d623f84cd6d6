import CTapedeck

/// One parameter as its author declared it.
package struct ParameterDeclaration: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case bool, int, float, string
        case choice = "enum"
        case duration, instrument, file

        /// `TD_PARAM_*`.
        package var code: UInt32 {
            switch self {
            case .bool: UInt32(TD_PARAM_BOOL)
            case .int: UInt32(TD_PARAM_INT)
            case .float: UInt32(TD_PARAM_FLOAT)
            case .string: UInt32(TD_PARAM_STRING)
            case .choice: UInt32(TD_PARAM_ENUM)
            case .duration: UInt32(TD_PARAM_DURATION)
            case .instrument: UInt32(TD_PARAM_INSTRUMENT)
            case .file: UInt32(TD_PARAM_FILE)
            }
        }
    }

    package var id: UInt32
    package var name: String
    package var kind: Kind
    package var documentation = ""
    package var unit = ""
    package var isLive = false
    /// Nil: the operator must give a value.
    package var standard: ParameterValue?
    package var minimum: ParameterValue?
    package var maximum: ParameterValue?
    /// The choices of an `enum` in their order.
    package var choices: [String] = []
    /// The only values allowed; empty for no such limit.
    package var allowed: [ParameterValue] = []

    package init(id: UInt32, name: String, kind: Kind) {
        self.id = id
        self.name = name
        self.kind = kind
    }
}

/// A value of one parameter.
package enum ParameterValue: Hashable, Sendable {
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case string(String)
    /// The place in `choices`, and the word.
    case choice(Int, String)
    /// Nanoseconds.
    case duration(Int64)
    case instrument(UInt16, symbol: String)
    case file(String)

    /// As an operator writes it.
    package var text: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .int(let value): "\(value)"
        case .float(let value): Self.shortest(value)
        case .string(let text), .file(let text), .choice(_, let text): text
        case .duration(let nanoseconds): SpanOfTime.text(nanoseconds: nanoseconds)
        case .instrument(_, let symbol): symbol
        }
    }

    private static func shortest(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Whether it comes before another of the same kind.
    func isLess(than other: ParameterValue) -> Bool {
        switch (self, other) {
        case (.int(let a), .int(let b)), (.duration(let a), .duration(let b)): a < b
        case (.float(let a), .float(let b)): a < b
        default: false
        }
    }
}

extension ParameterValue {
    /// As a recorded command carries it; nil for text.
    package var asNumber: Double? {
        switch self {
        case .string, .file: nil
        default: number
        }
    }
}

extension ParameterDeclaration {
    /// What an operator would write for the number that a recorded command carries; nil where that
    /// says nothing.
    package func text(of number: Double) -> String? {
        guard number.isFinite, number.magnitude < 9e15 else { return nil }
        switch kind {
        case .bool: return number == 0 ? "false" : "true"
        case .int: return "\(Int64(number))"
        case .float: return ParameterValue.float(number).text
        case .choice: return choices.indices.contains(Int(number)) ? choices[Int(number)] : nil
        case .duration: return ParameterValue.duration(Int64(number)).text
        case .instrument, .string, .file: return nil
        }
    }
}
