/// One line of the table: a number and all that must be said beside it.
package struct MetricLine: Hashable, Sendable {
    package let key: String
    package let label: String
    package let group: MetricDefinition.Group
    package let unit: MetricDefinition.Unit
    /// Nil where it is undefined.
    package let value: Double?
    package let convention: String
}

extension Metrics {
    /// Every figure in order, each with its convention. Groups of which no input was given are left
    /// out.
    package var lines: [MetricLine] {
        Metric.allCases.compactMap { metric in
            let definition = metric.definition
            guard isOffered(definition.group) else { return nil }
            return MetricLine(
                key: definition.key, label: definition.label, group: definition.group,
                unit: definition.unit, value: self[metric],
                convention: definition.convention(conventions))
        }
    }

    private func isOffered(_ group: MetricDefinition.Group) -> Bool {
        switch group {
        case .benchmark, .activity:
            Metric.allCases.contains { $0.definition.group == group && self[$0] != nil }
        case .returns, .ratios, .drawdown, .periods, .shape, .trades: true
        }
    }
}

extension MetricLine {
    /// A line about trades.
    init(
        _ key: String, _ label: String, _ unit: MetricDefinition.Unit, _ value: Double?,
        _ convention: String
    ) {
        self.init(
            key: key, label: label, group: .trades, unit: unit, value: value,
            convention: convention)
    }
}
