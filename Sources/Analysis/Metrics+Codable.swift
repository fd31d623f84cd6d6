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
        drawdowns = try container.decode([DrawdownEpisode].self, forKey: .drawdowns)
        figures = Figures()
        for (key, value) in try container.decode(StoredFigures.self, forKey: .figures).values {
            guard let metric = Metric(key: key) else { continue }
            figures[metric] = value
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(conventions, forKey: .conventions)
        try container.encode(StoredFigures(lines), forKey: .figures)
        try container.encode(drawdowns, forKey: .drawdowns)
    }
}
