/// As JSON: `conventions`, `figures` by key with value, unit and convention, `drawdowns`. A figure
/// that is undefined has the value null, an infinite one the text "inf" or "-inf", which JSON has
/// no number for.
extension Metrics: Codable {
    private enum CodingKeys: String, CodingKey {
        case conventions, figures, drawdowns
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        conventions = try container.decode(MetricConventions.self, forKey: .conventions)
        drawdowns = try container.decode([Drawdown].self, forKey: .drawdowns)
        figures = Figures()
        let stored = try container.nestedContainer(keyedBy: MetricKey.self, forKey: .figures)
        for key in stored.allKeys {
            figures[key.metric] = try stored.decode(StoredFigure.self, forKey: key).value.number
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(conventions, forKey: .conventions)
        var stored = container.nestedContainer(keyedBy: MetricKey.self, forKey: .figures)
        for line in lines {
            let figure = StoredFigure(
                value: ExtendedNumber(line.value), unit: line.unit, convention: line.convention)
            try stored.encode(figure, forKey: MetricKey(metric: line.metric))
        }
        try container.encode(drawdowns, forKey: .drawdowns)
    }
}

private struct StoredFigure: Codable {
    var value: ExtendedNumber
    var unit: MetricDefinition.Unit
    var convention: String
}

private struct MetricKey: CodingKey {
    var metric: Metric
    var stringValue: String { metric.definition.key }
    var intValue: Int? { nil }
    init(metric: Metric) { self.metric = metric }
    init?(stringValue: String) {
        guard let metric = Metric(key: stringValue) else { return nil }
        self.metric = metric
    }
    init?(intValue: Int) { nil }
}
