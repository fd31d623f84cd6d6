import Foundation

/// What came of running a program to its end.
package struct ProgramRun {
    /// Negative when a signal ended it.
    package let status: Int32
    package let output: String
    package let error: String
}

/// Runs a program to its end; ended by force after `seconds`.
package func run(
    _ program: String, _ arguments: [String], in folder: String? = nil, seconds: Int = 240
) throws -> ProgramRun {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["\(seconds)", program] + arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    // Files, not pipes: a full pipe nobody reads would stop the program.
    let scratch = ScratchFolder()
    process.standardOutput = FileHandle(forWritingAtPath: scratch.write("", "output"))
    process.standardError = FileHandle(forWritingAtPath: scratch.write("", "error"))
    try process.run()
    process.waitUntilExit()
    let crashed = process.terminationReason == .uncaughtSignal
    return ProgramRun(
        status: crashed ? -process.terminationStatus : process.terminationStatus,
        output: try scratch.read("output"), error: try scratch.read("error"))
}
