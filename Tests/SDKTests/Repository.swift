import Foundation

/// Where things are, seen from this file.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func path(_ relative: String) -> String { root.appending(path: relative).path }

    /// A folder of expected results or of real data: from the environment, else beside the repository.
    static func shared(_ variable: String, _ folder: String) -> URL {
        if let path = ProcessInfo.processInfo.environment[variable] { return URL(filePath: path) }
        return root.deletingLastPathComponent().appending(path: "shared/\(folder)")
    }

    static var golden: URL { shared("TAPEDECK_GOLDEN", "golden") }
    static var data: URL { shared("TAPEDECK_DATA", "data") }

    static func text(_ relative: String) throws -> String {
        try String(contentsOf: root.appending(path: relative), encoding: .utf8)
    }
}

struct Outcome {
    var status: Int32
    var output: String
    var error: String
}

/// Runs a program to its end; ended by force after `seconds`.
func run(_ program: String, _ arguments: [String], in folder: String? = nil, seconds: Int = 240) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/timeout")
    process.arguments = ["\(seconds)", program] + arguments
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    let scratch = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    // Files, not pipes: a full pipe nobody reads would stop the program.
    let files = ["\(scratch)/output", "\(scratch)/error"]
    for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: files[0])
    process.standardError = FileHandle(forWritingAtPath: files[1])
    try process.run()
    process.waitUntilExit()
    let texts = try files.map { try String(decoding: Data(contentsOf: URL(filePath: $0)), as: UTF8.self) }
    let crashed = process.terminationReason == .uncaughtSignal
    return Outcome(
        status: crashed ? -process.terminationStatus : process.terminationStatus, output: texts[0], error: texts[1])
}

func temporaryFolder() throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "tapedeck-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}
