import FoundationEssentials

enum Coding {
    /// Through JSON and back.
    static func copy<Value: Codable>(of value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(value))
    }
}
