import Foundation
import Testing

/// Where expected results and real data lie: the environment says, else beside the package.
enum GoldenFolder {
    static let golden = folder("TAPEDECK_GOLDEN", "golden")
    static let data = folder("TAPEDECK_DATA", "data")

    private static func folder(_ variable: String, _ name: String) -> URL {
        if let path = ProcessInfo.processInfo.environment[variable] {
            return URL(fileURLWithPath: path, isDirectory: true)
        }
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.appendingPathComponent("shared/\(name)", isDirectory: true)
    }

    static func json<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: golden.appendingPathComponent(path)))
    }
}

/// A table of text: a header and its rows.
struct Table {
    let columns: [String]
    let rows: [[String]]

    init(_ url: URL) throws {
        let text = try String(contentsOf: url, encoding: .utf8)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: true)
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        columns = lines.removeFirst()
        rows = lines
    }

    func column(_ name: String) throws -> Int { try #require(columns.firstIndex(of: name), "no \(name)") }
}
