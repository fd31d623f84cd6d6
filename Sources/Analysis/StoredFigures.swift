/// A table as JSON: by key, each with its value, unit and convention.
struct StoredFigures: Codable {
    private let lines: [MetricLine]
    /// What was read; conventions are remade by whoever knows the figures.
    private(set) var values: [(key: String, value: Double?)] = []

    init(_ lines: [MetricLine]) { self.lines = lines }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Figure: Codable {
        var value: ExtendedNumber
        var unit: MetricDefinition.Unit
        var convention: String
    }

    init(from decoder: any Decoder) throws {
        lines = []
        let container = try decoder.container(keyedBy: Key.self)
        for key in container.allKeys {
            let figure = try container.decode(Figure.self, forKey: key)
            values.append((key.stringValue, figure.value.number))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for line in lines {
            let figure = Figure(
                value: ExtendedNumber(line.value), unit: line.unit, convention: line.convention)
            try container.encode(figure, forKey: Key(stringValue: line.key))
        }
    }
}
