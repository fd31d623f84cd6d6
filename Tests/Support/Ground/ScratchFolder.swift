import Foundation

/// A folder of its own for one test; it goes with its contents at the end.
package final class ScratchFolder: Sendable {
    package let path: String

    package init() {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tapedeck-test-XXXXXX"
        ).path
        var template = Array(place.utf8CString)
        guard let made = mkdtemp(&template) else {
            preconditionFailure("no folder can be made at \(place)")
        }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package var url: URL { URL(fileURLWithPath: path, isDirectory: true) }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// What is in it, sorted.
    package var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    package func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: file(name))
    }

    package func read(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }

    /// The path of what was written.
    @discardableResult package func write(_ bytes: some Sequence<UInt8>, _ name: String) -> String {
        let isWritten = FileManager.default.createFile(atPath: file(name), contents: Data(bytes))
        precondition(isWritten, "\(file(name)) cannot be written")
        return file(name)
    }

    @discardableResult package func write(_ text: String, _ name: String) -> String {
        write(text.utf8, name)
    }
}

/// The whole file; empty when it cannot be read.
package func bytes(of path: String) -> [UInt8] {
    FileManager.default.contents(atPath: path).map(Array.init) ?? []
}

/// Two files, compared without printing them.
package func haveSameBytes(_ one: String, _ other: String) -> Bool {
    bytes(of: one) == bytes(of: other)
}
