import Foundation

/// Where expected results and real data lie: the environment says, else beside the package.
package enum GoldenFolder {
    package static let golden = folder("TAPEDECK_GOLDEN", "golden")
    package static let data = folder("TAPEDECK_DATA", "data")

    private static func folder(_ variable: String, _ name: String) -> URL {
        if let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty {
            return URL(fileURLWithPath: path, isDirectory: true)
        }
        return Checkout.root.deletingLastPathComponent().appendingPathComponent(
            "shared/\(name)", isDirectory: true)
    }

    package static func json<Value: Decodable>(
        _ path: String, as type: Value.Type = Value.self
    ) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: golden.appendingPathComponent(path)))
    }

    package static func table(_ path: String) throws -> Table {
        try Table(golden.appendingPathComponent(path))
    }

    /// Folders directly within `path`, in order of name.
    package static func folders(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            at: golden.appendingPathComponent(path), includingPropertiesForKeys: [.isDirectoryKey]
        ).filter { $0.hasDirectoryPath }.map(\.lastPathComponent).sorted()
    }
}
