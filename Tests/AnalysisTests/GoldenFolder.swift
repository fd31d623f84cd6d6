import Foundation

/// Where expected results lie: `TAPEDECK_GOLDEN`, else `shared/golden` beside the package.
enum GoldenFolder {
    static let url: URL = {
        if let path = ProcessInfo.processInfo.environment["TAPEDECK_GOLDEN"], !path.isEmpty {
            return URL(fileURLWithPath: path, isDirectory: true)
        }
        return URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("shared/golden", isDirectory: true)
    }()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: url.appendingPathComponent(path), encoding: .utf8)
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONDecoder().decode(
            JSONValue.self, from: Data(contentsOf: url.appendingPathComponent(path)))
    }

    /// The rows of a table as columns by name.
    static func columns(_ path: String) throws -> [String: [String]] {
        let lines = try text(path).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        var columns: [String: [String]] = [:]
        for (place, name) in (lines.first ?? []).enumerated() {
            columns[name] = lines.dropFirst().map { $0[place] }
        }
        return columns
    }

    /// Folders directly within `path`, in order of name.
    static func folders(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            at: url.appendingPathComponent(path), includingPropertiesForKeys: [.isDirectoryKey]
        ).filter { $0.hasDirectoryPath }.map(\.lastPathComponent).sorted()
    }
}

enum JSONValue: Decodable {
    case null, bool(Bool), number(Double), text(String), list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() { self = .null
        } else if let x = try? container.decode(Bool.self) { self = .bool(x)
        } else if let x = try? container.decode(Double.self) { self = .number(x)
        } else if let x = try? container.decode(String.self) { self = .text(x)
        } else if let x = try? container.decode([JSONValue].self) { self = .list(x)
        } else { self = .object(try container.decode([String: JSONValue].self)) }
    }

    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }
    var object: [String: JSONValue] { if case .object(let x) = self { x } else { [:] } }
    var list: [JSONValue] { if case .list(let x) = self { x } else { [] } }
    var text: String? { if case .text(let x) = self { x } else { nil } }
    /// Numbers, and "inf" and "-inf" for what JSON has no number for.
    var number: Double? {
        switch self {
        case .number(let x): x
        case .text("inf"): .infinity
        case .text("-inf"): -.infinity
        case .null, .bool, .text, .list, .object: nil
        }
    }
}

/// Equal to `tolerance` relative to what is expected; nothing equals nothing.
func agrees(_ found: Double?, _ expected: Double?, _ tolerance: Double) -> Bool {
    guard let found, let expected else { return found == nil && expected == nil }
    return found == expected || abs(found - expected) <= tolerance * abs(expected)
}
