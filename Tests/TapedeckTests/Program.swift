import Foundation
import Synchronization

/// The program under test, as built beside the tests, run as a person runs it.
struct Program {
    /// What came of one run.
    struct Ending: CustomStringConvertible {
        var status: Int32
        /// Nil when it ended by itself.
        var signal: Int32?
        var output: String
        var errors: String

        var lines: [String] {
            output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }

        /// What a failed expectation shows.
        var description: String {
            "status \(status)\(signal.map { ", signal \($0)" } ?? "")\n--- output\n\(output)--- errors\n\(errors)"
        }
    }

    /// `tapedeck`, in the folder of the tests' own program.
    static let path: String = {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: own).deletingLastPathComponent().appending(path: "tapedeck").path
    }()

    /// Where it runs.
    var folder: URL
    var environment: [String: String] = [:]

    /// Runs it to its end; what takes longer than `seconds` is ended.
    func run(_ arguments: [String], seconds: Double = 120) throws -> Ending {
        let running = try start(arguments)
        return running.end(within: seconds)
    }

    func start(_ arguments: [String], program: String = Program.path) throws -> Running {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        var environment = ProcessInfo.processInfo.environment
        for name in ["NO_COLOR", "TAPEDECK"] { environment[name] = nil }
        process.environment = environment.merging(self.environment) { $1 }
        return try Running(process)
    }

    /// One run that has not ended yet.
    final class Running: Sendable {
        private let process: Process
        private let output: Collected
        private let errors: Collected

        fileprivate init(_ process: Process) throws {
            self.process = process
            output = Collected()
            errors = Collected()
            process.standardOutput = output.pipe
            process.standardError = errors.pipe
            process.standardInput = FileHandle.nullDevice
            try process.run()
            output.begin()
            errors.begin()
        }

        /// A test that gave up leaves nothing running.
        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

        /// Waits until standard output has this text so often; false when it ended without.
        func waits(for text: String, times: Int = 1) -> Bool { output.waits(for: text, times) }

        /// The same for standard error.
        func complains(of text: String) -> Bool { errors.waits(for: text, 1) }

        func end(within seconds: Double = 120) -> Ending {
            let watch = DispatchWorkItem { [process] in kill(process.processIdentifier, SIGKILL) }
            DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: watch)
            process.waitUntilExit()
            watch.cancel()
            let isSignal = process.terminationReason == .uncaughtSignal
            return Ending(
                status: process.terminationStatus,
                signal: isSignal ? process.terminationStatus : nil,
                output: output.all(), errors: errors.all())
        }
    }

    /// Reads one pipe to its end on a thread of its own, so that neither side waits for ever.
    private final class Collected: Sendable {
        let pipe = Pipe()
        private let text = Mutex("")
        private let isWhole = DispatchSemaphore(value: 0)
        private let hasMore = DispatchSemaphore(value: 0)

        func begin() {
            let reader = pipe.fileHandleForReading
            Thread.detachNewThread { [self] in
                while case let data = reader.availableData, !data.isEmpty {
                    text.withLock { $0 += String(decoding: data, as: UTF8.self) }
                    hasMore.signal()
                }
                isWhole.signal()
                hasMore.signal()
            }
        }

        func waits(for part: String, _ times: Int) -> Bool {
            while true {
                if text.withLock({ $0.ranges(of: part).count >= times }) { return true }
                guard hasMore.wait(timeout: .now() + 60) == .success else { return false }
                if isWhole.wait(timeout: .now()) == .success {
                    isWhole.signal()
                    return text.withLock { $0.ranges(of: part).count >= times }
                }
            }
        }

        func all() -> String {
            isWhole.wait()
            isWhole.signal()
            return text.withLock { $0 }
        }
    }
}
