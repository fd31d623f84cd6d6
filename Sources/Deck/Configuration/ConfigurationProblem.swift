/// A place in a text; lines and columns count from one, columns in characters.
package struct SourcePosition: Hashable, Comparable, Sendable {
    package var line: Int
    package var column: Int
    /// The command line override that the text is from, as it was given; nil for the file.
    package var override: String?

    package init(line: Int, column: Int, override: String? = nil) {
        self.line = line
        self.column = column
        self.override = override
    }

    package static func < (a: SourcePosition, b: SourcePosition) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }
}

/// One thing that is wrong with a configuration, where it stands, and what was probably meant.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    /// Nil when the file as a whole is the problem: it is missing, it is empty.
    package var position: SourcePosition?
    package var message: String

    package init(file: String, position: SourcePosition? = nil, message: String) {
        self.file = file
        self.position = position
        self.message = message
    }

    package var description: String {
        guard let position else { return "\(file): \(message)" }
        if let override = position.override { return "--set \(override): \(message)" }
        return "\(file):\(position.line):\(position.column): \(message)"
    }
}

/// Every problem of a configuration at once, in the order of the file.
package struct ConfigurationProblems: Error, Hashable, Sendable, CustomStringConvertible {
    package var problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) { self.problems = problems }

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// Where the problems of one file are collected while it is read.
package final class ProblemList {
    package let file: String
    /// Stops a file that is wrong everywhere from flooding the screen.
    package static let limit = 200
    private var found: [ConfigurationProblem] = []

    package init(file: String) { self.file = file }

    package var isEmpty: Bool { found.isEmpty }

    package func report(_ message: String, at position: SourcePosition?) {
        add(ConfigurationProblem(file: file, position: position, message: message))
    }

    /// The same problem seen twice (a default that two strategies start from) is told once.
    package func add(_ problem: ConfigurationProblem) {
        if found.count < Self.limit, !found.contains(problem) { found.append(problem) }
    }

    package var all: ConfigurationProblems {
        let ordered = found.enumerated().sorted { a, b in
            let places = (a.element.place, b.element.place)
            return places.0 == places.1 ? a.offset < b.offset : places.0 < places.1
        }
        return ConfigurationProblems(ordered.map(\.element))
    }
}

extension ConfigurationProblem {
    fileprivate var place: SourcePosition { position ?? SourcePosition(line: 0, column: 0) }
}
