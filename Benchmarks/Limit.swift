import Foundation

/// The C limits on the same work and data, run as their own program.
struct Limit {
    let program: String
    let plugin: String

    /// Nanoseconds a unit, of processor or of wall time: the median of the limit's own repetitions.
    func nanoseconds(_ arguments: [String], _ clock: Clock) throws -> Double {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ["REPS": "3"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkFailure("\(program) \(arguments) failed")
        }
        struct Line: Decodable {
            let median_s: Double
            let cpu_s: Double
            let units: Double
        }
        // Some modes print a line more than the one that is asked for; the last is the figure.
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        guard let last = lines.last else {
            throw BenchmarkFailure("\(program) \(arguments) printed nothing")
        }
        let line = try JSONDecoder().decode(Line.self, from: Data(last))
        return (clock == .wall ? line.median_s : line.cpu_s) / line.units * 1e9
    }
}

/// Processor time is what a shared machine leaves comparable; wall time is what several lanes are
/// for.
enum Clock { case processor, wall, thread }

struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// One task: our figure and, where there is one, the limit's, taken in turn so that a drift of the
/// machine hits both.
struct Task {
    let name: String
    let goal: String
    let limit: [String]?
    var clock = Clock.processor
    /// Nanoseconds a unit. Throws when the result is not the expected one: a figure counts only
    /// if the fills match.
    let run: () throws -> Double
    /// What stands in for the limit where it is our own work without something.
    var without: (() throws -> Double)? = nil
}

struct Figure: Encodable {
    let task: String
    let ns: Double
    let limit_ns: Double?
    let ratio: Double?
    let goal: String
}

extension Task {
    func measure(rounds: Int, limit program: Limit) throws -> Figure {
        var ours: [Double] = []
        var limits: [Double] = []
        var ratios: [Double] = []
        for _ in 0..<rounds {
            let value = try run()
            ours.append(value)
            if let bound = try limit.map({ try program.nanoseconds($0, clock) }) ?? without?() {
                limits.append(bound)
                ratios.append(value / bound)
            }
        }
        return Figure(
            task: name, ns: ours.median, limit_ns: limits.isEmpty ? nil : limits.median,
            ratio: ratios.isEmpty ? nil : ratios.median, goal: goal)
    }
}

extension [Double] {
    var median: Double { sorted()[count / 2] }
}

func seconds(_ clock: Clock = .processor, _ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        let source =
            switch clock {
            case .processor: CLOCK_PROCESS_CPUTIME_ID
            case .wall: CLOCK_MONOTONIC
            case .thread: CLOCK_THREAD_CPUTIME_ID
            }
        clock_gettime(source, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let start = now()
    try body()
    return now() - start
}
