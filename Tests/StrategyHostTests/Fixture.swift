import Foundation
import Synchronization
import TestGround

/// Test modules, compiled from Tests/Fixtures/plugins when a test needs them, and kept for the next
/// run.
enum Fixture {
    static let root = Checkout.root
    static let sources = root.appending(path: "Tests/Fixtures/plugins")

    /// One compiler at a time: the tests run in parallel and may want the same module.
    private static let compiler = Mutex(())

    struct Failure: Error, CustomStringConvertible { var description: String }

    /// The path of a compiled module.
    static func module(
        _ source: String, _ defines: [String] = [], flags: [String] = []
    ) throws -> String {
        let source = sources.appending(path: source)
        let isCxx = source.pathExtension == "cpp"
        let optimised = flags.contains { $0.hasPrefix("-O") } ? [] : ["-O1"]
        let arguments =
            [isCxx ? "g++" : "gcc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"] + optimised
            + (isCxx ? ["-std=c++17"] : ["-std=c11", "-D_DEFAULT_SOURCE"])
            + ["-I\(root.appending(path: "sdk/include").path)"] + defines.map { "-D" + $0 } + flags
            + [source.path]
        return try compiler.withLock { _ in try build(arguments, source) }
    }

    private static func build(_ arguments: [String], _ source: URL) throws -> String {
        var key = arguments.joined(separator: "\0")
        for file in [
            source, sources.appending(path: "idle.h"),
            root.appending(path: "sdk/include/tapedeck.h"),
        ] {
            key += try String(contentsOf: file, encoding: .utf8)
        }
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "tapedeck-test-modules-\(getuid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let name = source.deletingPathExtension().lastPathComponent
        let file = folder.appending(path: "\(name)-\(fingerprint(key)).so")
        if FileManager.default.fileExists(atPath: file.path) { return file.path }
        // A name of its own, then a rename: another test process may build the same.
        let draft = file.path + ".\(getpid())"
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments + ["-o", draft]
        let output = Pipe()
        process.standardError = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: String(decoding: text, as: UTF8.self))
        }
        guard rename(draft, file.path) == 0 else {
            throw Failure(description: "cannot rename \(draft)")
        }
        return file.path
    }

    /// FNV-1a: the same in every process, unlike `hashValue`.
    private static func fingerprint(_ text: String) -> String {
        String(
            text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01B3
            }, radix: 36)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    /// A folder of its own for one test, removed after it.
    static func withFolder<T>(_ body: (URL) throws -> T) throws -> T {
        let folder = ScratchFolder()
        return try withExtendedLifetime(folder) { try body(folder.url) }
    }
}
