/// Any JSON, where a golden has no fixed shape.
package enum JSONValue: Decodable {
    case null, bool(Bool), number(Double), text(String), list([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let x = try? container.decode(Bool.self) {
            self = .bool(x)
        } else if let x = try? container.decode(Double.self) {
            self = .number(x)
        } else if let x = try? container.decode(String.self) {
            self = .text(x)
        } else if let x = try? container.decode([JSONValue].self) {
            self = .list(x)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }
    package var object: [String: JSONValue] { if case .object(let x) = self { x } else { [:] } }
    package var list: [JSONValue] { if case .list(let x) = self { x } else { [] } }
    package var text: String? { if case .text(let x) = self { x } else { nil } }
    /// Numbers, and "inf" and "-inf" for what JSON has no number for.
    package var number: Double? {
        switch self {
        case .number(let x): x
        case .text("inf"): .infinity
        case .text("-inf"): -.infinity
        case .null, .bool, .text, .list, .object: nil
        }
    }
}
