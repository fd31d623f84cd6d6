package import Analysis

/// One figure of a result with everything that must be said beside it; what a table prints and JSON
/// keeps.
package struct FigureLine: Hashable, Sendable, Codable {
    package var key: String
    package var label: String
    package var group: String
    /// `fraction`, `ratio`, `count` or `money`.
    package var unit: String
    /// Undefined or infinite where there is no finite one.
    package var value: ExtendedNumber
    package var convention: String

    package init(_ line: MetricLine) {
        key = line.key
        label = line.label
        group = line.group.rawValue
        unit = line.unit.rawValue
        value = ExtendedNumber(line.value)
        convention = line.convention
    }
}

extension [FigureLine] {
    /// The figure with this key; nil also where it is undefined.
    package subscript(key: String) -> Double? { first { $0.key == key }?.value.number }
}
