import Foundation

/// usage: tapedeck-bench --work DIR [--json] [--rounds N] [TASK ...]
@main
struct Main {
    static func main() {
        do {
            try run()
        } catch {
            FileHandle.standardError.write(Data("tapedeck-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() throws {
        var work = ".build-bench"
        var json = false
        var rounds = 3
        var wanted: [String] = []
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--work": work = arguments.popFirst() ?? work
            case "--json": json = true
            case "--rounds": rounds = arguments.popFirst().flatMap { Int($0) } ?? rounds
            default: wanted.append(argument)
            }
        }
        let limit = Limit(program: "\(work)/bin/limit", plugin: "\(work)/bin/sma_plugin.so")
        let tasks = try Tasks(BenchmarkData(folder: work), limit).all
        let unknown = wanted.filter { name in !tasks.contains { $0.name == name } }
        guard unknown.isEmpty else {
            throw BenchmarkFailure(
                "no task \(unknown.joined(separator: ", ")); there are "
                    + tasks.map(\.name).joined(separator: ", "))
        }
        for task in tasks where wanted.isEmpty || wanted.contains(task.name) {
            show(try task.measure(rounds: rounds, limit: limit), json: json)
        }
    }

    private static func show(_ figure: Figure, json: Bool) {
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            if let bytes = try? encoder.encode(figure) {
                print(String(decoding: bytes, as: UTF8.self))
            }
        } else {
            func number(_ value: Double?) -> String {
                value.map { String(format: "%10.2f", $0) } ?? "         -"
            }
            print(
                figure.task.padding(toLength: 16, withPad: " ", startingAt: 0), number(figure.ns),
                number(figure.limit_ns), number(figure.ratio), " ", figure.goal)
        }
        fflush(nil)
    }
}
