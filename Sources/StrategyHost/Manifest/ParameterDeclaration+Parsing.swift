package import Market

extension ParameterDeclaration {
    /// The longest text that a `string` or `file` may have, in bytes.
    package static let longestText = 1024

    /// A value from what an operator wrote, checked.
    /// - Parameter instruments: those wired to the instance.
    /// - Throws: the reason in words, with the author's own doc.
    package func value(
        _ text: String, instruments: [Instrument]
    ) throws(ParameterProblem) -> ParameterValue {
        guard let value = parse(text, instruments) else {
            throw problem(
                "\"\(text)\" is not \(expectation(instruments))\(suggestion(for: text, instruments))"
            )
        }
        if let objection = objection(to: value) { throw problem(objection) }
        return value
    }

    /// Why a value of the right type is refused; nil when it is not.
    func objection(to value: ParameterValue) -> String? {
        if let minimum, value.isLess(than: minimum) {
            return "\(value.text) is below the least value, \(minimum.text)"
        }
        if let maximum, maximum.isLess(than: value) {
            return "\(value.text) is above the largest value, \(maximum.text)"
        }
        if !allowed.isEmpty, !allowed.contains(value) {
            return "\(value.text) is not one of \(allowed.map(\.text).joined(separator: ", "))"
                + Suggestion.clause(for: value.text, among: allowed.map(\.text))
        }
        switch value {
        case .float(let number) where !number.isFinite: return "is not a finite number"
        case .string(let text), .file(let text):
            if text.utf8.count > Self.longestText {
                return "is longer than \(Self.longestText) bytes"
            }
            if text.utf8.contains(0) { return "holds a zero byte" }
        default: break
        }
        return nil
    }

    /// `int from 1 to 500 bars, default 10`.
    package var summary: String {
        var text = kind.rawValue
        if kind == .choice { text = choices.joined(separator: " | ") }
        if !allowed.isEmpty { text += " of " + allowed.map(\.text).joined(separator: ", ") }
        switch (minimum, maximum) {
        case (let least?, let most?): text += " from \(least.text) to \(most.text)"
        case (let least?, nil): text += " from \(least.text)"
        case (nil, let most?): text += " up to \(most.text)"
        case (nil, nil): break
        }
        if !unit.isEmpty { text += " \(unit)" }
        text += standard.map { ", default \($0.text.isEmpty ? "\"\"" : $0.text)" } ?? ", required"
        return text
    }

    func problem(_ message: String) -> ParameterProblem {
        ParameterProblem(
            parameter: name, message: "\(message) - \(name) is \(summary): \(documentation)")
    }

    private func parse(_ text: String, _ instruments: [Instrument]) -> ParameterValue? {
        switch kind {
        case .bool:
            switch text {
            case "true", "yes", "on": .bool(true)
            case "false", "no", "off": .bool(false)
            default: nil
            }
        case .int: Int64(text).map(ParameterValue.int)
        case .float: Self.number(text).map(ParameterValue.float)
        case .string: .string(text)
        case .file: text.isEmpty ? nil : .file(text)
        case .choice: choices.firstIndex(of: text).map { .choice($0, text) }
        case .duration: SpanOfTime.nanoseconds(text).map(ParameterValue.duration)
        case .instrument:
            instruments.first { $0.symbol == text }.map { .instrument($0.id, symbol: $0.symbol) }
        }
    }

    /// A decimal number, or a percentage of one; no `inf`, `nan` or hexadecimal.
    private static func number(_ text: String) -> Double? {
        let isPercentage = text.hasSuffix("%")
        let digits = isPercentage ? text.dropLast() : text[...]
        guard !digits.isEmpty,
            digits.utf8.allSatisfy({
                (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0)
            })
        else { return nil }
        return Double(digits).map { isPercentage ? $0 / 100 : $0 }
    }

    private func expectation(_ instruments: [Instrument]) -> String {
        switch kind {
        case .bool: "true or false"
        case .int: "a whole number"
        case .float: "a number"
        case .string: "a text"
        case .file: "a path"
        case .choice: "one of \(choices.joined(separator: ", "))"
        case .duration: "a length of time such as 90s, 5m or 1h30m"
        case .instrument:
            "one of its instruments (\(instruments.map(\.symbol).joined(separator: ", ")))"
        }
    }

    private func suggestion(for text: String, _ instruments: [Instrument]) -> String {
        switch kind {
        case .choice: Suggestion.clause(for: text, among: choices)
        case .instrument: Suggestion.clause(for: text, among: instruments.map(\.symbol))
        default: ""
        }
    }
}
